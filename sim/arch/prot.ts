/**
 * Protection bits of one architecture: PROT_BTI and PROT_MTE of arm64 (arch/arm64/include/asm/mman.h).
 * BTI, which guards the targets of indirect branches, is taken for granted; whether memory can be tagged
 * is the machine's.
 */
import { PROT, type Geometry } from '../../machine/index.js';
import type { VmArea } from '../vma/vm-area.js';
import { VM } from '../vma/vm-flags.js';

const hasBti = (g: Geometry): boolean => g.arch === 'arm64';
const hasMte = (g: Geometry): boolean => g.mte === true;

/** arch_validate_prot(): the bits that mprotect knows here; mmap ignores what it does not know. */
export const knownProt = (g: Geometry): number =>
  PROT.PROT_READ | PROT.PROT_WRITE | PROT.PROT_EXEC | PROT.PROT_SEM | (hasBti(g) ? PROT.PROT_BTI : 0) | (hasMte(g) ? PROT.PROT_MTE : 0);

/** arch_calc_vm_prot_bits() */
export const archProtFlags = (g: Geometry, prot: number): number => (hasBti(g) && prot & PROT.PROT_BTI ? VM.BTI : 0) | (hasMte(g) && prot & PROT.PROT_MTE ? VM.MTE : 0);

/** VM_ARCH_CLEAR: what mprotect takes away unless it is asked for again. Tags stay. */
export const ARCH_CLEAR = VM.BTI;

/** VM_MTE_ALLOWED: memory whose pages can hold tags, which the kernel's own mappings cannot. */
export const mayBeTagged = (vma: Pick<VmArea, 'file'>): boolean => vma.file?.special !== true;
