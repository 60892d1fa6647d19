/** Random programs over everything that the model can do, in a few pages where all of it meets. */
import fc from 'fast-check';
import { MADV, MAP, MREMAP, PROT, type Op } from '../../machine/index.js';

export const PAGE = 4096n;
/** 16 pages below a PUD boundary to 48 above it, so that tables come and go. */
export const BASE = 1n << 40n;
export const PAGES = 64;
export const LOWEST = BASE - 16n * PAGE;
const PMD = 1n << 21n;

const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED, MREMAP_DONTUNMAP: DONT } = MREMAP;
const { PROT_READ: R, PROT_WRITE: W, PROT_EXEC: X } = PROT;
const PRIVATE = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS;
const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS;

const at = fc.nat(PAGES - 1).map((n) => LOWEST + BigInt(n) * PAGE);
const len = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 8 }) }, { weight: 1, arbitrary: fc.constantFrom(16, 32, 64) }).map((n) => BigInt(n) * PAGE);
/** PMDs next to one another, and one in the next PUD. */
const far = fc.constantFrom(0n, 1n, 2n, 3n, 512n).map((n) => BASE + n * PMD);
const place = fc.oneof({ weight: 12, arbitrary: at }, { weight: 1, arbitrary: far });
const prot = fc.constantFrom(R | W, R | W, R | W, R, R | W | X, PROT.PROT_NONE);
const fd = fc.constantFrom(3, 3, 4);

/** A call on a range, of the length given or, now and then, of whole PMDs. */
const range = fc.oneof(
  { weight: 12, arbitrary: fc.record({ addr: place, length: len }) },
  { weight: 1, arbitrary: fc.record({ addr: far, length: fc.constantFrom(PMD, 2n * PMD) }) },
);

const mmap = fc
  .tuple(
    range,
    prot,
    fc.constantFrom(MAP.MAP_FIXED, MAP.MAP_FIXED, MAP.MAP_FIXED, MAP.MAP_FIXED_NOREPLACE, 0),
    fc.constantFrom(PRIVATE, PRIVATE, PRIVATE, PRIVATE | MAP.MAP_NORESERVE, PRIVATE | MAP.MAP_LOCKED, PRIVATE | MAP.MAP_POPULATE, PRIVATE | MAP.MAP_GROWSDOWN, SHARED),
  )
  .map(([r, p, placing, kind]): Op => ({ name: 'mmap', ...r, prot: p, flags: kind | placing, fd: -1, offset: 0n }));

const mapFile = fc
  .tuple(range, prot, fc.constantFrom(MAP.MAP_SHARED, MAP.MAP_PRIVATE), fd, fc.nat(6))
  .map(([r, p, type, file, offset]): Op => ({ name: 'mmap', ...r, prot: p, flags: type | MAP.MAP_FIXED, fd: file, offset: BigInt(offset) * PAGE }));

const move = fc
  .tuple(range, place, fc.constantFrom(MAY | FIXED, MAY | FIXED, MAY | FIXED, MAY | FIXED | DONT, MAY | DONT))
  .map(([{ addr, length }, to, flags]): Op => ({ name: 'mremap', old_address: addr, old_size: length, new_size: length, flags, new_address: to }));

const resize = fc
  .tuple(place, fc.oneof(len, fc.constant(0n)), len, place, fc.constantFrom(0, MAY, MAY, MAY | FIXED))
  .map(([old_address, old_size, new_size, to, flags]): Op => ({ name: 'mremap', old_address, old_size, new_size, flags, new_address: to }));

const onRange = <N extends 'munmap' | 'mlock' | 'munlock'>(name: N): fc.Arbitrary<Op> => range.map((r): Op => ({ name, ...r }));

const store = fc.tuple(range, fc.integer({ min: 1, max: 1000 })).map(([r, value]): Op => ({ name: 'store_words', ...r, value: BigInt(value), stride: PAGE }));
const load = range.map((r): Op => ({ name: 'load_words', ...r, stride: PAGE }));
const bytes = fc
  .tuple(place, fc.nat(5000), fc.nat(20000), fc.nat(255))
  .map(([a, skew, length, byte]): Op => ({ name: 'memset', addr: a + BigInt(skew), length: BigInt(length), byte }));
