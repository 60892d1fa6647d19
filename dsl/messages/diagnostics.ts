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
  const line = d.excerpt ?? new Source(source).line(d.line);
  const before = line.slice(0, d.column - 1);
  const width = Math.max(1, Math.min(d.span.end - d.span.start, line.length - before.length));
  const lines = [`${file}:${d.line}:${d.column}: ${d.severity}[${d.code}]: ${d.message}`];
  // A tab stays one, so that the caret stands under its place whatever a tab is worth.
  if (line.trim() !== '') lines.push(`  ${line}`, `  ${before.replace(/[^\t]/g, ' ')}${'^'.repeat(width)}`);
  for (const v of d.values ?? []) lines.push(`  ${v.text} is ${v.value}${v.from === undefined ? '' : `, from ${v.from}`}`);
  if (d.hint !== undefined) lines.push(`  hint: ${d.hint}`);
  return lines.join('\n');
}
