/** The state that mremap carries (vrm) through the steps of a call: what stays, and what changes when. */
import { count, flags, hex, MREMAP, size, type Range, type Step, type VrmState } from '../machine/index.js';

export type VrmField = keyof VrmState;

/** In the order of the kernel's structure; `mlocked` and `populate_expand` are one place at different times. */
const FIELDS: readonly VrmField[] = [
  'addr', 'old_len', 'new_len', 'flags', 'new_addr', 'uf', 'uf_unmap_early', 'uf_unmap', 'vma', 'delta',
  'mlocked', 'populate_expand', 'remap_type', 'mmap_locked', 'charged', 'vmi_needs_invalidate',
]; // prettier-ignore

const rangesText = (ranges: readonly Range[]): string => (ranges.length === 0 ? 'empty' : ranges.map((r) => `${hex(r.start)}-${hex(r.end)}`).join(' '));

/** A field as a reader of the source would write it; undefined where the release has no such field. */
function fieldText(field: VrmField, state: VrmState): string | undefined {
  switch (field) {
    case 'addr':
    case 'new_addr':
      return hex(state[field]);
    case 'old_len':
    case 'new_len':
    case 'delta':
      return size(state[field]);
    case 'flags':
      return flags(MREMAP, state.flags, '0').replaceAll('MREMAP_', '');
    case 'uf_unmap_early':
    case 'uf_unmap':
      return rangesText(state[field]);
    case 'charged':
      return count(state.charged);
    case 'remap_type':
      return state.remap_type.replace('MREMAP_', '');
    case 'vma':
    case 'uf':
      return state[field] ?? 'NULL';
    case 'mlocked':
    case 'populate_expand':
    case 'mmap_locked':
    case 'vmi_needs_invalidate':
      return state[field]?.toString();
  }
}

export interface VrmTable {
  /** Fields that no step changed, with their text. */
  readonly constant: readonly (readonly [VrmField, string])[];
  readonly varying: readonly VrmField[];
  /** The first state, and every one that differs from the one before; the step's place counts from 1. An empty text is as before. */
  readonly rows: readonly { readonly step: number; readonly texts: readonly string[] }[];
}

/** Null where no step carries a state: before v6.15, and in other calls. */
export function vrmTable(steps: readonly Step[]): VrmTable | null {
  const states = steps.flatMap(({ vrm }, i) => (vrm === undefined ? [] : [{ step: i + 1, vrm }]));
  const [first] = states;
  if (first === undefined) return null;
  const present = FIELDS.filter((f) => fieldText(f, first.vrm) !== undefined);
  const varying = present.filter((f) => states.some((s) => fieldText(f, s.vrm) !== fieldText(f, first.vrm)));
  const rows: { step: number; texts: string[] }[] = [];
  states.forEach(({ step, vrm }, i) => {
    const before = states[i - 1]?.vrm;
    const texts = varying.map((f) => (before !== undefined && fieldText(f, before) === fieldText(f, vrm) ? '' : (fieldText(f, vrm) ?? '')));
    if (texts.some((t) => t !== '')) rows.push({ step, texts });
  });
  const constant = present.filter((f) => !varying.includes(f)).map((f) => [f, fieldText(f, first.vrm) ?? ''] as const);
  return { constant, varying, rows };
}
