/** The cases that a test report counts. */
import type { Judgement, RunResult } from '../../dsl/api.js';
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

/** One a claim or expectation, however often it was reached, and one for each line where something else went wrong. */
export function scriptCases(file: string, text: string, { outcome, judgements, diagnostics }: RunResult): Case[] {
  const lines = text.split('\n').map((line) => line.trim());
  const errors = diagnostics.filter((d) => d.severity === 'error');
  const judged = new Set(judgements.filter((j) => j.verdict === 'failed' || j.verdict === 'undecided').map((j) => j.line));
  const placed = judgements.map((j) => {
    const here = errors.filter((d) => d.line === j.line);
    return { line: j.line, found: judgementCase(j, here[0]?.message ?? '', here.map((d) => formatDiagnostic(file, text, d)).join('\n')) };
  });
  const others = errors
    .filter((d) => !judged.has(d.line))
    .map((d): (typeof placed)[number] => {
      const name = `line ${d.line}: ${lines[d.line - 1] ?? ''}`;
      return { line: d.line, found: { name, status: outcome === 'rejected' ? 'error' : 'failed', message: d.message, details: formatDiagnostic(file, text, d) } };
    });
  const cases = [...placed, ...others].sort((a, b) => a.line - b.line).map(({ found }) => found);
  return cases.length > 0 ? cases : [{ name: 'runs', status: 'passed' }];
}

function judgementCase({ line, text, verdict, held, failed, undecided }: Judgement, why: string, details: string): Case {
  const name = `line ${line}: ${text}`;
  switch (verdict) {
    case 'held':
      return { name, status: 'passed' };
    case 'not reached':
      return { name, status: 'skipped', message: 'not reached' };
    case 'failed':
    case 'undecided': {
      const reached = held + failed + undecided;
      const times = verdict === 'failed' ? `failed ${failed}` : `undecided ${undecided}`;
      return { name, status: 'failed', message: reached === 1 ? why : `${times} of ${reached} times: ${why}`, details };
    }
  }
}
