import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { code } from '../notebook/kit.js';
import { PAGE, Place } from './kit.js';

const MOVE = `${PAGE}memset(p, 0xff, 4K)\nm = mremap(p, 4K, 4K, MREMAP_MAYMOVE|MREMAP_FIXED, 0x20000000)\n`;

describe('run', () => {
  it('prints what a script says, then one line about it', async () => {
    const place = new Place();
    place.write('a.mremap', `${MOVE}print "moved", m\nexpect m == 0x20000000\n`);
    const { stdout, stderr, status } = await place.run(['run', 'a.mremap']);
    expect(stdout).toBe('moved 0x20000000\na.mremap: ok: 6 statements, 1 expectation held\n');
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  it('takes a refused call as a result, and says why it was refused', async () => {
    const place = new Place();
    place.write('a.mremap', `${PAGE}mremap(p, 4096, 4096, MREMAP_FIXED, 0x20000000)\n`);
    const { stdout, status } = await place.run(['run', 'a.mremap']);
    expect(stdout).toContain('EINVAL: MREMAP_FIXED needs MREMAP_MAYMOVE');
    expect(status).toBe(0);
  });

  const RACE = `${PAGE}race r { thread a { munmap(p, 4K) } thread b { poke(p, 1) } }\n`;

  it.each([
    ['expect never deadlock', ['--states', '3'], 3, '0 expectations held, 1 undecided'],
    ['expect never deadlock', ['--preemptions', '0'], 3, '0 expectations held, 1 undecided'],
    ['expect never deadlock', [], 0, '1 expectation held'],
    // What failed is worse than what could not be decided.
    ['expect never deadlock\nexpect 1 == 2', ['--states', '3'], 1, '1 of 2 expectations failed, 1 undecided'],
  ])('has a status of its own for what was not decided: %s %s', async (expectation, options, code_, summary) => {
    const place = new Place();
    place.write('a.mremap', `${RACE}${expectation}\n`);
    const { status, stdout } = await place.run(['run', 'a.mremap', ...options]);
    expect(status).toBe(code_);
    expect(stdout).toContain(summary);
  });

  it('shows views as text', async () => {
    const place = new Place();
    place.write('a.mremap', `${MOVE}show moves m\n`);
    const { stdout } = await place.run(['run', 'a.mremap']);
    expect(stdout).toContain('moved 1 PTE');
    expect(stdout).not.toContain('\x1b[');
  });

  it('runs every file, whatever becomes of one, and ends with the worst status', async () => {
    const place = new Place();
    place.write('a.mremap', 'expect 1 == 2\n');
    place.write('c.mremap', 'print "c"\n');
    const { stdout, stderr, status } = await place.run(['run', 'a.mremap', 'b.mremap', 'c.mremap']);
    expect(stdout).toMatch(/a\.mremap: failed: .*c\.mremap: ok: /s);
    expect(stderr).toBe('mremap-lab: b.mremap: no such file\n  check the path; a pattern that matched nothing is passed on as it is\n');
    expect(status).toBe(2);
  });

  it('prints one JSON object a file, also for one that could not be read', async () => {
    const place = new Place();
    place.write('a.mremap', 'expect 1 == 1\n');
    place.notebook('c.ipynb', code('expect 1 == 1\nexpect 2 == 2'), code('expect 3 == 3'));
    const { stdout, status } = await place.run(['run', 'a.mremap', 'b.mremap', 'c.ipynb', '--format', 'json']);
    const reports = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(reports).toMatchObject([
      { file: 'a.mremap', ok: true, statements: 1, expectations: { held: 1, failed: 0 }, diagnostics: [], races: [] },
      { file: 'b.mremap', ok: false, statements: 0, diagnostics: [{ code: 'unusable-file', severity: 'error', message: 'b.mremap: no such file' }] },
      { file: 'c.ipynb', ok: true, statements: 3, expectations: { held: 3, failed: 0 } },
    ]);
    expect(status).toBe(2);
  });

  it('replaces the model, in a script and in a notebook', async () => {
    const place = new Place();
    place.write('a.mremap', 'kernel 6.1\nmaybe = 1\n'.replace('maybe = 1\n', 'print "x"\n'));
    place.notebook('b.ipynb', code('kernel 6.1'), code('%%ts\nlab.model'));
    const { stdout, status } = await place.run(['run', 'b.ipynb', '--kernel', '6.12 without realign']);
    expect(stdout).toContain('6.12 with realign=none');
    expect(status).toBe(0);
    const refused = await place.run(['run', 'a.mremap', '--kernel', '9.9']);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toContain('"9.9" names no kernel model');
  });

  it('writes a page that leads to the pages of several notebooks', async () => {
    const place = new Place();
    const book = (title: string) => [{ cell_type: 'markdown', metadata: {}, source: `# ${title}\n\nWhat it is about.` } as const, code('6 * 7')];
    place.notebook('a.ipynb', ...book('First'));
    place.notebook('b.ipynb', ...book('Second'));
    const { stdout, status } = await place.run(['run', 'a.ipynb', 'b.ipynb', '--out', 'out']);
    expect(status).toBe(0);
    expect(stdout).toContain('A page for each notebook:\n  out/a.html\n  out/b.html\nand one that leads to them all, to open in a browser:\n  out/index.html\n');
    const index = readFileSync(place.path('out/index.html'), 'utf8');
    expect(index).toContain('<a href="a.html">');
    expect(index).toContain('<h2>Second</h2>');
    expect(readFileSync(place.path('out/b.html'), 'utf8')).toContain('<a href="index.html">all notebooks</a>');
  });

  it('refuses a notebook whose page would be that page, before it runs anything', async () => {
    const place = new Place();
    place.notebook('index.ipynb', code('6 * 7'));
    place.notebook('b.ipynb', code('6 * 7'));
    const { stderr, status } = await place.run(['run', 'index.ipynb', 'b.ipynb', '--out', 'out']);
    expect(stderr).toContain('the page of index.ipynb would be overwritten by the one that leads to all pages, index.html');
    expect(status).toBe(2);
    expect(existsSync(place.path('out'))).toBe(false);
  });

  it('writes nothing without --out', async () => {
    const place = new Place();
    place.write('a.mremap', `${MOVE}show moves m\n`);
    place.notebook('b.ipynb', code(`${MOVE}show moves m`));
    await place.run(['run', 'a.mremap', 'b.ipynb']);
    expect(readdirSync(place.dir).sort()).toEqual(['a.mremap', 'b.ipynb']);
  });

  it('writes charts, the executed notebook and its page with --out, and names the page', async () => {
    const place = new Place();
    place.write('a.mremap', `${MOVE}show moves m\nshow diff m\n`);
    place.notebook('b.ipynb', code(`${MOVE}show moves m`));
    const { stdout, status } = await place.run(['run', 'a.mremap', 'b.ipynb', '--out', 'deep/out']);
    expect(readdirSync(place.path('deep/out')).sort()).toEqual(['a-1.svg', 'b-1.svg', 'b.html', 'b.ipynb']);
    expect(stdout).toContain(`  deep/out/b.html\n    file://${place.dir}/deep/out/b.html\n`);
    expect(status).toBe(0);

    const first = readFileSync(place.path('deep/out/b.html'));
    const second = await place.run(['run', 'deep/out/b.ipynb', '--out', 'again']);
    expect(second.status).toBe(0);
    expect(readFileSync(place.path('again/b.html')).equals(first)).toBe(true);
    expect(readFileSync(place.path('again/b.ipynb'), 'utf8')).toBe(readFileSync(place.path('deep/out/b.ipynb'), 'utf8'));
  });

  it('refuses to let two files overwrite what each other wrote', async () => {
    const place = new Place();
    const { stderr, status } = await place.run(['run', 'x/a.mremap', 'y/a.ipynb', '--out', 'out']);
    expect(stderr).toContain('x/a.mremap and y/a.ipynb would write the same files in out');
    expect(status).toBe(2);
    expect(existsSync(place.path('out'))).toBe(false);
  });

  it.each(['file', '/proc/no/such'])('says that it cannot write to %s', async (out) => {
    const place = new Place();
    place.write('file', '');
    place.write('a.mremap', 'print 1\n');
    const { stdout, stderr, status } = await place.run(['run', 'a.mremap', '--out', out]);
    expect(stderr).toContain(`cannot write to ${out}: `);
    expect({ stdout, status }).toEqual({ stdout: '', status: 2 });
  });

  it('gives up on a cell that takes too long', async () => {
    const place = new Place();
    place.notebook('a.ipynb', code('%%ts\nawait new Promise((done) => setTimeout(done, 60_000))'), code('print "next"'));
    const { stdout, status } = await place.run(['run', 'a.ipynb', '--timeout', '2']);
    expect(stdout).toContain('the cell did not finish within 2 s');
    expect(stdout).not.toContain('next');
    expect(status).toBe(1);
  });
});

describe('run --slim', () => {
  it('stores a picture and a fingerprint of a chart, with which --check-outputs compares', async () => {
    const place = new Place();
    place.notebook('a.ipynb', code(`${MOVE}show moves m`));
    expect(await place.run(['run', 'a.ipynb', '--slim', '--out', 'out'])).toMatchObject({ status: 0 });
    const text = readFileSync(place.path('out/a.ipynb'), 'utf8');
    expect(text).toContain('"image/png"');
    expect(text).not.toContain('vegalite');
    expect(await place.run(['run', 'out/a.ipynb', '--check-outputs'])).toMatchObject({ status: 0 });
    place.write('out/a.ipynb', text.replace('"chart": "sha256:', '"chart": "sha256:0'));
    expect(await place.run(['run', 'out/a.ipynb', '--check-outputs'])).toMatchObject({ status: 1 });
  });

  it('needs a notebook and a directory', async () => {
    const place = new Place();
    place.notebook('a.ipynb', code('1'));
    expect(await place.run(['run', 'a.ipynb', '--slim'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--out') });
  });
});

describe('run --check-outputs', () => {
  it('holds for what a run has just written, and names what changed', async () => {
    const place = new Place();
    place.notebook('a.ipynb', code('print "same"'), code(`${MOVE}show moves m`), code('print "new"'));
    await place.run(['run', 'a.ipynb', '--out', 'out']);
    expect(await place.run(['run', 'out/a.ipynb', '--check-outputs'])).toMatchObject({ status: 0 });

    const stored = readFileSync(place.path('out/a.ipynb'), 'utf8');
    place.write('b.ipynb', stored.replace('"new\\n"', '"old\\n"').replace(/"image\/png": "\w+/, '"image/png": "AAAA'));
    const { stdout, status } = await place.run(['run', 'b.ipynb', '--check-outputs']);
    expect(stdout.match(/error\[/g)).toHaveLength(1);
    expect(stdout).toContain('b.ipynb:cell 3:1:1: error[output-differs]: output 1 (stdout) is not the stored one, from its line 1 on');
    expect(stdout).toContain('stored is "old"');
    expect(stdout).toContain('fresh is "new"');
    expect(status).toBe(1);
  });

  it('needs a notebook', async () => {
    expect(await new Place().run(['run', 'a.mremap', '--check-outputs'])).toMatchObject({ status: 2, stderr: expect.stringContaining('none was given') });
  });
});
