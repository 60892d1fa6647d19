/** The cases that a test report counts. */
import type { RunResult } from '../../dsl/api.js';
import { formatDiagnostic } from '../../dsl/messages/diagnostics.js';
import type { CellRun, NotebookRun } from '../../notebook/index.js';
import type { Case, PlacedDiagnostic } from './file-report.js';

/** One a cell. */
export function notebookCases(file: string, run: NotebookRun, differences: readonly PlacedDiagnostic[]): Case[] {
  const ran = run.cells.map((cell) => ({ index: cell.index, found: cellCase(file, cell, differences) }));
  const skipped = run.skipped.map(({ index, source }) => {
    const found: Case = { name: `cell left out: ${firstLine(source)}`, status: 'skipped', message: 'a tag says so' };
    return { index, found };
  });
  const inOrder = [...ran, ...skipped].sort((a, b) => a.index - b.index).map(({ found }) => found);
  const left = Array.from({ length: run.left }, (_, i): Case => {
    return { name: `cell ${run.cells.length + i + 1}`, status: 'skipped', message: 'an earlier cell failed' };
  });
  return [...inOrder, ...left];
}

function cellCase(file: string, { number, source, outcome, expected, report }: CellRun, differences: readonly PlacedDiagnostic[]): Case {
  const name = `cell ${number}: ${firstLine(source)}`;
  const errors = outcome === 'ok' || expected ? [] : report.diagnostics.filter((d) => d.severity === 'error');
  const all = [...errors, ...differences.filter(({ cell }) => cell === number)];
  if (all.length === 0) return { name, status: 'passed' };
  const details = all.map((d) => formatDiagnostic(`${file}:cell ${number}`, d.code === 'output-differs' ? '' : source, d));
  return { name, status: outcome === 'rejected' ? 'error' : 'failed', message: all[0]?.message ?? '', details: details.join('\n') };
}

/** What a cell is about: its first line that is no comment. */
function firstLine(source: string): string {
  const lines = source.split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => !line.trimStart().startsWith('#')) ?? lines[0] ?? '';
}

/** One an `expect` of the text, and one for whatever else went wrong. */
export function scriptCases(file: string, text: string, result: RunResult): Case[] {
  const lines = text.split('\n').map((line) => line.trim());
  const errors = result.diagnostics.filter((d) => d.severity === 'error');
  const status = result.outcome === 'rejected' ? 'error' : 'failed';
  const verdicts = new Map<number, readonly Omit<Case, 'name'>[]>();
  if (result.outcome !== 'rejected') soundExpects(lines, result).forEach((verdict, line) => verdicts.set(line, [verdict]));
  for (const line of new Set(errors.map((d) => d.line))) {
    const here = errors.filter((d) => d.line === line);
    verdicts.set(
      line,
      here.map((d) => ({ status, message: d.message, details: formatDiagnostic(file, text, d) })),
    );
  }
  const byLine = [...verdicts].sort(([a], [b]) => a - b);
  const cases = byLine.flatMap(([line, all]) => all.map((verdict) => ({ name: `line ${line}: ${lines[line - 1] ?? ''}`, ...verdict })));
  return cases.length > 0 ? cases : [{ name: 'runs', status: 'passed' }];
}

/** Expectations by line. Those that failed are told by their diagnostics; of the others, these are the verdicts. */
function soundExpects(lines: readonly string[], { expectations }: RunResult): Map<number, Omit<Case, 'name'>> {
  // Expectations are judged in order: those beyond the number that were judged were never reached.
  let judged = expectations.held + expectations.failed + (expectations.undecided ?? 0);
  const verdicts = new Map<number, Omit<Case, 'name'>>();
  for (const [i, line] of lines.entries()) {
    if (!/^expect\b/.test(line)) continue;
    verdicts.set(i + 1, judged-- > 0 ? { status: 'passed' } : { status: 'skipped', message: 'the run ended before it' });
  }
  return verdicts;
}
