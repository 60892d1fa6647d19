/**
 * vm_flags of include/linux/mm.h, as far as they are modelled. The bits are our own, in the order
 * in which fs/proc/task_mmu.c prints their two-letter names, so that a set of flags is printed by
 * walking it from the lowest bit up; the kernel's numbers appear nowhere a user can see them.
 */
const NAMES = ['rd', 'wr', 'ex', 'sh', 'mr', 'mw', 'me', 'ms', 'ac', 'nr', 'sd'] as const;

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
  ACCOUNT: bit('ac'),
  NORESERVE: bit('nr'),
  SOFTDIRTY: bit('sd'),
} as const;

/** Shown in the permission column, or set on every VMA: smaps prints them, nobody needs them twice. */
const IN_PERMS = VM.READ | VM.WRITE | VM.EXEC | VM.SOFTDIRTY;

/** The first column of /proc/PID/maps. */
export function permsText(flags: number): string {
  return `${flags & VM.READ ? 'r' : '-'}${flags & VM.WRITE ? 'w' : '-'}${flags & VM.EXEC ? 'x' : '-'}${flags & VM.MAYSHARE ? 's' : 'p'}`;
}

/** VmFlags of smaps, without those that the permission column shows. */
export function flagsText(flags: number): string {
  return NAMES.filter((_, i) => flags & (1 << i) & ~IN_PERMS).join(' ');
}
