/** The cases that a test report counts. */
import type { Diagnostic, RunResult } from '../../dsl/api.js';
import { formatDiagnostic } from '../../dsl/index.js';
import type { CellRun, NotebookRun } from '../../notebook/index.js';
import type { Case, PlacedDiagnostic } from './file-report.js';

/** One a cell. */
export function notebookCases(file: string, run: NotebookRun, differences: readonly PlacedDiagnostic[]): Case[] {
  const ran = run.cells.map((cell) => cellCase(file, cell, differences));
  const left = Array.from({ length: run.left }, (_, i): Case => {
    return { name: `cell ${run.cells.length + i + 1}`, status: 'skipped', message: 'an earlier cell failed' };
  });
  return [...ran, ...left];
}

function cellCase(file: string, { number, source, outcome, expected, report }: CellRun, differences: readonly PlacedDiagnostic[]): Case {
  const name = `cell ${number}: ${firstLine(source)}`;
  const errors = outcome === 'ok' || expected ? [] : report.diagnostics.filter((d) => d.severity === 'error');
  const all = [...errors, ...differences.filter(({ cell }) => cell === number)];
  if (all.length === 0) return { name, status: 'passed' };
  const details = all.map((d) => formatDiagnostic(`${file}:cell ${number}`, d.code === 'output-differs' ? '' : source, d));
  return { name, status: outcome === 'rejected' ? 'error' : 'failed', message: all[0]?.message ?? '', details: details.join('\n') };
}

const firstLine = (source: string): string => source.split('\n').find((line) => line.trim() !== '') ?? '';

/** One an `expect` of the text, and one for whatever else went wrong. */
export function scriptCases(file: string, text: string, result: RunResult): Case[] {
  const errors = result.diagnostics.filter((d) => d.severity === 'error');
  const wrong = result.outcome === 'rejected' ? 'error' : 'failed';
  const lines = text.split('\n').map((line) => line.trim());
  const bad = (d: Diagnostic): Case => {
    const name = `line ${d.line}: ${lines[d.line - 1] ?? ''}`;
    return { name, status: wrong, message: d.message, details: formatDiagnostic(file, text, d) };
  };
  if (result.outcome === 'rejected') return errors.map(bad);

  // Expectations are judged in order: what lies behind as many as were judged did not come to it.
  let judged = result.expectations.held + result.expectations.failed;
  const expects = lines.flatMap((line, i): Case[] => {
    if (!/^expect\b/.test(line)) return [];
    const name = `line ${i + 1}: ${line}`;
    const failure = errors.find((d) => d.line === i + 1);
    if (judged-- <= 0) return [{ name, status: 'skipped', message: 'the run ended before it' }];
    return [failure === undefined ? { name, status: 'passed' } : bad(failure)];
  });
  const others = errors.filter((d) => !expects.some(({ name, status }) => status === 'failed' && name.startsWith(`line ${d.line}:`))).map(bad);
  const cases = [...expects, ...others];
  return cases.length > 0 ? cases : [{ name: 'runs', status: 'passed' }];
}
