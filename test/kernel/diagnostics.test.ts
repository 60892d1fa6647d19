import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../../dsl/api.js';
import { diagnosticsError } from '../../kernel/cells/diagnostics.js';

const source = 'let a = 1\n\texpect 😀 == b\n';
const failed: Diagnostic = {
  code: 'expect-failed',
  severity: 'error',
  message: 'the expectation does not hold\nsecond line',
  hint: 'look closer',
  span: { start: 18, end: 25 },
  line: 2,
  column: 9,
  phase: 'run',
  values: [{ text: 'b', value: '3', from: 'b = mremap(...)' }],
};

test('shows the line, the caret under it, the values and the hint', () => {
  const error = diagnosticsError(source, [failed]);
  expect(error).toMatchObject({ ename: 'ExpectationFailed', evalue: 'the expectation does not hold' });
  expect(error.traceback.map(stripVTControlCharacters)).toEqual([
    'error[expect-failed]: the expectation does not hold\nsecond line',
    '   2 | \texpect 😀 == b',
    '     | \t       ^^^^^^',
    '       b = 3   from b = mremap(...)',
    '  help: look closer',
  ]);
});

test('several are one error that names the first', () => {
  const syntax: Diagnostic = { code: 'unexpected-token', severity: 'error', message: 'what is this', span: { start: 0, end: 3 }, line: 1, column: 1, phase: 'syntax' };
  const error = diagnosticsError(source, [syntax, failed, failed]);
  expect(error).toMatchObject({ ename: 'SyntaxError', evalue: 'what is this (and 2 more)' });
  expect(error.traceback.filter((line) => line.includes('expect-failed'))).toHaveLength(2);
});
