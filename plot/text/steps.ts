/** The path a call took, check by check, and what it carried along. */
import { printkLine, stepValueText, type OpRecord, type Step, type StepValue } from '../../machine/index.js';
import { callText } from '../title.js';
import { plural } from '../totals.js';
import { vrmTable } from '../vrm-table.js';
import { columns, firstOf } from './columns.js';

const ROWS = 200;

const VERDICT: Readonly<Record<Step['verdict'], string>> = { done: 'done', passed: 'passed', refused: 'REFUSED' };

const valuesText = (values: readonly StepValue[]): string => values.map((v) => `${v.name} ${stepValueText(v)}`).join(', ');

/** A step a line, and under it the numbers it went by; then the state through time, and what the kernel said. */
export function stepsText(record: OpRecord, model: string): string {
  const lines = [`${callText(record)}  [${model}]`];
  if (record.steps.length === 0) return [...lines, 'the path was not recorded'].join('\n');
  const { shown, more } = firstOf(record.steps, ROWS);
  const rows = shown.map((s, i) => [s.verdict === 'refused' ? '>' : ' ', String(i + 1), VERDICT[s.verdict], s.fn, s.text]);
  const [head = '', ...steps] = columns([{ title: ' ' }, { title: '#', align: 'right' }, { title: 'verdict' }, { title: 'function' }, { title: 'what' }], rows, '');
  const indent = ' '.repeat(head.indexOf('what') + 2);
  lines.push(head);
  shown.forEach((s, i) => {
    lines.push(steps[i] ?? '');
    if (s.values.length > 0) lines.push(indent + valuesText(s.values));
  });
  if (more > 0) lines.push(`  … and ${plural(more, 'more step')}`);
  lines.push(...stateLines(shown), ...record.log.map((l) => `kernel log: ${l}`));
  if (record.result.kind === 'errno') lines.push('', `${record.result.errno}: ${record.result.refusal.why} (${record.result.refusal.fn})`);
  return lines.join('\n');
}

/** What a printk in move_page_tables() would have said: a line a call, to be pasted elsewhere. */
export function printkText(record: OpRecord): string {
  if (record.moveCalls.length > 0) return record.moveCalls.map(printkLine).join('\n');
  return record.steps.length === 0 ? 'the path was not recorded' : 'the call did not come to move_page_tables()';
}

/** The vrm table: a line where something changed. */
function stateLines(steps: readonly Step[]): string[] {
  const table = vrmTable(steps);
  if (table === null) return [];
  const lines = ['', 'vrm, where a step changed it'];
  lines.push(`  throughout: ${table.constant.map(([f, text]) => `${f} ${text}`).join(', ')}`);
  if (table.varying.length === 0) return lines;
  const rows = table.rows.map((r) => [String(r.step), ...r.texts]);
  lines.push(...columns([{ title: '#', align: 'right' }, ...table.varying.map((title) => ({ title }))], rows));
  return lines;
}
