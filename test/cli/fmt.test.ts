/** The canonical layout on the command line. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { code } from '../notebook/kit.js';
import { Place } from './kit.js';

describe('fmt', () => {
  it('rewrites what is laid out otherwise, and names it', async () => {
    const place = new Place();
    place.write('a.mremap', 'let a=1G  # one\nmunmap( a,4096 )=0');
    place.write('b.mremap', 'print 1\n');
    expect(await place.run(['fmt', 'a.mremap', 'b.mremap'])).toEqual({ stdout: 'a.mremap: changed\n', stderr: '', status: 0 });
    expect(readFileSync(place.path('a.mremap'), 'utf8')).toBe('let a = 1G  # one\nmunmap(a, 4096) = 0\n');
    expect(await place.run(['fmt', 'a.mremap', 'b.mremap'])).toEqual({ stdout: '', stderr: '', status: 0 });
  });

  it('changes nothing with --check, and fails where it would', async () => {
    const place = new Place();
    place.write('a.mremap', 'print  1');
    expect(await place.run(['fmt', '--check', 'a.mremap'])).toEqual({ stdout: 'a.mremap: would change\n', stderr: '', status: 1 });
    expect(readFileSync(place.path('a.mremap'), 'utf8')).toBe('print  1');
    place.write('b.mremap', 'print 1\n');
    expect(await place.run(['fmt', '--check', 'b.mremap'])).toMatchObject({ stdout: '', status: 0 });
  });

  it('leaves a file with a mistake alone, and does the others', async () => {
    const place = new Place();
    place.write('a.mremap', 'print  (1\nlet x = = 2\n');
    place.write('b.mremap', 'print  1');
    const { stdout, status } = await place.run(['fmt', 'a.mremap', 'b.mremap']);
    expect(stdout).toMatch(/^a\.mremap:1:\d+: error\[[^]*b\.mremap: changed\n$/);
    expect(status).toBe(2);
    expect(readFileSync(place.path('a.mremap'), 'utf8')).toBe('print  (1\nlet x = = 2\n');
  });

  it('lays out the cells of a notebook, but for other languages and what is broken', async () => {
    const place = new Place();
    place.notebook('a.ipynb', code('%lsmagic\n\nprint  1'), code('%%ts\nconst  a = 1'), code('%%strace\nbrk(NULL)  = 0x1000'), code('let a=1'));
    expect(await place.run(['fmt', 'a.ipynb'])).toEqual({ stdout: 'a.ipynb: changed\n', stderr: '', status: 0 });
    const { cells } = JSON.parse(readFileSync(place.path('a.ipynb'), 'utf8')) as { cells: { source: string[] }[] };
    expect(cells.map(({ source }) => source.join(''))).toEqual(['%lsmagic\nprint 1', '%%ts\nconst  a = 1', '%%strace\nbrk(NULL)  = 0x1000', 'let a = 1']);
    expect(await place.run(['fmt', '--check', 'a.ipynb'])).toMatchObject({ stdout: '', status: 0 });
  });

  it('has no layout for logs', async () => {
    const place = new Place();
    place.write('a.strace', '');
    expect(await place.run(['fmt', 'a.strace'])).toMatchObject({ status: 2, stderr: expect.stringContaining('a.strace: has no layout of ours') });
    expect(await place.run(['fmt', 'no.mremap'])).toMatchObject({ status: 2, stderr: expect.stringContaining('no such file') });
  });
});