const one = fc.tuple(place, fc.nat(4095), fc.nat(255)).map(([a, skew, byte]): Op => ({ name: 'poke', addr: a + BigInt(skew), byte }));
const mprotect = fc.tuple(range, prot).map(([r, p]): Op => ({ name: 'mprotect', ...r, prot: p }));

const PLAIN_ADVICE = [
  MADV.MADV_DONTNEED,
  MADV.MADV_DONTNEED,
  MADV.MADV_DONTFORK,
  MADV.MADV_DOFORK,
  MADV.MADV_WIPEONFORK,
  MADV.MADV_KEEPONFORK,
  MADV.MADV_RANDOM,
  MADV.MADV_NORMAL,
  MADV.MADV_REMOVE,
  MADV.MADV_DONTNEED_LOCKED,
  MADV.MADV_POPULATE_READ,
  MADV.MADV_POPULATE_WRITE,
  MADV.MADV_GUARD_INSTALL,
  MADV.MADV_GUARD_REMOVE,
] as const;
const advice = (which: readonly number[]): fc.Arbitrary<Op> => fc.tuple(range, fc.constantFrom(...which)).map(([r, a]): Op => ({ name: 'madvise', ...r, advice: a }));

const memfd = fc
  .tuple(fc.constantFrom(1, 4, 16), fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }))
  .map(([pages, word]): Op => ({ name: 'memfd', file: 'f', size: BigInt(pages) * PAGE, ...(word === undefined ? {} : { word: BigInt(word) }) }));
const ftruncate = fc.tuple(fd, fc.constantFrom(0n, 2n * PAGE, 5n * PAGE + 100n, 16n * PAGE)).map(([f, length]): Op => ({ name: 'ftruncate', fd: f, length }));

const process = fc.constantFrom<Op>({ name: 'fork', follow: 'child' }, { name: 'fork', follow: 'parent' }, { name: 'reap' });
const limits = fc.constantFrom<Op>(
  { name: 'setrlimit', resource: 'RLIMIT_AS', limit: 150n * PAGE },
  { name: 'setrlimit', resource: 'RLIMIT_AS', limit: null },
  { name: 'setrlimit', resource: 'RLIMIT_DATA', limit: 60n * PAGE },
  { name: 'setrlimit', resource: 'RLIMIT_DATA', limit: null },
  { name: 'setrlimit', resource: 'RLIMIT_MEMLOCK', limit: 10n * PAGE },
  { name: 'sysctl', key: 'vm.max_map_count', value: 20n },
  { name: 'sysctl', key: 'vm.max_map_count', value: 65530n },
  { name: 'capability', capability: 'CAP_IPC_LOCK', held: true },
);
const locks = fc.oneof(
  onRange('mlock'),
  onRange('munlock'),
  range.map((r): Op => ({ name: 'mlock2', ...r, flags: 1 })),
  fc.constantFrom<Op>({ name: 'mlockall', flags: 1 }, { name: 'mlockall', flags: 2 }, { name: 'mlockall', flags: 7 }, { name: 'munlockall' }),
);
const seal = range.map((r): Op => ({ name: 'mseal', ...r, flags: 0 }));
const brk = fc.nat(20000).map((n): Op => ({ name: 'brk', addr: 0x600000n + BigInt(n) }));

/** Memory that is not huge, nor watched, nor reclaimed. */
const PLAIN = [
  { weight: 8, arbitrary: mmap },
  { weight: 2, arbitrary: memfd },
  { weight: 3, arbitrary: mapFile },
  { weight: 1, arbitrary: ftruncate },
  { weight: 2, arbitrary: onRange('munmap') },
  { weight: 7, arbitrary: store },
  { weight: 4, arbitrary: load },
  { weight: 3, arbitrary: bytes },
  { weight: 1, arbitrary: one },
  { weight: 9, arbitrary: move },
  { weight: 6, arbitrary: resize },
  { weight: 4, arbitrary: mprotect },
  { weight: 4, arbitrary: advice(PLAIN_ADVICE) },
  { weight: 2, arbitrary: process },
  { weight: 2, arbitrary: locks },
  { weight: 1, arbitrary: limits },
  { weight: 1, arbitrary: brk },
];

