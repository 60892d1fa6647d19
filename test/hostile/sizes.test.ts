/** Texts, values and times without measure: what is said is cut with how much is missing, and `--timeout` ends whatever it is. */
import { describe, expect, test } from 'vitest';
import { createSession, formatDiagnostic, type Output } from '../../dsl/index.js';
import { createMachines } from '../../sim/index.js';
import { count } from '../../machine/index.js';
import { Place } from '../cli/kit.js';

async function said(text: string): Promise<string> {
  let all = '';
  const session = createSession(createMachines());
  const onOutput = (output: Output): void => void (all += output.type === 'text' || output.type === 'refused' ? output.text : '');
  const { diagnostics } = await session.run(text, { mode: 'cell', onOutput });
  return all + diagnostics.map((d) => formatDiagnostic('x', text, d)).join('\n');
}

const DOUBLED = 'x = [1]\nfor i in 0..40 { x = [x, x] }\n';

describe('a text that would not fit into memory is cut', () => {
  test.each([
    ['print', `${DOUBLED}print x`, /\[\.\.\. 2 items\]/],
    ['several in one print', `${DOUBLED}print x, x, x`, /\[\.\.\. 2 items\]/],
    ['a failed expectation', `${DOUBLED}expect x[0] == 3`, /error/],
    [
      'a list of many',
      'x = [1]\ny = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\nz = [y, y, y, y, y, y, y, y, y, y]\nw = [z, z, z, z, z, z, z, z, z, z]\nv = [w, w, w, w, w, w, w, w, w, w]\nprint v',
      /\.\.\. \d+ more/,
    ],
    ['a string of a million', `print "${'s'.repeat(1_000_000)}" == 3`, /./],
    ['a name of a million', `print ${'n'.repeat(1_000_000)}`, /more characters/],
    ['a number of a million digits', `print ${'9'.repeat(1_000_000)}`, /a line of 1000006 characters/],
    ['a number that grows', 'x = 3\nfor i in 0..60 { x = x * x }\nprint x', /number-too-big/],
    ['a line with a mistake at its end', `${' '.repeat(2_000_000)}print (`, /\.\.\. +print \(/],
    ['a line with a mistake in its middle', `print ${'1 + '.repeat(400)} ) ${' '.repeat(500_000)}`, /a line of \d+ characters/],
  ])('%s', async (_, text, expected) => {
    const all = await said(text);
    expect(all).toMatch(expected);
    // A string that is printed is printed.
    expect(all.length).toBeLessThan(1_300_000);
    if (!/string/.test(_)) expect(Math.max(...all.split('\n').map((line) => line.length))).toBeLessThan(400_000);
  });

  test('a value of a cell', async () => {
    const { value } = await createSession(createMachines()).run(`${DOUBLED}x`, { mode: 'cell' });
    expect(value?.text.length).toBeLessThan(2_000_000);
  });

  test('thousands are told apart in a number of any length', () => {
    expect([0, 12, 123, 1234, -1234567, 1234.5, 10n ** 12n].map(count)).toEqual(['0', '12', '123', '1,234', '-1,234,567', '1,234.5', '1,000,000,000,000']);
    expect(count(10n ** 100_000n)).toHaveLength(133_334);
  });
});

/** Each would run for minutes, or for ever; `--timeout 1` gives it one second and as much as it takes to notice. */
const ENDLESS: Readonly<Record<string, string>> = {
  'a loop': 'for i in 0..100000000000 { print i }',
  'a loop that says nothing': 'for i in 0..100000000000 { x = i }',
  'reading: a million brackets': `x = ${'('.repeat(1_000_000)}1${')'.repeat(1_000_000)}`,
  'reading: half a million lines': 'p = mmap(NULL, 4K, rw, anon|private)\n'.repeat(500_000),
  'checking: names without number': Array.from({ length: 200_000 }, (_, i) => `def f${i}(a) { print a + f${Math.max(0, i - 1)}(a) }\n`).join(''),
  'a sweep': 'sweep i in 0..90000 { p = mmap(NULL, 1G, rw, anon|private)\ntouch(p, 1G) yield i }',
  'functions that call each other': 'def f(n) { for i in 0..10 { f(n + 1) } }\nf(0)',
  'mappings without number': 'for i in 0..60000 { p = mmap(1G + i * 8K, 4K, rw, anon|private|fixed) }\nfor i in 0..10000 { show maps }',
  'lists without number': 'x = [1]\nfor i in 0..100000000 { x = [x, x] }\nprint x.count',
  'a race':
    'p = mmap(NULL, 64M, rw, anon|private)\nrace {\n thread a { touch(p, 64M)\nmremap(p, 64M, 64M, maymove|fixed, 8G) }\n thread b { touch(p, 64M)\nmadvise(p, 64M, MADV_DONTNEED) }\n thread c { fork() }\n}',
};

describe('--timeout acts', () => {
  test.each(Object.entries(ENDLESS))('in %s', async (_, text) => {
    const place = new Place();
    const file = place.write('a.mremap', text);
    const began = performance.now();
    const { status, stdout, stderr } = await place.run(['run', file, place.write('b.mremap', 'print "the next file"'), '--timeout', '1']);
    expect(stdout.slice(-300) + stderr.slice(-300)).toMatch(/the next file/);
    expect(stdout + stderr).not.toMatch(/this is a bug|\n {4}at /);
    // Not a measure of speed: of being ended at all.
    expect((performance.now() - began) / 1000).toBeLessThan(60);
    expect(status).not.toBeNull();
  });
});

test('memory without measure ends the script, not the run', async () => {
  const place = new Place();
  const text = 'x = [1]\nfor i in 0..100000000 { x = [x, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i, i] }';
  const { stdout } = await place.run(['run', place.write('a.mremap', text), place.write('b.mremap', 'print "the next file"')], { NODE_OPTIONS: '--max-old-space-size=256' });
  expect(stdout).toMatch(/stopped: it needs more than \d+ MB of memory/);
  expect(stdout).toMatch(/the next file/);
});
