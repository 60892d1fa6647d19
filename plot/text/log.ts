/** What a log came to: what was done with its lines, and a table of the dearest moves. */
import { count, type LogSummary } from '../../machine/index.js';
import { logTexts, moveText, rangeOf, refusalTexts } from '../log-cost.js';
import { columns } from './columns.js';

export function logText(log: LogSummary, model: string): string {
  const refusals = refusalTexts(log);
  const lines = [`log on ${model}`, ...logTexts(log).map((t) => `  ${t}`), ...(refusals.length > 0 ? ['', 'refused calls:', ...refusals.map((t) => `  ${t}`)] : [])];
  if (log.dearest.length === 0) return [...lines, log.mremaps === 0 ? 'no mremap' : `${movesCounted(log)}, none moved an entry`].join('\n');
  const rows = log.dearest.map((m) => [count(m.line), rangeOf(m, 'pte'), rangeOf(m, 'pmd'), rangeOf(m, 'pud'), moveText(m)]);
  const heads = [
    { title: 'line', align: 'right' },
    { title: 'PTEs', align: 'right' },
    { title: 'PMDs', align: 'right' },
    { title: 'PUDs', align: 'right' },
    { title: 'call' },
  ] as const;
  return [...lines, '', `${movesCounted(log)}, the dearest first${bothBounds(log) ? ' (from nothing touched to everything touched)' : ''}:`, ...columns(heads, rows)].join('\n');
}

const movesCounted = (log: LogSummary): string => `${count(log.mremaps)} mremap${log.mremaps === 1 ? '' : 's'}`;

const bothBounds = (log: LogSummary): boolean => log.dearest.some((m) => m.least !== null && m.most !== null);
