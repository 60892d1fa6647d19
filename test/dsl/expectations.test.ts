import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../dsl/index.js';
import { expectDiagnostic, run } from '../kit.js';

const SETUP = 'let a = 1G\nmmap(a, 1 pmd, rw, anon|private|fixed)\nmemset(a, 7, 1 pmd)\nm = mremap(a, 1 pmd, 1 pmd, maymove|fixed, 2G)\n';

describe('an expectation that fails', () => {
  test('shows each operand, and the call it came from', () =>
    expectDiagnostic(`${SETUP}expect <|m.moved.pmd == 2 * 1|>`, {
      code: 'expect-failed',
      values: [
        { text: 'm.moved.pmd', value: '1', from: 'mremap(0x40000000, 2097152, 2097152, MREMAP_MAYMOVE|MREMAP_FIXED, 0x80000000) = 0x80000000' },
        { text: '2 * 1', value: '2' },
      ],
    }));

  test('shows every part that was looked at, once', () =>
    expectDiagnostic('let a = 1, b = 2\nexpect a == 1 and b == 2 and a == b and b == 3', {
      code: 'expect-failed',
      values: [
        { text: 'a', value: '1' },
        { text: 'b', value: '2' },
      ],
    }));

  test('shows numbers beside an address in hexadecimal', () =>
    expectDiagnostic(`${SETUP}expect m == a`, {
      code: 'expect-failed',
      values: [expect.objectContaining({ text: 'm', value: '0x80000000' }) as never, { text: 'a', value: '0x40000000' }],
    }));

  test('shows strings in quotes, and the value of a bare condition', async () => {
    await expectDiagnostic(`${SETUP}expect vma(m).perms == "r--p"`, { code: 'expect-failed', values: [{ text: 'vma(m).perms', value: '"rw-p"' }] });
    await expectDiagnostic('expect pte(0).present', { code: 'expect-failed', values: [{ text: 'pte(0).present', value: 'false' }] });
    await expectDiagnostic('let a = 1\nexpect not a == 1', { code: 'expect-failed', values: [{ text: 'a', value: '1' }] });
  });

  test('does not keep the next from being judged, nor what follows from being done', async () => {
    const ran = await run(`${SETUP}expect m == 1\nexpect m == 2G\nexpect m == 2\nprint "done"`);
    expect(ran.expectations).toEqual({ held: 1, failed: 2 });
    expect(ran.outcome).toBe('failed');
    expect(ran.statements).toBe(8);
    expect(ran.printed).toBe('done\n');
    expect(ran.diagnostics.map((d) => [d.line, d.code])).toEqual([
      [5, 'expect-failed'],
      [7, 'expect-failed'],
    ]);
  });

  test('that asks about what is not there fails as well, and no more', async () => {
    const ran = await run('expect vma(1G).perms == "rw-p"\nexpect 1 == 1');
    expect(ran.expectations).toEqual({ held: 1, failed: 1 });
    expect(ran.diagnostics.map((d) => d.code)).toEqual(['not-mapped']);
  });

  test('is told as compilers tell it', async () => {
    const text = `${SETUP}expect\tm.moved.pmd == 2`;
    const { diagnostics } = await run(text);
    expect(diagnostics.map((d) => formatDiagnostic('tour.mremap', text, d)).join('\n')).toMatchInlineSnapshot(`
      "tour.mremap:5:8: error[expect-failed]: the expectation does not hold
        expect	m.moved.pmd == 2
              	^^^^^^^^^^^^^^^^
        m.moved.pmd is 1, from mremap(0x40000000, 2097152, 2097152, MREMAP_MAYMOVE|MREMAP_FIXED, 0x80000000) = 0x80000000"
    `);
  });
});

describe('an expectation', () => {
  test.each([
    ['expect <|3|>', /compare it/],
    ['expect <|"a"|>', undefined],
    ['a = 1\nexpect <|a|> and a == 1', /compare it/],
  ])('is about something true or false: %s', (text, hint) => expectDiagnostic(text, { code: 'wrong-type', ...(hint && { hint }) }));
});
