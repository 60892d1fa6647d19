/**
 * What a merge asks before a range joins a neighbour, in the kernel's order: is_mergeable_vma(),
 * is_mergeable_anon_vma(), can_vma_merge_before() and can_vma_merge_after() (mm/mmap.c up to v6.11, mm/vma.c
 * since). The merge stops at the first check that does not hold; `explainMerge` shows all of them.
 */
import { hex, type StepValue, type Vpn } from '../../machine/index.js';
import type { Behaviours } from '../models/behaviours/index.js';
import type { KernelFunctions } from '../models/kernel-functions.js';
import type { SharedObject } from '../pagetable/shared-object.js';
import type { Uffd } from '../uffd-ctx.js';
import { isPrivateFile, pagesOf, type VmArea } from './vm-area.js';
import { ACCESS, flagsText, permsText, VM } from './vm-flags.js';

/** The range that asks for neighbours: struct vma_merge_struct. */
export interface NewRange {
  readonly start: Vpn;
  readonly end: Vpn;
  readonly pgoff: number;
  readonly anonPgoff: number;
  readonly flags: number;
  readonly file: SharedObject | null;
  readonly anonVma: number | null;
  readonly uffd: Uffd | null;
  /** Of anonymous memory that somebody named. */
  readonly name?: string;
  /**
   * The VMA whose pages the range is to hold (vmg->copied_from), when mremap copies one. It hands
   * its chain to an unfaulted neighbour, and a fork child's keeps it from merging with one.
   */
  readonly copiedFrom?: VmArea;
  /** The VMA that gets other flags, when the range exists already. */
  readonly modified?: VmArea;
}

/** May this range join this neighbour? */
export interface MergeQuestion {
  readonly behaviours: Pick<Behaviours, 'merge_faulted' | 'anon_pgoff'>;
  readonly range: NewRange;
  /** The anon_vma that the range is asked with: its own, or that of the other neighbour (mmap up to v6.11). */
  readonly anonVma: number | null;
  readonly neighbour: VmArea;
  /** The neighbour on the other side, when that one joins. */
  readonly opposite?: VmArea | null;
}

export interface Rule {
  readonly code: string;
  readonly fn: (q: MergeQuestion) => keyof KernelFunctions;
  /** Whether the release asks this of such memory; always, where absent. */
  readonly asked?: (q: MergeQuestion) => boolean;
  readonly holds: (q: MergeQuestion) => boolean;
  readonly text: string;
  readonly otherwise: (q: MergeQuestion) => string;
  /** What is compared: that of the range, and that of the neighbour. */
  readonly values: (q: MergeQuestion) => readonly [StepValue, StepValue];
}

/** VM_STICKY: ignored in comparisons, and a merged VMA has what any of its parts had. */
export const STICKY = VM.SOFTDIRTY | VM.MAYBE_GUARD;

/** VM_SPECIAL, of which the model has VM_DONTEXPAND. */
const SPECIAL = VM.DONTEXPAND;

const isAbove = ({ range, neighbour }: MergeQuestion): boolean => neighbour.start >= range.end;
const differing = ({ range, neighbour }: MergeQuestion): number => (neighbour.flags ^ range.flags) & ~STICKY;
const isForkChild = (v: Pick<VmArea, 'chain'>): boolean => v.chain.length > 1;

/** Where one side has no anon_vma: the VMA whose anon_vma both would have. */
const donor = ({ range, anonVma, neighbour }: MergeQuestion): VmArea | undefined => (anonVma === null ? neighbour : (range.copiedFrom ?? range.modified));

const value = (name: string, of: string | number): StepValue => ({ name, value: of, as: typeof of === 'number' ? 'count' : 'text' });
const both = (name: string, range: string | number, neighbour: string | number): readonly [StepValue, StepValue] => [value(name, range), value(name, neighbour)];
const shown = (flags: number): string => `${permsText(flags)} ${flagsText(flags & ~STICKY)}`;
const anon = (id: number | null): string | number => id ?? 'none yet';
const anonVmas = ({ anonVma, neighbour }: MergeQuestion): readonly [StepValue, StepValue] => both('anon_vma', anon(anonVma), anon(neighbour.anonVma));
const index = (page: number): string => hex(BigInt(page));

