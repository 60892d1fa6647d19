/** arch/x86/include/asm/pgtable_64_types.h: tables of 512 entries of 8 bytes, 4 KiB pages. */
import type { Geometry } from '../../machine/index.js';

export const X86_64_4_LEVELS: Geometry = {
  name: 'x86-64, 4 levels',
  pageShift: 12,
  levels: [
    { name: 'pte', shift: 0, bits: 9 },
    { name: 'pmd', shift: 9, bits: 9 },
    { name: 'pud', shift: 18, bits: 9 },
    { name: 'pgd', shift: 27, bits: 9 },
  ],
  // TASK_SIZE_MAX is one page below the canonical boundary at 2^47.
  taskPages: 2 ** 35 - 1,
};
