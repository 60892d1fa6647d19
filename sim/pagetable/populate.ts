/** populate_vma_page_range() and __mm_populate(), mm/gup.c: faults pages in before the program does. */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { VM } from '../vma/vm-flags.js';
import { faultRange } from './fault.js';

/**
 * Private writable memory is populated as by stores, other memory as by loads, locked-on-fault
 * memory not at all. What is not mapped is left out.
 * @returns false at the first page that cannot be had; what came before it stays
 */
export function populateRange(mm: Mm, from: Vpn, to: Vpn): boolean {
  for (const { start, end } of mm.range(from, to)) {
    // An earlier fault may have given the VMA an anon_vma, so the VMA is looked up again.
    const vma = mm.lookup(Math.max(start, from));
    if (vma === undefined || vma.flags & VM.LOCKONFAULT) continue;
    const write = (vma.flags & (VM.WRITE | VM.SHARED)) === VM.WRITE;
    if (faultRange(mm, Math.max(start, from), Math.min(end, to), write) !== null) return false;
  }
  return true;
}

/** The same for calls that ignore failures: mmap and mremap go on with the next VMA. */
export function populateIgnoringErrors(mm: Mm, from: Vpn, to: Vpn): void {
  for (const { start, end } of mm.range(from, to)) populateRange(mm, Math.max(start, from), Math.min(end, to));
}
