/**
 * Which errno wins. Each row breaks several rules at once; the columns say which check each
 * release reaches first. mm/mremap.c of v6.1, v6.12 and v6.18.
 */
import { describe, expect, test } from 'vitest';
import { MREMAP } from '../../machine/index.js';
import { checkOf, errnoOf, K, Lab, M, RELEASES } from './lab.js';

const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED, MREMAP_DONTUNMAP: DONT } = MREMAP;
const A = 256n * M;
const P = 4n * K;
const HUGE = 1n << 60n;

type Args = [old: bigint, oldSize: bigint, newSize: bigint, flags: number, to?: bigint];
interface Row {
  name: string;
  args: Args;
  late: string;
  early: string;
}

/** What is mapped: [A, A+8) written, [A+16, A+20) untouched. */
function lab(release: string): Lab {
  const l = new Lab(release);
  l.mapFull(A, 8n * P);
  l.map(A + 16n * P, 4n * P);
  return l;
}

const ROWS: Row[] = [
  { name: 'unknown flag', args: [A + 1n, P, 0n, 8], late: 'EINVAL mremap.unknown_flags', early: 'EINVAL mremap.unknown_flags' },
  { name: 'a flag above 32 bits', args: [A, P, P, 2 ** 32], late: 'EINVAL mremap.unknown_flags', early: 'EINVAL mremap.unknown_flags' },
  { name: 'FIXED alone, misaligned address', args: [A + 1n, P, P, FIXED, A], late: 'EINVAL mremap.fixed_without_maymove', early: 'EINVAL mremap.old_address_misaligned' },
  { name: 'FIXED alone, new size 0', args: [A, P, 0n, FIXED, A + 32n * P], late: 'EINVAL mremap.fixed_without_maymove', early: 'EINVAL mremap.new_size_zero' },
  { name: 'FIXED alone, new address misaligned', args: [A, P, P, FIXED, A + 1n], late: 'EINVAL mremap.fixed_without_maymove', early: 'EINVAL mremap.new_address_misaligned' },
  { name: 'DONTUNMAP alone', args: [A, P, P, DONT], late: 'EINVAL mremap.dontunmap_without_maymove', early: 'EINVAL mremap.dontunmap_without_maymove' },
  { name: 'DONTUNMAP resizes', args: [A, P, 2n * P, MAY | DONT], late: 'EINVAL mremap.dontunmap_resizes', early: 'EINVAL mremap.dontunmap_resizes' },
  { name: 'DONTUNMAP, sizes equal once rounded', args: [A, 4095n, 4096n, MAY | DONT], late: 'EINVAL mremap.dontunmap_resizes', early: 'ok' },
  { name: 'misaligned address', args: [A + 1n, P, P, 0], late: 'EINVAL mremap.old_address_misaligned', early: 'EINVAL mremap.old_address_misaligned' },
  { name: 'new size 0', args: [A, P, 0n, 0], late: 'EINVAL mremap.new_size_zero', early: 'EINVAL mremap.new_size_zero' },
  { name: 'new size that wraps to 0', args: [A, P, (1n << 64n) - 1n, 0], late: 'EINVAL mremap.new_size_zero', early: 'EINVAL mremap.new_size_zero' },
  { name: 'nothing mapped', args: [A + 32n * P, P, P, 0], late: 'EFAULT mremap.no_vma', early: 'EFAULT mremap.no_vma' },
  { name: 'nothing mapped, overlap', args: [A + 32n * P, 2n * P, 2n * P, MAY | FIXED, A + 33n * P], late: 'EFAULT mremap.no_vma', early: 'EINVAL mremap.overlap' },
  { name: 'nothing mapped, new address misaligned', args: [A + 32n * P, P, P, MAY | FIXED, A + 1n], late: 'EFAULT mremap.no_vma', early: 'EINVAL mremap.new_address_misaligned' },
  { name: 'larger than the address space, may move', args: [A, P, HUGE, MAY], late: 'ENOMEM placement.too_large', early: 'EINVAL mremap.new_size_too_large' },
  {
    name: 'larger than the address space, FIXED',
    args: [A, P, HUGE, MAY | FIXED, A + 64n * P],
    late: 'EINVAL mremap.new_size_too_large',
    early: 'EINVAL mremap.new_size_too_large',
  },
  { name: 'the new range ends too high', args: [A, P, P, MAY | FIXED, (1n << 47n) - P], late: 'EINVAL mremap.new_address_range', early: 'EINVAL mremap.new_address_range' },
  { name: 'overlap by a page', args: [A, 8n * P, 8n * P, MAY | FIXED, A + 7n * P], late: 'EINVAL mremap.overlap', early: 'EINVAL mremap.overlap' },
  { name: 'overlap with the part to be cut off', args: [A, 8n * P, 2n * P, MAY | FIXED, A + 6n * P], late: 'EINVAL mremap.overlap', early: 'EINVAL mremap.overlap' },
  { name: 'old size 0, private', args: [A, 0n, P, MAY], late: 'EINVAL mremap.duplicate_private', early: 'EINVAL mremap.duplicate_private' },
  { name: 'growth over the end of the VMA', args: [A, 16n * P, 32n * P, MAY], late: 'EFAULT mremap.spans_vmas', early: 'EFAULT mremap.spans_vmas' },
  { name: 'growth with no room, must not move', args: [A, 8n * P, 17n * P, 0], late: 'ENOMEM mremap.needs_maymove', early: 'ENOMEM mremap.needs_maymove' },
  { name: 'FIXED over several VMAs, with a resize', args: [A, 18n * P, 19n * P, MAY | FIXED, A + 64n * P], late: 'EFAULT mremap.spans_vmas', early: 'EFAULT mremap.spans_vmas' },
  { name: 'same size, over holes', args: [A, 32n * P, 32n * P, 0], late: 'ok', early: 'ok' },
  { name: 'shrink over holes', args: [A, 32n * P, 2n * P, 0], late: 'ok', early: 'ok' },
  { name: 'below mmap_min_addr', args: [A, P, P, MAY | FIXED, 0n], late: 'EPERM placement.below_min_addr', early: 'EPERM placement.below_min_addr' },
];

