/** The stretches of a move as a table, and what they came to. */
import { count, hex, size, strayTexts, toBytes, type LevelName, type OpRecord, type TableChange } from '../../machine/index.js';
import { KIND_LABEL } from '../theme.js';
import { callText } from '../title.js';
import { hasMoved, moveTotals, plural, totalsText } from '../totals.js';
import { columns, firstOf } from './columns.js';

const ROWS = 40;

export function movesText(record: OpRecord, model: string): string {
  const g = record.after.geometry;
  const lines = [`${callText(record)}  [${model}]`];
  if (!hasMoved(record.moves)) return [...lines, 'no page-table entries moved'].join('\n');
  lines.push(`moved ${totalsText(moveTotals(record.moves))}`, '');
  const { shown, more } = firstOf(record.moves, ROWS);
  const rows = shown.map((m) => [
    KIND_LABEL[m.kind],
    hex(toBytes(g, m.old)),
    '→',
    hex(toBytes(g, m.new)),
    size(toBytes(g, m.pages)),
    ...(m.kind === 'start' || m.kind === 'realign' ? [] : [count(m.entries), count(m.steps)]),
  ]);
  lines.push(
    ...columns(
      [
        { title: 'level' },
        { title: 'old', align: 'right' },
        { title: '' },
        { title: 'new', align: 'right' },
        { title: 'size', align: 'right' },
        { title: 'entries', align: 'right' },
        { title: 'steps', align: 'right' },
      ],
      rows,
    ),
  );
  if (more > 0) lines.push(`  … and ${plural(more, 'more stretch', 'more stretches')}`);
  lines.push('', ...costLines(record));
  return lines.join('\n');
}

function costLines(record: OpRecord): string[] {
  const { moved } = record;
  const lines = [`tables allocated: ${tablesText(record.tables.allocated)}; freed: ${tablesText(record.tables.freed)}`];
  lines.push(`TLB flushes: ${count(moved.flush)}${moved.flush === 0 ? '' : ` over ${size(moved.flush_bytes)}`}`);
  if (moved.realign > 0) lines.push(`realigned ${plural(moved.realign, 'time')}, by ${size(moved.realign_bytes)}`);
  if (moved.moveback > 0) lines.push(`moved back after an error: ${plural(moved.moveback, 'time')}`);
  lines.push(...strayTexts(record).map((s) => `WRONG: ${s}`));
  lines.push(...record.log.map((l) => `kernel log: ${l}`));
  return lines;
}

const LEVELS: readonly LevelName[] = ['pte', 'pmd', 'pud', 'p4d', 'pgd'];

function tablesText(change: TableChange['allocated']): string {
  const parts = LEVELS.flatMap((level) => ((change[level] ?? 0) === 0 ? [] : [`${count(change[level] ?? 0)} ${level.toUpperCase()}`]));
  return parts.length === 0 ? 'none' : parts.join(', ');
}
