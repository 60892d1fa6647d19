/**
 * The page-table shapes of the machines that can be modelled. x86-64:
 * arch/x86/include/asm/pgtable_64_types.h; arm64: arch/arm64/include/asm/pgtable-hwdef.h and
 * Documentation/arch/arm64/memory.rst. Levels that a configuration folds are absent.
 */
import { SetupError, type Geometry, type Level, type LevelName, type MachineSpec } from '../../machine/index.js';

const K = 1024;
const NAMES: readonly LevelName[] = ['pte', 'pmd', 'pud', 'p4d', 'pgd'];

/** Levels from PTE up; the root is a pgd whatever its depth, with what is left of the address bits. */
function levels(pageShift: number, depth: number, addressBits: number): Level[] {
  const bits = pageShift - 3;
  return Array.from({ length: depth }, (_, i) => ({
    name: i === depth - 1 ? 'pgd' : (NAMES[i] ?? 'pgd'),
    shift: i * bits,
    bits: i === depth - 1 ? addressBits - pageShift - i * bits : bits,
  }));
}

const x86 = (depth: 4 | 5): Geometry => ({
  name: `x86-64, ${depth} levels`,
  arch: 'x86-64',
  pageShift: 12,
  // Half of the root is the kernel's.
  levels: levels(12, depth, depth === 4 ? 48 : 57),
  // One page below the canonical boundary (TASK_SIZE_MAX); without a hint above it mmap stays below 2^47.
  taskPages: 2 ** (depth === 4 ? 35 : 44) - 1,
  mapWindow: 2 ** 35 - 1,
  unmappedBase: Math.ceil((2 ** 35 - 1) / 3),
});

/**
 * A 32-bit program on a 64-bit kernel: its tables are those of the kernel, and its addresses end below
 * IA32_PAGE_OFFSET (arch/x86/include/asm/page_64_types.h), or at 3 GiB with ADDR_LIMIT_3GB.
 */
const compat = (gib: 3 | 4): Geometry => {
  const taskPages = gib === 3 ? 0xc0000 : 0xffffe;
  return { ...x86(4), name: `x86-32, ${gib} GiB`, taskPages, mapWindow: taskPages, unmappedBase: Math.ceil(taskPages / 3) };
};

/** granule in KiB, levels, virtual address bits */
const ARM64: readonly [4 | 16 | 64, 2 | 3 | 4 | 5, number][] = [
  [4, 3, 39],
  [4, 4, 48],
  [4, 5, 52],
  [16, 2, 36],
  [16, 3, 47],
  [16, 4, 48],
  [16, 4, 52],
  [64, 2, 42],
  [64, 3, 48],
  [64, 3, 52],
];

/**
 * VA_BITS_MIN: a kernel built for 52 bits also runs on CPUs without them. So it places everything below that smaller
 * limit (the map window), unless a program asks for an address above it.
 */
const windowBits = (granule: number, bits: number): number => (bits < 52 ? bits : granule === 16 ? 47 : 48);

/** The levels and bits that a kernel built for 52 bits uses on a CPU without them, as most are. */
const DEFAULT_BITS: Readonly<Record<number, number>> = { 4: 48, 16: 47, 64: 48 };

const arm64 = (granule: number, depth: number, bits: number, mte: boolean): Geometry => {
  const pageShift = Math.log2(granule * K);
  const mapWindow = 2 ** (windowBits(granule, bits) - pageShift);
  return {
    name: `arm64, ${granule}K pages, ${depth} levels${bits === 52 && depth < 5 ? ', 52 bits' : ''}`,
    arch: 'arm64',
    pageShift,
    levels: levels(pageShift, depth, bits),
    taskPages: 2 ** (bits - pageShift),
    mapWindow,
    unmappedBase: mapWindow / 4,
    mte,
  };
};

export const X86_64_4_LEVELS = x86(4);

/** @throws SetupError when there is no such machine */
export function geometryOf(spec: MachineSpec): Geometry {
  if (spec.arch === 'x86-64') {
    const depth = spec.levels ?? (spec.va === 57 ? 5 : 4);
    if (spec.mte === true) throw new SetupError('x86-64 cannot tag memory', 'machine arm64 { mte 1 }');
    if ((depth !== 4 && depth !== 5) || (spec.va ?? (depth === 4 ? 48 : 57)) !== (depth === 4 ? 48 : 57) || (spec.granule ?? 4 * K) !== 4 * K)
      throw new SetupError('x86-64 has pages of 4K and 4 or 5 levels of tables, for 48 or 57 bits', 'machine x86_64 { levels 5 }');
    return x86(depth);
  }
  if (spec.arch === 'x86-32') {
    const { levels: depth = 4, va = 32, granule: page = 4 * K, mte = false } = spec;
    if (depth !== 4 || (va !== 32 && va !== 31) || page !== 4 * K || mte)
      throw new SetupError('a 32-bit program on x86-64 has pages of 4K, 4 levels of tables and 32 bits, of which va 31 takes the 3 GiB of ADDR_LIMIT_3GB', 'machine x86_32 { }');
    return compat(va === 31 ? 3 : 4);
  }
  const granule = (spec.granule ?? 4 * K) / K;
  const fitting = ARM64.filter(([g]) => g === granule);
  const { levels: wanted, va = wanted === undefined ? DEFAULT_BITS[granule] : undefined } = spec;
  const found = fitting.find(([, depth, bits]) => (wanted === undefined || depth === wanted) && (va === undefined || bits === va));
  if (found === undefined) {
    throw new SetupError(
      `no arm64 machine has pages of ${granule}K and ${spec.levels ?? 'that many'} levels of tables${spec.va === undefined ? '' : ` for ${spec.va} bits`}`,
      `granule, levels and address bits that exist: ${ARM64.map(([g, d, bits]) => `${g}K with ${d} and ${bits}`).join(', ')}`,
    );
  }
  return arm64(...found, spec.mte ?? false);
}
