/** The environment's failures, in one sentence each; recordings of another shape, with their place. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../conform/recording.js';
import { MAIN, Place } from '../cli/kit.js';
import { code } from '../notebook/kit.js';

const shell = (place: Place, command: string, env: Record<string, string> = {}): { status: number | null; stderr: string; stdout: string } =>
  spawnSync('bash', ['-c', command], { cwd: place.dir, encoding: 'utf8', env: { ...process.env, ML: `${process.execPath} ${MAIN}`, ...env } });

describe('one sentence', () => {
  const oneSentence = (stderr: string): void => {
    expect(stderr).toMatch(/^mremap-lab: [^\n]+\n(?: {2}[^\n]+\n)?$/);
    expect(stderr).not.toMatch(/bug|node:/);
  };
  const place = (): Place => {
    const made = new Place();
    made.write('a.mremap', 'print 1\n');
    made.notebook('a.ipynb', code('print 1'));
    return made;
  };

  test.each(['run a.mremap', '--help', 'conform --help', 'check nosuch.mremap', 'run a.mremap --format json', 'attach --list'])('for a full standard output: %s', (args) => {
    const { status, stderr } = shell(place(), `$ML ${args} > /dev/full`, { XDG_RUNTIME_DIR: '' });
    expect(status).not.toBe(0);
    oneSentence(stderr);
  });
  test('where there is nowhere to say it, the status says it', () => expect(shell(place(), '$ML run a.mremap > /dev/full 2> /dev/full').status).toBe(1));
  test.each(['run a.ipynb', 'run a.ipynb --out out'])('for an absent TMPDIR: %s', (args) => {
    const { status, stderr } = shell(place(), `$ML ${args}`, { TMPDIR: '/nonexistent' });
    expect(status).toBe(2);
    oneSentence(stderr);
    expect(stderr).toContain('TMPDIR');
  });
  test('a home that cannot be written to is no hindrance', () => {
    const made = place();
    mkdirSync(made.path('home'));
    chmodSync(made.path('home'), 0o555);
    const { status, stderr } = shell(made, 'echo "print 1" | $ML console', { HOME: '/proc', XDG_STATE_HOME: '/proc/nowhere' });
    expect([status, stderr]).toEqual([0, '']);
    expect(shell(made, '$ML run a.mremap', { HOME: '/proc' }).status).toBe(0);
  });
  test.each([
    'run a.mremap --out /proc/nowhere',
    'run a.mremap --out a.mremap',
    'fmt /dev/null',
    'calibrate a.mremap',
    'kernel install --prefix /proc/x',
    'run .',
    'check /proc/self/mem',
  ])('for %s', (args) => {
    const { status, stderr } = shell(place(), `$ML ${args}`);
    expect(status).not.toBe(0);
    oneSentence(stderr);
  });
});

describe('a recording of another shape is told with its line, its field and what was expected', () => {
  const step = { op: ['mmap', 'A', '0x1000'], ret: 'A' };
  const line = (more: object, steps: unknown = [step, { ...step, ...more }]): string => JSON.stringify({ id: 'x', steps });
  test.each([
    ['{', /^line 7: .*JSON/],
    ['null', /^line 7: the line: expected an object, found null$/],
    ['[]', /^line 7: the line: expected an object, found a list of 0$/],
    [line({}, 3), /^line 7: steps: expected a list, found 3$/],
    [line({ vmas: 'A+0x1000' }), /^line 7: steps\[1\]\.vmas: expected "=" or a list, found "A\+0x1000"$/],
    [line({ vmas: [['a', 'b']] }), /^line 7: steps\[1\]\.vmas\[0\]: expected a list of 6 or 7, found a list of 2$/],
    [line({ vmas: [['a', 'b', 'c', 'd', 'e', 6]] }), /^line 7: steps\[1\]\.vmas\[0\]\[5\]: expected text, found 6$/],
    [
      line({ vmas: [['a', 'b', 'c', 'd', 'e', 'f', { av: {} }]] }),
      /^line 7: steps\[1\]\.vmas\[0\]\[6\]\.av: expected text or a whole number, found an object|expected a whole number, found an object$/,
    ],
    [line({ pages: [['a', 1.5, 'f', 0]] }), /^line 7: steps\[1\]\.pages\[0\]\[1\]: expected a whole number, found 1\.5$/],
    [line({ pages: {} }), /^line 7: steps\[1\]\.pages: expected a list, found an object$/],
    [line({ op: [] }), /^line 7: steps\[1\]\.op: expected a list that is not empty, found a list of 0$/],
    [line({ op: 'mmap' }), /^line 7: steps\[1\]\.op: expected a list that is not empty, found "mmap"$/],
    [line({ ret: undefined }), /^line 7: steps\[1\]\.ret: expected text, found nothing$/],
    [line({ ret: 0 }), /^line 7: steps\[1\]\.ret: expected text, found 0$/],
    [line({ mm: ['6'] }), /^line 7: steps\[1\]\.mm\[0\]: expected a whole number, found "6"$/],
    [line({ cnt: { pte: null } }), /^line 7: steps\[1\]\.cnt\.pte: expected a whole number, found null$/],
    [line({ trace: [[]] }), /^line 7: steps\[1\]\.trace\[0\]: expected a list of 5, found a list of 0$/],
    [line({ ret: 'x'.repeat(1_000_000), op: 5 }), /^line 7: .{0,200}$/],
  ])('%#', (text, expected) => {
    expect(() => parseScenario(text, 7)).toThrow(SyntaxError);
    expect(() => parseScenario(text, 7)).toThrow(expected);
  });

  test.each([
    'mmap A zz',
    'mmap A 0x1000 rw ANON|constructor',
    'memfd f 0x1000 word',
    'rlimit AS +x',
    'mmap R999999999999 1',
    'mremap A 0x1000 0x2000 __proto__',
    'nosuch',
    'mlock2 A 1 1e999',
    'mmap A 99999999999999999999999999 rw 0',
  ])('words that are none are no bug: %s', async (words) => {
    const place = new Place();
    const file = place.write('r.jsonl', `${JSON.stringify({ id: 'x', steps: [{ op: words.split(' '), ret: '0' }] })}\n`);
    const { status, stderr, stdout } = await place.run(['conform', file, '--kernel', '6.12']);
    expect(status).toBeGreaterThan(0);
    expect(stderr + stdout).not.toMatch(/bug|\n {4}at /);
  });
});
