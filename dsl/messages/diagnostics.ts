/** From messages to diagnostics with a place, and from diagnostics to text. */
import type { ScenarioError, Span } from '../../machine/index.js';
import type { Diagnostic } from '../api.js';
import { message, type Arguments, type Code } from './messages.js';

/** A text and where its lines begin. */
export class Source {
  readonly #starts: number[] = [0];

  constructor(readonly text: string) {
    for (let i = text.indexOf('\n'); i !== -1; i = text.indexOf('\n', i + 1)) this.#starts.push(i + 1);
  }

  /** 1-based. */
  position(offset: number): { line: number; column: number } {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? Infinity) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (this.#starts[low] ?? 0) + 1 };
  }

  line(number: number): string {
    const start = this.#starts[number - 1] ?? this.text.length;
    return this.text.slice(start, this.#starts[number] ?? this.text.length).replace(/\r?\n$/, '');
  }

  slice(span: Span): string {
    return this.text.slice(span.start, span.end);
  }
}

export type Report = <C extends Code>(span: Span, code: C, ...args: Arguments<C>) => void;

/** Collects the diagnostics of one phase. */
export class Reporter {
  readonly found: Diagnostic[] = [];

  constructor(
    readonly source: Source,
    readonly phase: Diagnostic['phase'],
  ) {}

  readonly report: Report = (span, code, ...args) => {
    this.found.push(diagnose(this.source, this.phase, span, code, ...args));
  };
}

export function diagnose<C extends Code>(source: Source, phase: Diagnostic['phase'], span: Span, code: C, ...args: Arguments<C>): Diagnostic {
  const { text, hint, severity } = message(code, ...args);
  return { code, severity, message: text, ...(hint !== undefined && { hint }), span, ...source.position(span.start), phase };
}

export function runError({ code, message: text, hint, span }: ScenarioError, source: Source): Diagnostic {
  const what = { code, severity: 'error', message: text, ...(hint !== undefined && { hint }) } as const;
  return { ...what, span, ...source.position(span.start), phase: 'run' };
}

export const byPlace = (a: Diagnostic, b: Diagnostic): number => a.span.start - b.span.start;

/**
 * As compilers print it: where, what, the line with a caret under the place, the values, the fix.
 *
 *     tour.mremap:4:8: error[expect-failed]: the expectation does not hold
 *       expect m.moved.pmd == 2
 *              ^^^^^^^^^^^^^^^^
 *       m.moved.pmd is 0, from mremap(...) = 0x1fc0000000
 */
export function formatDiagnostic(file: string, source: string, d: Diagnostic): string {
  const { line, column } = shortened(d.excerpt ?? new Source(source).line(d.line), d.column);
  const before = line.slice(0, column - 1);
  const width = Math.max(1, Math.min(d.span.end - d.span.start, line.length - before.length));
  const lines = [`${file}:${d.line}:${d.column}: ${d.severity}[${d.code}]: ${cut(d.message, LONGEST_MESSAGE)}`];
  // A tab stays one, so that the caret stands under its place whatever a tab is worth.
  if (line.trim() !== '') lines.push(`  ${line}`, `  ${before.replace(/[^\t]/g, ' ')}${'^'.repeat(width)}`);
  for (const v of d.values ?? [])
    lines.push(`  ${cut(v.text, LONGEST_VALUE)} is ${cut(v.value, LONGEST_VALUE)}${v.from === undefined ? '' : `, from ${cut(v.from, LONGEST_VALUE)}`}`);
  if (d.hint !== undefined) lines.push(`  hint: ${cut(d.hint, LONGEST_MESSAGE)}`);
  return lines.join('\n');
}

const LONGEST_LINE = 400;
export const LONGEST_MESSAGE = 2000;
export const LONGEST_VALUE = 1000;

/** A text, cut where it is longer, with how much is missing. */
export const cut = (text: string, longest: number): string => (text.length <= longest ? text : `${text.slice(0, longest)}... (${text.length - longest} more characters)`);

/** Of a long line what is around a column, and which column that is now. */
export function shortened(line: string, column: number): { readonly line: string; readonly column: number } {
  if (line.length <= LONGEST_LINE) return { line, column };
  const from = Math.max(0, Math.min(column - 1 - LONGEST_LINE / 2, line.length - LONGEST_LINE));
  const before = from === 0 ? '' : '...';
  const to = from + LONGEST_LINE;
  const after = to >= line.length ? '' : `... (a line of ${line.length} characters)`;
  return { line: `${before}${line.slice(from, to)}${after}`, column: column - from + before.length };
}
