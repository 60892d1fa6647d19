/** The last line about a file, in words. */
import type { RunResult } from '../../dsl/api.js';
import type { LogSummary } from '../../machine/index.js';
import type { NotebookRun } from '../../notebook/index.js';

const some = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

type Counts = Pick<RunResult, 'outcome' | 'statements' | 'expectations' | 'judgements' | 'diagnostics'>;

export function runSummary(result: Counts, more: { readonly charts: number; readonly timeout?: number }): string {
  const { outcome, statements, expectations, judgements, diagnostics } = result;
  const errors = diagnostics.filter((d) => d.severity === 'error').length;
  const ran = some(statements, 'statement');
  const claims = judgements.reduce((n, { kind, failed }) => (kind === 'claim' ? n + failed : n), 0);
  const missed = judgements.filter((j) => j.verdict === 'not reached').length;
  const charts = more.charts === 0 ? '' : `, ${some(more.charts, 'chart')} written`;
  switch (outcome) {
    case 'rejected':
      return `${some(errors, 'mistake')}, nothing ran`;
    case 'interrupted':
      return `stopped after ${more.timeout} s, ${ran} done${charts}`;
    case 'failed':
    case 'ok':
      return `${ran}, ${expectationText(expectations)}${claims === 0 ? '' : `, ${some(claims, 'claim')} failed`}${missed === 0 ? '' : `, ${missed} not reached`}${charts}`;
  }
}

function expectationText({ held, failed, undecided = 0 }: RunResult['expectations']): string {
  const all = held + failed + undecided;
  if (all === 0) return 'no expectations';
  const open = undecided === 0 ? [] : [`${undecided} undecided`];
  if (failed === 0) return [`${some(held, 'expectation')} held`, ...open].join(', ');
  return [`${failed} of ${some(all, 'expectation')} failed`, ...open].join(', ');
}

/** For a log: how much of it was replayed, and how much of that the model contradicts. */
export function logSummary(
  { replayed, skipped, unread, claims, account: { explained, assumptions, doubts } }: LogSummary,
  more: { readonly charts: number; readonly timeout?: number },
): string {
  return [
    ...(more.timeout === undefined ? [] : [`stopped after ${more.timeout} s`]),
    `${some(replayed, 'call')} replayed`,
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    ...(explained === 0 ? [] : [`${some(explained, 'refusal')} explained`]),
    ...(assumptions === 0 ? [] : [some(assumptions, 'assumption')]),
    claims.contradicted > 0 ? `${some(claims.contradicted, 'claim')} contradicted` : replayed === 0 ? 'no memory call' : doubts === 0 ? 'every claim holds' : some(doubts, 'doubt'),
    ...(unread === 0 ? [] : [`${some(unread, 'line')} could not be read`]),
    ...(more.charts === 0 ? [] : [`${some(more.charts, 'chart')} written`]),
  ].join(', ');
}

interface NotebookCounts extends Pick<RunResult, 'statements' | 'expectations'> {
  readonly charts: number;
  readonly differences: number;
}

export function notebookSummary({ cells, left }: NotebookRun, { statements, expectations, charts, differences }: NotebookCounts): string {
  const bad = cells.find((cell) => cell.outcome !== 'ok' && !cell.expected);
  return [
    bad === undefined ? some(cells.length, 'cell') : `cell ${bad.number} of ${cells.length + left} ${OUTCOME[bad.outcome]}`,
    ...(left === 0 ? [] : [`${left} not run`]),
    some(statements, 'statement'),
    expectationText(expectations),
    ...(differences === 0 ? [] : [`${some(differences, 'output')} changed`]),
    ...(charts === 0 ? [] : [`${some(charts, 'chart')} written`]),
  ].join(', ');
}

const OUTCOME = { ok: 'ran', failed: 'failed', rejected: 'has mistakes', interrupted: 'was interrupted' } as const;
