/** The path a call took, check by check. */
import { stepValueText, type OpRecord, type Step, type StepValue } from '../../machine/index.js';
import { callText } from '../title.js';
import { plural } from '../totals.js';
import { columns, firstOf } from './columns.js';

const ROWS = 200;

export const VERDICT: Readonly<Record<Step['verdict'], string>> = { done: 'done', passed: 'passed', refused: 'REFUSED' };

export const valuesText = (values: readonly StepValue[]): string => values.map((v) => `${v.name} ${stepValueText(v)}`).join(', ');

/** A step a line, and under it the numbers it went by. */
export function stepsText(record: OpRecord, model: string): string {
  const lines = [`${callText(record)}  [${model}]`];
  if (record.steps.length === 0) return [...lines, 'the path was not recorded'].join('\n');
  const { shown, more } = firstOf(record.steps, ROWS);
  const rows = shown.map((s) => [s.verdict === 'refused' ? '>' : ' ', VERDICT[s.verdict], s.fn, s.text]);
  const [head = '', ...steps] = columns([{ title: ' ' }, { title: 'verdict' }, { title: 'function' }, { title: 'what' }], rows, '');
  const indent = ' '.repeat(head.indexOf('what') + 2);
  lines.push(head);
  shown.forEach((s, i) => {
    lines.push(steps[i] ?? '');
    if (s.values.length > 0) lines.push(indent + valuesText(s.values));
  });
  if (more > 0) lines.push(`  … and ${plural(more, 'more step')}`);
  if (record.result.kind === 'errno') lines.push('', `${record.result.errno}: ${record.result.refusal.why} (${record.result.refusal.fn})`);
  return lines.join('\n');
}
