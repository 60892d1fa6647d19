/** Diagnostics of the language as one cell error: the line with its number, the caret, the values, the hint. */
import type { Diagnostic } from '../../dsl/api.js';
import { assertUnreachable } from '../../machine/index.js';
import { cut, LONGEST_MESSAGE, LONGEST_VALUE, shortened } from '../../dsl/messages/diagnostics.js';
import { blue, firstLine, green, red, yellow, type CellError } from './error.js';

/** @param diagnostics at least one, all of severity `error` */
export function diagnosticsError(source: string, diagnostics: readonly Diagnostic[]): CellError {
  const [first, ...rest] = diagnostics;
  if (first === undefined) throw new RangeError('no diagnostics');
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return {
    ename: errorName(first),
    evalue: `${cut(firstLine(first.message), LONGEST_MESSAGE)}${more}`,
    traceback: diagnostics.flatMap((d, i) => [...(i === 0 ? [] : ['']), ...diagnosticLines(source, d)]),
  };
}

export const diagnosticText = (source: string, diagnostic: Diagnostic): string => `${diagnosticLines(source, diagnostic).join('\n')}\n`;

function errorName(diagnostic: Diagnostic): string {
  if (diagnostic.code.startsWith('expect')) return 'ExpectationFailed';
  if (diagnostic.code.startsWith('claim')) return 'ClaimFailed';
  switch (diagnostic.phase) {
    case 'syntax':
      return 'SyntaxError';
    case 'check':
      return 'CheckError';
    case 'run':
      return 'RunError';
    default:
      return assertUnreachable(diagnostic.phase);
  }
}

function diagnosticLines(source: string, d: Diagnostic): string[] {
  const mark = d.severity === 'error' ? red : yellow;
  const lines = [`${mark(`${d.severity}[${d.code}]`)}: ${cut(d.message, LONGEST_MESSAGE)}`];
  const whole = source.split('\n')[d.line - 1];
  if (whole !== undefined) {
    const { line: text, column } = shortened(whole, d.column);
    const gutter = String(d.line).padStart(4);
    lines.push(`${blue(`${gutter} |`)} ${text}`, `${blue(`${' '.repeat(gutter.length)} |`)} ${caret(text, { ...d, column }, mark)}`);
  }
  for (const { text: operand, value, from } of d.values ?? [])
    lines.push(`       ${cut(operand, LONGEST_VALUE)} = ${cut(value, LONGEST_VALUE)}${from === undefined ? '' : `   from ${cut(from, LONGEST_VALUE)}`}`);
  if (d.hint !== undefined) lines.push(`${green('  help')}: ${cut(d.hint, LONGEST_MESSAGE)}`);
  return lines;
}

/** Carets under the span, as far as it lies on its first line. */
function caret(line: string, d: Diagnostic, mark: (text: string) => string): string {
  const from = d.column - 1;
  const before = line.slice(0, from).replace(/[^\t]/gu, ' ');
  const under = [...line.slice(from, from + d.span.end - d.span.start)].length;
  return `${before}${mark('^'.repeat(Math.max(1, under)))}`;
}
