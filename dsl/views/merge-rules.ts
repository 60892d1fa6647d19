/**
 * The rules that keep two neighbouring VMAs apart, in the order in which the kernel asks:
 * is_mergeable_vma(), then can_vma_merge_before() and after() (mm/vma.c, before v6.11 mm/mmap.c).
 */
import { hex, type Geometry, toBytes, type Vma } from '../../machine/index.js';

export interface MergeRule {
  /** What must hold, as a short sentence. */
  readonly rule: string;
  /** What is the case where it does not. */
  readonly otherwise: string;
  /** The kernel function that asks. */
  readonly fn: string;
  readonly holds: boolean;
  /** What it is of each of the two. */
  readonly a: string;
  readonly b: string;
}

/** @param a the lower one, @param b the one that begins where it ends */
export function mergeRules(a: Vma, b: Vma, g: Geometry): MergeRule[] {
  const at = (vpn: number): string => hex(toBytes(g, vpn));
  const faulted = (v: Vma): string => (v.anonVma === null ? 'none yet' : `anon_vma ${v.anonVma}`);
  const flags = (v: Vma): string => v.vmFlags || 'none';
  const special = (v: Vma): boolean => /\b(?:de|io|pf|mm)\b/.test(v.vmFlags);
  const one = a.anonVma === null || b.anonVma === null;
  const forked = [a, b].find((v) => v.chainLength > 1);
  return [
    {
      rule: 'one begins where the other ends',
      otherwise: 'a gap or another mapping lies between them',
      fn: 'vma_merge',
      holds: a.end === b.start,
      a: `ends at ${at(a.end)}`,
      b: `begins at ${at(b.start)}`,
    },
    {
      rule: "both are the scenario's own memory",
      otherwise: 'one is of the process image',
      fn: 'vma_merge',
      holds: !a.background && !b.background,
      a: a.background ? 'of the process image' : 'mapped',
      b: b.background ? 'of the process image' : 'mapped',
    },
    {
      rule: 'neither is of a special kind (VM_SPECIAL)',
      otherwise: 'one is of a special kind (VM_SPECIAL)',
      fn: 'vma_merge',
      holds: !special(a) && !special(b),
      a: flags(a),
      b: flags(b),
    },
    { rule: 'the permissions are the same', otherwise: 'their permissions differ', fn: 'is_mergeable_vma', holds: a.perms === b.perms, a: a.perms, b: b.perms },
    { rule: 'the other flags are the same', otherwise: 'their flags differ', fn: 'is_mergeable_vma', holds: sorted(a.vmFlags) === sorted(b.vmFlags), a: flags(a), b: flags(b) },
    {
      rule: 'the file is the same',
      otherwise: 'their files differ',
      fn: 'is_mergeable_vma',
      holds: a.object === b.object && a.kind === b.kind,
      a: objectText(a),
      b: objectText(b),
    },
    {
      rule: 'the page offsets go on (vm_pgoff)',
      otherwise: 'their page offsets do not go on (vm_pgoff)',
      fn: 'can_vma_merge_after',
      holds: a.pgoff + (a.end - a.start) === b.pgoff,
      a: `ends before ${hex(BigInt(a.pgoff + (a.end - a.start)))}`,
      b: `begins with ${hex(BigInt(b.pgoff))}`,
    },
    {
      rule: 'there is one anon_vma, or one has none',
      otherwise: 'each has an anon_vma of its own',
      fn: 'is_mergeable_anon_vma',
      holds: one || a.anonVma === b.anonVma,
      a: faulted(a),
      b: faulted(b),
    },
    {
      rule: 'where one has none, the other was not shared by a fork',
      otherwise: 'one has no anon_vma, and that of the other was shared by a fork',
      fn: 'is_mergeable_anon_vma',
      holds: a.anonVma === b.anonVma || !one || forked === undefined,
      a: `chain of ${a.chainLength}`,
      b: `chain of ${b.chainLength}`,
    },
  ];
}

const sorted = (flags: string): string => flags.split(' ').sort().join(' ');
const objectText = (v: Vma): string => (v.object === null ? 'none' : `${v.kind}, object ${v.object}`);