const UNUSUAL = [
  { weight: 1, arbitrary: seal },
  { weight: 3, arbitrary: advice([MADV.MADV_HUGEPAGE, MADV.MADV_NOHUGEPAGE, MADV.MADV_COLLAPSE, MADV.MADV_MERGEABLE, MADV.MADV_UNMERGEABLE, MADV.MADV_FREE, MADV.MADV_PAGEOUT]) },
  { weight: 1, arbitrary: fc.constantFrom<Op>({ name: 'thp', enabled: 'always' }, { name: 'thp', enabled: 'never' }, { name: 'thp', enabled: 'madvise' }) },
  { weight: 1, arbitrary: fc.constantFrom<Op>({ name: 'sysctl', key: 'vm.nr_hugepages', value: 3n }, { name: 'sysctl', key: 'vm.nr_hugepages', value: 0n }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(far, prot, fc.constantFrom(PRIVATE, SHARED))
      .map(([addr, p, kind]): Op => ({ name: 'mmap', addr, length: PMD, prot: p, flags: kind | MAP.MAP_FIXED | MAP.MAP_HUGETLB, fd: -1, offset: 0n })),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      range.map((r): Op => ({ name: 'swap_out', ...r })),
      range.map((r): Op => ({ name: 'migrate', ...r })),
      fc.constant<Op>({ name: 'ksm_scan' }),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<Op>({ name: 'userfaultfd', features: [] }, { name: 'userfaultfd', features: ['EVENT_REMAP', 'EVENT_UNMAP'] }, { name: 'uffd_close' }) },
  { weight: 1, arbitrary: fc.tuple(range, fc.constantFrom('MISSING' as const, 'WP' as const)).map(([r, mode]): Op => ({ name: 'uffd_register', ...r, mode })) },
  {
    weight: 1,
    arbitrary: fc.oneof(
      range.map((r): Op => ({ name: 'uffd_unregister', ...r })),
      fc.tuple(range, fc.boolean()).map(([r, protect]): Op => ({ name: 'uffd_writeprotect', ...r, protect })),
    ),
  },
  { weight: 1, arbitrary: fc.constantFrom<Op>({ name: 'switch', to: 'child' }, { name: 'switch', to: 'parent' }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('page_table_alloc' as const, 'vma_alloc' as const), fc.constantFrom(0, 1, 3, null))
      .map(([what, after]): Op => ({ name: 'fail', what, after })),
  },
];

/** Calls on empty addresses find nothing out: most of the pages are mapped, and half of that is written, before anything else. */
const block = fc
  .tuple(fc.constantFrom(0, 16, 32, 48), fc.constantFrom(16, 24), prot, fc.constantFrom(PRIVATE, PRIVATE, PRIVATE, SHARED), fc.boolean())
  .map(([start, pages, p, kind, written]): Op[] => {
    const there = { addr: LOWEST + BigInt(start) * PAGE, length: BigInt(pages) * PAGE };
    const mapped: Op = { name: 'mmap', ...there, prot: p, flags: kind | MAP.MAP_FIXED, fd: -1, offset: 0n };
    return written ? [mapped, { name: 'store_words', ...there, value: BigInt(0x1000 * (start + 1)), stride: PAGE }] : [mapped];
  });
const whole: Op = { name: 'mmap', addr: LOWEST, length: BigInt(PAGES) * PAGE, prot: R | W, flags: PRIVATE | MAP.MAP_FIXED, fd: -1, offset: 0n };
const files: Op[] = [
  { name: 'memfd', file: 'f', size: 16n * PAGE, word: 0x500n },
  { name: 'memfd', file: 'g', size: 4n * PAGE },
];

const program = (op: fc.Arbitrary<Op>): fc.Arbitrary<Op[]> =>
  fc
    .tuple(fc.array(block, { minLength: 0, maxLength: 4, size: 'max' }), fc.array(op, { minLength: 1, maxLength: 40, size: 'max' }))
    .map(([blocks, ops]) => [...files, whole, ...blocks.flat(), ...ops]);

/** Private and shared memory, files, locks, limits, forks. */
export const plainPrograms = program(fc.oneof(...PLAIN));
/** All of it. */
export const programs = program(fc.oneof(...PLAIN, ...UNUSUAL));
