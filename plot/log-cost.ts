/** The cost of a log's moves in words: bounds, levels, totals. */
import { count, size, type LogAccount, type LogCost, type LogMove, type LogSummary } from '../machine/index.js';
import { plural } from './totals.js';

export const LOG_LEVELS = ['pte', 'pmd', 'pud'] as const;

export const entries = ({ pte, pmd, pud }: LogCost): number => pte + pmd + pud;

/** The bound that is told where one number must do: the upper one, unless it was withdrawn. */
export const toldCost = (m: LogMove): LogCost => m.most ?? m.least ?? { pte: 0, pmd: 0, pud: 0 };

/** `0 to 16,385`, or the one number there is. */
export function rangeOf(m: LogMove, level: (typeof LOG_LEVELS)[number]): string {
  if (m.least === null || m.most === null) return count(toldCost(m)[level]);
  const [a, b] = [m.least[level], m.most[level]].sort((x, y) => x - y);
  return a === b ? count(a ?? 0) : `${count(a ?? 0)} to ${count(b ?? 0)}`;
}

/** `16,385 PTEs, 1 PMD`, of the bound that is told. */
export function costText(cost: LogCost): string {
  const parts = LOG_LEVELS.filter((l) => cost[l] > 0).map((l) => plural(cost[l], l.toUpperCase()));
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** What was done with the lines, in one sentence each. */
export function logTexts(log: LogSummary): string[] {
  const { claims, processes: p } = log;
  const people = [plural(p.programs, 'program'), ...(p.forks > 0 ? [plural(p.forks, 'fork')] : []), ...(p.threads > 0 ? [plural(p.threads, 'thread')] : [])];
  return [
    `${plural(log.lines, 'line')}: ${accountText(log.account)}; ${people.join(', ')}`,
    `claims: ${count(claims.held)} held, ${count(claims.placed)} placed, ${count(claims.contradicted)} contradicted${log.unread === 0 ? '' : `; ${plural(log.unread, 'line')} not read`}`,
    ...log.notes,
  ];
}

/** What became of the lines: the sum is their number. */
function accountText({ replayed, others, notices, explained, assumptions, doubts }: LogAccount): string {
  return [
    `${count(replayed)} replayed`,
    `${count(others)} of other system calls`,
    plural(notices, 'notice'),
    plural(explained, 'explained refusal'),
    plural(assumptions, 'assumption'),
    plural(doubts, 'doubt'),
  ].join(', ');
}

/** How many refusals are told with their causes. */
const REFUSALS_TOLD = 10;

/** Refused calls, each with why it may have been: lines of a text. */
export function refusalTexts({ explained }: LogSummary): string[] {
  const told = explained
    .slice(0, REFUSALS_TOLD)
    .flatMap(({ line, call, errno, causes }) => [
      `line ${count(line)}: ${call} = -1 ${errno}`,
      ...causes.slice(0, 3).map(({ why, tell }, i) => `  ${i === 0 ? 'likeliest' : 'or'}: ${why}; what tells: ${tell}`),
    ]);
  const more = explained.length - REFUSALS_TOLD;
  return more > 0 ? [...told, `and ${count(more)} more`] : told;
}

export const moveText = (m: LogMove): string => m.call.replace(/\bMREMAP_/g, '').replace(/\b\d{4,}\b/g, (digits) => size(BigInt(digits)));
