/** The path a call took, check by check. */
import { stepValueText, type OpRecord, type Step, type StepValue } from '../../machine/index.js';
import { callText } from '../title.js';
import { plural } from '../totals.js';
import { columns, firstOf } from './columns.js';

const ROWS = 200;

export const VERDICT: Readonly<Record<Step['verdict'], string>> = { done: '', passed: 'passed', refused: 'REFUSED' };

export const valuesText = (values: readonly StepValue[]): string => values.map((v) => `${v.name}=${stepValueText(v)}`).join(' ');

export function stepsText(record: OpRecord, model: string): string {
  const lines = [`${callText(record)}  [${model}]`];
  if (record.steps.length === 0) return [...lines, 'the path was not recorded'].join('\n');
  const { shown, more } = firstOf(record.steps, ROWS);
  const rows = shown.map((s) => [s.verdict === 'refused' ? '>' : ' ', s.fn, s.text, VERDICT[s.verdict], valuesText(s.values)]);
  lines.push(...columns([{ title: ' ' }, { title: 'function' }, { title: 'what' }, { title: 'verdict' }, { title: 'numbers' }], rows, ''));
  if (more > 0) lines.push(`  … and ${plural(more, 'more step')}`);
  if (record.result.kind === 'errno') lines.push('', `${record.result.errno}: ${record.result.refusal.why} (${record.result.refusal.fn})`);
  return lines.join('\n');
}