describe.each(RELEASES)('kernel %s', (release) => {
  test.each(ROWS)('$name', ({ args, late, early }) => {
    const [old, oldSize, newSize, flags, to = 0n] = args;
    const record = lab(release).mremap(old, oldSize, newSize, flags, to);
    const expected = release === '6.18' ? early : late;
    expect(errnoOf(record) === null ? 'ok' : `${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
    if (record.result.kind === 'errno') expect(record.steps.findLast((s) => s.verdict === 'refused')).toMatchObject({ verdict: 'refused', fn: record.result.refusal.fn });
  });

  test('a refused move has already unmapped its destination where the resize is checked late', () => {
    const l = lab(release);
    l.map(A + 64n * P, 4n * P);
    expect(errnoOf(l.mremap(A, 18n * P, 19n * P, MAY | FIXED, A + 64n * P))).toBe('EFAULT');
    expect(l.byte(A)).toBe(0);
    expect(l.space.vmaAt(Number((A + 64n * P) / 4096n)) !== undefined).toBe(release === '6.18');
  });
});

describe('mmap and munmap', () => {
  const ROWS: [string, bigint, bigint, number, string][] = [
    ['length 0', 0n, 0n, 0x22, 'EINVAL mmap.length_zero'],
    ['length that wraps', 0n, (1n << 64n) - 1n, 0x22, 'ENOMEM mmap.length_wraps'],
    ['too long', 0n, HUGE, 0x22, 'ENOMEM placement.too_large'],
    ['neither shared nor private', 0n, P, 0x20, 'EINVAL mmap.type'],
    ['no file', 0n, P, 0x02, 'EBADF mmap.fd'],
    ['fixed and misaligned', A + 1n, P, 0x32, 'EINVAL placement.misaligned'],
    ['fixed and too high', (1n << 47n) - P, P, 0x32, 'ENOMEM placement.beyond_task_size'],
    ['noreplace over something', A, P, 0x100022, 'EEXIST mmap.noreplace'],
  ];
  test.each(ROWS)('%s', (_, addr, length, flags, expected) => {
    const record = lab('6.18').mmap(addr, length, flags);
    expect(`${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
  });

  test('munmap of nothing succeeds; of an impossible range does not', () => {
    const l = lab('6.18');
    expect(errnoOf(l.unmap(A + 128n * P, P))).toBeNull();
    expect(checkOf(l.unmap(A + 1n, P))).toBe('munmap.misaligned');
    expect(checkOf(l.unmap(A, 0n))).toBe('munmap.empty');
    expect(checkOf(l.unmap((1n << 47n) - P, 2n * P))).toBe('munmap.range');
  });

  test('a hole needs room for one more VMA, an end does not', () => {
    const l = new Lab('6.18');
    l.map(A, 8n * P);
    expect(errnoOf(l.unmap(A + 2n * P, P))).toBeNull();
    expect(l.vmas).toEqual(['10000000-10002000 rw-p', '10003000-10008000 rw-p']);
  });
});

describe('kernel 6.15 checks a part of it early', () => {
  const rows: [string, Args, string][] = [
    ['FIXED alone, new size 0', [A, P, 0n, FIXED, A + 32n * P], 'EINVAL mremap.new_size_zero'],
    ['nothing mapped, overlap', [A + 32n * P, 2n * P, 2n * P, MAY | FIXED, A + 33n * P], 'EFAULT mremap.no_vma'],
    ['nothing mapped, new address misaligned', [A + 32n * P, P, P, MAY | FIXED, A + 1n], 'EINVAL mremap.new_address_misaligned'],
    ['larger than the address space, may move', [A, P, HUGE, MAY], 'ENOMEM placement.too_large'],
    ['DONTUNMAP, sizes equal once rounded', [A, 4095n, 4096n, MAY | DONT], 'EINVAL mremap.dontunmap_resizes'],
  ];
  test.each(rows)('%s', (_, [old, oldSize, newSize, flags, to = 0n], expected) => {
    const record = lab('6.15').mremap(old, oldSize, newSize, flags, to);
    expect(`${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
  });
});

test('a release that nobody recorded says so', () => {
  expect(new Lab('6.3').machine.model).toMatchObject({ name: '6.3', title: '6.3 (derived)', derived: true });
  expect(new Lab({ release: '6.3', behaviours: { realign: 'v3' } }).machine.model.title).toBe('6.3 with realign=v3 (derived, as posted)');
  expect(new Lab('6.12').machine.model).toMatchObject({ title: '6.12', derived: false });
});
