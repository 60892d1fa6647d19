/** The path a call took, check by check. */
import { flags, hex, MREMAP, size, stepValueText, type OpRecord, type Step, type StepValue, type VrmState } from '../../machine/index.js';
import { callText } from '../title.js';
import { plural } from '../totals.js';
import { columns, firstOf } from './columns.js';

const ROWS = 200;

export const VERDICT: Readonly<Record<Step['verdict'], string>> = { done: 'done', passed: 'passed', refused: 'REFUSED' };

export const valuesText = (values: readonly StepValue[]): string => values.map((v) => `${v.name} ${stepValueText(v)}`).join(', ');

const FIELDS: Readonly<Record<keyof VrmState, 'address' | 'size' | 'text'>> = {
  addr: 'address',
  old_len: 'size',
  new_len: 'size',
  flags: 'text',
  new_addr: 'address',
  vma: 'text',
  delta: 'size',
  remap_type: 'text',
  populate_expand: 'text',
  mmap_locked: 'text',
  charged: 'size',
};

const fieldText = (field: keyof VrmState, state: VrmState): string => {
  const value = state[field];
  if (value === null) return 'NULL';
  if (field === 'flags') return flags(MREMAP, Number(value), '0').replaceAll('MREMAP_', '');
  return typeof value === 'bigint' ? (FIELDS[field] === 'address' ? hex(value) : size(value)) : String(value);
};

/** What of the state that mremap carries has changed since the step before; at the first step all of it. */
export function vrmText(before: VrmState | undefined, now: VrmState | undefined): string {
  if (now === undefined) return '';
  const fields = (Object.keys(FIELDS) as (keyof VrmState)[]).filter((f) => before === undefined || before[f] !== now[f]);
  return fields.map((f) => (before === undefined ? `${f} ${fieldText(f, now)}` : `${f} ${fieldText(f, before)} → ${fieldText(f, now)}`)).join(', ');
}

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
    const state = vrmText(shown[i - 1]?.vrm, s.vrm);
    if (state !== '') lines.push(`${indent}vrm: ${state}`);
  });
  if (more > 0) lines.push(`  … and ${plural(more, 'more step')}`);
  if (record.result.kind === 'errno') lines.push('', `${record.result.errno}: ${record.result.refusal.why} (${record.result.refusal.fn})`);
  return lines.join('\n');
}
