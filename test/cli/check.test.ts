import { describe, expect, it } from 'vitest';
import { code, markdown } from '../notebook/kit.js';
import { PAGE, Place } from './kit.js';

describe('check', () => {
  it('is silent about what is right, and runs nothing', async () => {
    const place = new Place();
    place.write('a.mremap', `${PAGE}print "ran"\nexpect p == 1\n`);
    expect(await place.run(['check', 'a.mremap'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('prints every mistake at its place', async () => {
    const place = new Place();
    place.write('a.mremap', `${PAGE}mremap(p, 4K, 8K, MREMAP_MAYMOV)\nprint elsewhere\nmunmap(p, 4K\n`);
    const { status, stdout } = await place.run(['check', 'a.mremap']);
    expect(stdout.match(/^a\.mremap:\d+:\d+: error\[[a-z-]+\]: .*$/gm)).toEqual([
      expect.stringMatching(/^a\.mremap:3:19: error\[unknown-flag\]: /),
      expect.stringMatching(/^a\.mremap:4:7: error\[unknown-name\]: /),
      expect.stringMatching(/^a\.mremap:5:7: error\[unclosed-bracket\]: /),
    ]);
    expect(status).toBe(2);
  });

  it('knows in a cell what earlier cells bound, and keeps a cell to itself otherwise', async () => {
    const place = new Place();
    place.notebook(
      'a.ipynb',
      markdown('# Title'),
      code(PAGE),
      code('%%ts\nlet q = 1'),
      code('munmap(p, 4K'),
      code('print p\nprint q'),
      code('print wrong', [], 'raises-exception'),
    );
    const { status, stdout } = await place.run(['check', 'a.ipynb']);
    expect(stdout.match(/^\S.*: error\[.*$/gm)).toEqual([
      expect.stringMatching(/^a\.ipynb:cell 3:1:7: error\[unclosed-bracket\]: /),
      expect.stringMatching(/^a\.ipynb:cell 4:2:7: error\[unknown-name\]: .*`q`/),
    ]);
    expect(status).toBe(2);
  });

  it('checks every file', async () => {
    const place = new Place();
    place.write('b.mremap', 'print nothing\n');
    const { status, stdout, stderr } = await place.run(['check', 'a.mremap', 'b.mremap']);
    expect(stderr).toContain('a.mremap: no such file');
    expect(stdout).toContain('b.mremap:1:7: error[unknown-name]');
    expect(status).toBe(2);
  });
});
