/**
 * vm_flags of include/linux/mm.h, as far as they are modelled. The bits are our own, in the order
 * in which fs/proc/task_mmu.c prints their two-letter names, so that a set of flags is printed by
 * walking it from the lowest bit up; the kernel's numbers appear nowhere a user can see them.
 */
const NAMES = [
  'rd',
  'wr',
  'ex',
  'sh',
  'mr',
  'mw',
  'me',
  'ms',
  'gd',
  'um',
  'gu',
  'uw',
  'lo',
  'sr',
  'rr',
  'dc',
  'de',
  'lf',
  'ac',
  'nr',
  'ht',
  'bt',
  'wf',
  'dd',
  'sd',
  'hg',
  'nh',
  'mg',
  'mt',
  'ui',
  'dp',
  'sl',
] as const;

type FlagName = (typeof NAMES)[number];
const bit = (name: FlagName): number => 1 << NAMES.indexOf(name);

export const VM = {
  READ: bit('rd'),
  WRITE: bit('wr'),
  EXEC: bit('ex'),
  SHARED: bit('sh'),
  MAYREAD: bit('mr'),
  MAYWRITE: bit('mw'),
  MAYEXEC: bit('me'),
  MAYSHARE: bit('ms'),
  GROWSDOWN: bit('gd'),
  UFFD_MISSING: bit('um'),
  MAYBE_GUARD: bit('gu'),
  UFFD_WP: bit('uw'),
  LOCKED: bit('lo'),
  SEQ_READ: bit('sr'),
  RAND_READ: bit('rr'),
  DONTCOPY: bit('dc'),
  DONTEXPAND: bit('de'),
  LOCKONFAULT: bit('lf'),
  ACCOUNT: bit('ac'),
  NORESERVE: bit('nr'),
  HUGETLB: bit('ht'),
  BTI: bit('bt'),
  WIPEONFORK: bit('wf'),
  DONTDUMP: bit('dd'),
  SOFTDIRTY: bit('sd'),
  HUGEPAGE: bit('hg'),
  NOHUGEPAGE: bit('nh'),
  MERGEABLE: bit('mg'),
  MTE: bit('mt'),
  UFFD_MINOR: bit('ui'),
  DROPPABLE: bit('dp'),
  SEALED: bit('sl'),
} as const;

export const ACCESS = VM.READ | VM.WRITE | VM.EXEC;
export const UFFD_FLAGS = VM.UFFD_MISSING | VM.UFFD_WP | VM.UFFD_MINOR;
export const LOCKED_MASK = VM.LOCKED | VM.LOCKONFAULT;

/** Shown in the permission column, or set on every VMA: smaps prints them, nobody needs them twice. */
const IN_PERMS = ACCESS | VM.SOFTDIRTY;

/** The first column of /proc/PID/maps. */
export function permsText(flags: number): string {
  return `${flags & VM.READ ? 'r' : '-'}${flags & VM.WRITE ? 'w' : '-'}${flags & VM.EXEC ? 'x' : '-'}${flags & VM.MAYSHARE ? 's' : 'p'}`;
}

/**
 * VmFlags of smaps, without those that the permission column shows.
 * @param hidden flags that the release has but does not print
 */
export function flagsText(flags: number, hidden = 0): string {
  const shown = flags & ~IN_PERMS & ~hidden;
  const known = texts.get(shown);
  if (known !== undefined) return known;
  const text = NAMES.filter((_, i) => shown & (1 << i)).join(' ');
  texts.set(shown, text);
  return text;
}

/** The texts of the sets seen so far: a process has few different ones. */
const texts = new Map<number, string>();