type Offset = 'pgoff' | 'anonPgoff';
const lengthOf = ({ range }: MergeQuestion): number => range.end - range.start;

const goesOn = (q: MergeQuestion, of: Offset): boolean => (isAbove(q) ? q.range[of] + lengthOf(q) === q.neighbour[of] : q.neighbour[of] + pagesOf(q.neighbour) === q.range[of]);

function offsets(q: MergeQuestion, of: Offset): readonly [StepValue, StepValue] {
  const { range, neighbour } = q;
  return isAbove(q)
    ? [value('ends before', index(range[of] + lengthOf(q))), value('begins with', index(neighbour[of]))]
    : [value('begins with', index(range[of])), value('ends before', index(neighbour[of] + pagesOf(neighbour)))];
}

/** In the order in which every release asks. */
const MERGE_RULES: readonly Rule[] = [
  {
    code: 'merge.image',
    fn: () => 'mergeExisting',
    holds: ({ range, neighbour }) => !neighbour.image && range.modified?.image !== true,
    text: "both are the scenario's own memory",
    otherwise: () => 'one is of the process image',
    values: ({ range, neighbour }) => {
      const whose = (image: boolean): string => (image ? 'of the process image' : 'mapped');
      return both('vma', whose(range.modified?.image === true), whose(neighbour.image));
    },
  },
  {
    code: 'merge.special',
    fn: () => 'mergeExisting',
    holds: ({ range }) => (range.flags & SPECIAL) === 0,
    text: 'it is of no special kind (VM_SPECIAL)',
    otherwise: () => 'memory of a special kind (VM_SPECIAL) merges with nothing',
    values: ({ range, neighbour }) => both('vm_flags', shown(range.flags), shown(neighbour.flags)),
  },
  {
    code: 'merge.flags',
    fn: () => 'mergeableVma',
    holds: (q) => differing(q) === 0,
    text: 'permissions and flags are the same (vm_flags)',
    otherwise: (q) => (differing(q) & (ACCESS | VM.MAYSHARE) ? 'their permissions differ' : `their flags differ in ${flagsText(differing(q))}`),
    values: ({ range, neighbour }) => both('vm_flags', shown(range.flags), shown(neighbour.flags)),
  },
  {
    code: 'merge.file',
    fn: () => 'mergeableVma',
    holds: ({ range, neighbour }) => neighbour.file === range.file,
    text: 'the file is the same (vm_file)',
    otherwise: () => 'their files differ',
    values: ({ range, neighbour }) => {
      const of = (file: SharedObject | null): string => (file === null ? 'none' : `${file.kind}, object ${file.id}`);
      return both('vm_file', of(range.file), of(neighbour.file));
    },
  },
  {
    code: 'merge.uffd',
    fn: () => 'mergeableVma',
    holds: ({ range, neighbour }) => neighbour.uffd === range.uffd,
    text: 'the same userfaultfd watches both, or none does',
    otherwise: () => 'they are not watched by the same userfaultfd',
    values: ({ range, neighbour }) => {
      const of = (uffd: Uffd | null): string => (uffd === null ? 'none' : `userfaultfd ${uffd.id}`);
      return both('vm_userfaultfd_ctx', of(range.uffd), of(neighbour.uffd));
    },
  },
  {
    code: 'merge.anon_name',
    fn: () => 'mergeableVma',
    holds: ({ range, neighbour }) => neighbour.name === range.name,
    text: 'both have the same name, or none has (anon_vma_name_eq)',
    otherwise: () => 'their names differ',
    values: ({ range, neighbour }) => both('anon_name', range.name ?? 'none', neighbour.name ?? 'none'),
  },
  {
    code: 'merge.anon_vma',
    fn: () => 'mergeableAnonVma',
    holds: ({ anonVma, neighbour }) => anonVma === neighbour.anonVma || anonVma === null || neighbour.anonVma === null,
    text: 'there is one anon_vma, or one has none',
    otherwise: () => 'each has an anon_vma of its own',
    values: anonVmas,
  },
  {
    code: 'merge.faulted',
    fn: () => 'mergeableAnonVma',
    // 879bca0a2c4f, v6.16; before, list_is_singular() of the neighbour's empty chain said no.
    holds: ({ behaviours, anonVma, neighbour }) => anonVma === null || neighbour.anonVma !== null || behaviours.merge_faulted === 'yes',
    text: 'what was written joins a neighbour that was written too (merge_faulted=no)',
    otherwise: () => 'what was written does not join a neighbour that was not (merge_faulted=no)',
    values: anonVmas,
  },
  {
    code: 'merge.fork',
    fn: () => 'mergeableAnonVma',
    holds: (q) => q.anonVma === q.neighbour.anonVma || !isForkChild(donor(q) ?? { chain: [] }),
    text: 'where one has no anon_vma, that of the other was not shared by a fork',
    otherwise: () => 'one has no anon_vma, and that of the other was shared by a fork',
    values: ({ range, neighbour }) => both('anon_vma_chain', (range.copiedFrom ?? range.modified)?.chain.length ?? 0, neighbour.chain.length),
  },
  {
    code: 'merge.pgoff',
    fn: (q) => (isAbove(q) ? 'canMergeBefore' : 'canMergeAfter'),
    holds: (q) => goesOn(q, 'pgoff'),
    text: 'the page offsets go on (vm_pgoff)',
    otherwise: () => 'their page offsets do not go on (vm_pgoff)',
    values: (q) => offsets(q, 'pgoff'),
  },
  {
    code: 'merge.anon_pgoff',
    fn: (q) => (isAbove(q) ? 'canMergeBefore' : 'canMergeAfter'),
    // needs_adjacent_anon_pgoff(); all other memory has no second offset.
    asked: ({ behaviours, range }) => behaviours.anon_pgoff === 'of_address' && isPrivateFile(range),
    holds: (q) => goesOn(q, 'anonPgoff'),
    text: 'so do those of anonymous pages, which a private mapping of a file has besides (anon_pgoff=of_address)',
    otherwise: () => 'the page offsets of their anonymous pages do not go on: one was written and then moved (anon_pgoff=of_address)',
    values: (q) => offsets(q, 'anonPgoff'),
  },
  {
    code: 'merge.opposite',
    fn: () => 'mergeableAnonVma',
    holds: ({ neighbour, opposite }) => opposite === undefined || opposite === null || mutuallyFit(opposite, neighbour),
    text: 'the neighbour below joins too, and can be one with the neighbour above',
    otherwise: () => 'the neighbour on the other side joins, and has an anon_vma of its own',
    values: ({ neighbour, opposite }) => both('anon_vma', anon(opposite?.anonVma ?? null), anon(neighbour.anonVma)),
  },
];

/** Both neighbours can only become one if at most one of them has an anon_vma, or they share it. */
const mutuallyFit = (a: VmArea, b: VmArea): boolean => a.anonVma === b.anonVma || a.anonVma === null || b.anonVma === null;

const isAsked = (rule: Rule, q: MergeQuestion): boolean => rule.asked?.(q) ?? true;

/** The first rule that keeps the range apart from its neighbour. */
export const keptApartBy = (q: MergeQuestion): Rule | undefined => MERGE_RULES.find((rule) => isAsked(rule, q) && !rule.holds(q));

/** The rules that the release asks of such memory. */
export const rulesFor = (q: MergeQuestion): readonly Rule[] => MERGE_RULES.filter((rule) => isAsked(rule, q));
