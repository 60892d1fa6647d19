/** What the TypeScript compiler says about a cell, as one cell error. */
import type { Diagnostic } from 'tslab/dist/converter.js';
import { blue, red, type CellError } from './error.js';

export function compileError(code: string, diagnostics: readonly Diagnostic[]): CellError {
  const [first] = diagnostics;
  const more = diagnostics.length > 1 ? ` (and ${diagnostics.length - 1} more)` : '';
  return {
    ename: 'CompileError',
    evalue: first === undefined ? 'the cell does not compile' : `TS${first.code}: ${first.messageText.split('\n', 1)[0]}${more}`,
    traceback: diagnostics.flatMap((d, i) => [...(i === 0 ? [] : ['']), ...lines(code, d)]),
  };
}

function lines(code: string, { start, end, messageText, code: number, fileName }: Diagnostic): string[] {
  const head = `${red(`error[TS${number}]`)}: ${messageText}`;
  if (fileName !== undefined) return [head, `     ${fileName}:${start.line + 1}:${start.character + 1}`];
  const text = code.split('\n')[start.line];
  if (text === undefined) return [head];
  const gutter = String(start.line + 1).padStart(4);
  const width = end.line === start.line ? [...text.slice(start.character, end.character)].length : 1;
  const before = text.slice(0, start.character).replace(/[^\t]/gu, ' ');
  return [head, `${blue(`${gutter} |`)} ${text}`, `${blue(`${' '.repeat(gutter.length)} |`)} ${before}${red('^'.repeat(Math.max(1, width)))}`];
}
