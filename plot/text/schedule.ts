/**
 * A schedule as commit messages draw one: a column for each CPU, time going down, the step that
 * breaks an invariant marked. Plain ASCII and at most as wide as a mail, ready to be pasted into one.
 */
import type { Schedule, ScheduleRow } from '../../machine/index.js';

const MAIL = 76;
const GAP = 2;
const MARK = '  <-- ';

export function scheduleText(schedule: Schedule, states: boolean): string {
  const { threads, rows, broken, stuck } = schedule;
  const width = Math.max(24, Math.floor((MAIL + GAP) / threads.length) - GAP);
  const pad = (cpu: number): string => ' '.repeat(cpu * (width + GAP));
  const lines = [titleOf(schedule), '', join(threads.map((name, i) => `CPU ${i} (${name})`), width), join(threads.map(() => '='.repeat(width)), width)]; // prettier-ignore
  let before: ScheduleRow | undefined;
  for (const row of rows) {
    // The function's name once, and under it what it does.
    if (before?.cpu !== row.cpu || before.fn !== row.fn) lines.push(`${pad(row.cpu)}${row.fn}()`);
    for (const line of wrap(row.say, width - GAP)) lines.push(`${pad(row.cpu)}  ${line}`);
    if (row.breaks.length > 0) lines.push(`${MARK.trimEnd()} ${row.breaks.join(', ')}`.padStart(0));
    if (states) for (const change of row.changes) for (const line of wrap(`| ${change}`, MAIL - 4)) lines.push(`    ${line}`);
    before = row;
  }
  if (stuck.length > 0) lines.push('', `${stuck.join(' and ')} wait${stuck.length === 1 ? 's' : ''} for ever.`);
  for (const { name, sentence } of broken) lines.push('', ...wrap(`${name}: ${sentence}.`, MAIL));
  return lines.map((l) => l.trimEnd()).join('\n');
}

function titleOf({ id, race, model }: Schedule): string {
  return `${race === '' ? 'race' : `race ${race}`}, schedule ${id}  [${model}]`;
}

const join = (cells: readonly string[], width: number): string => cells.map((c) => c.slice(0, width).padEnd(width)).join(' '.repeat(GAP));

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = `  ${word}`;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
