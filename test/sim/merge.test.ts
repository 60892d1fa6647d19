/** When VMAs become one: mmap, the copy that mremap makes, growth in place (private anonymous memory). */
import { describe, expect, test } from 'vitest';
import { MREMAP, PROT } from '../../machine/index.js';
import { errnoOf, K, Lab, M, RELEASES, valueOf } from './lab.js';

const A = 256n * M;
const P = 4n * K;
const page = (n: number): bigint => A + BigInt(n) * P;
const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED, MREMAP_DONTUNMAP: DONT } = MREMAP;

/** VMAs in pages from A: `[0,3) [5,6)`. */
const layout = (lab: Lab): string => [...lab.space.vmas()].map((v) => `[${v.start - Number(A / P)},${v.end - Number(A / P)})`).join(' ');

describe.each(RELEASES)('kernel %s', (release) => {
  const faultedMerges = release === '6.18';

  test('consecutive mappings without a hint grow one VMA downwards', () => {
    const lab = new Lab(release);
    const first = valueOf(lab.mmap(0n, P));
    const second = valueOf(lab.mmap(0n, P));
    expect(second).toBe((first ?? 0n) - P);
    expect([...lab.space.vmas()]).toHaveLength(1);
  });

  test('different protection keeps neighbours apart', () => {
    const lab = new Lab(release);
    lab.map(page(0), 2n * P);
    lab.map(page(2), 2n * P, PROT.PROT_READ);
    expect(layout(lab)).toBe('[0,2) [2,4)');
  });

  test('the middle page moved away and back: one VMA again', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 3n * P);
    lab.move(page(1), P, page(20));
    expect(layout(lab)).toBe('[0,1) [2,3) [20,21)');
    lab.move(page(20), P, page(1));
    expect(layout(lab)).toBe('[0,3)');
  });

  test('two written VMAs side by side stay two: page offset and anon_vma differ', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 2n * P);
    lab.mapFull(page(10), 2n * P);
    lab.move(page(10), 2n * P, page(2));
    expect(layout(lab)).toBe('[0,2) [2,4)');
  });

  test('an untouched VMA moved beside a written one joins it', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 2n * P);
    lab.map(page(10), 2n * P);
    lab.move(page(10), 2n * P, page(2));
    expect(layout(lab)).toBe('[0,4)');
  });

  test('one that was only read joins it too', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 2n * P);
    lab.map(page(10), 2n * P);
    lab.read(page(10), P);
    lab.move(page(10), 2n * P, page(2));
    expect(layout(lab)).toBe('[0,4)');
  });

  test('a written VMA moved back beside an untouched one joins it since 6.16', () => {
    const lab = new Lab(release);
    lab.mapFull(page(10), 5n * P);
    lab.move(page(10), 5n * P, page(30));
    lab.map(page(0), 10n * P);
    lab.move(page(30), 5n * P, page(10));
    expect(layout(lab)).toBe(faultedMerges ? '[0,15)' : '[0,10) [10,15)');
  });

  test('a move inside an untouched VMA merges with its own source', () => {
    const lab = new Lab(release);
    lab.map(page(0), 10n * P);
    lab.move(page(2), P, page(5));
    expect(layout(lab)).toBe('[0,2) [3,10)');
  });

  test('a move inside a written VMA does not', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 10n * P);
    lab.move(page(2), P, page(5));
    expect(layout(lab)).toBe('[0,2) [3,5) [5,6) [6,10)');
  });

  test('growth in place swallows an untouched next VMA', () => {
    const lab = new Lab(release);
    lab.map(page(0), 2n * P);
    lab.map(page(4), 2n * P);
    lab.mremap(page(0), 2n * P, 4n * P);
    expect(layout(lab)).toBe('[0,6)');
  });

  test('growth in place of a written VMA swallows an untouched next one since 6.16', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 2n * P);
    lab.map(page(4), 2n * P);
    lab.mremap(page(0), 2n * P, 4n * P);
    expect(layout(lab)).toBe(faultedMerges ? '[0,6)' : '[0,4) [4,6)');
  });

  test('mmap between two written VMAs of different origin joins one side only', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 2n * P);
    lab.mapFull(page(4), 2n * P);
    lab.map(page(2), 2n * P);
    expect(layout(lab)).toBe(release === '6.1' ? '[0,2) [2,6)' : '[0,4) [4,6)');
  });

  test('neighbours set apart by protection share the anon_vma of the first one written', () => {
    const lab = new Lab(release);
    lab.map(page(0), 2n * P);
    lab.map(page(2), 2n * P, PROT.PROT_READ | PROT.PROT_WRITE | PROT.PROT_EXEC);
    lab.write(page(0), P);
    lab.write(page(2), P);
    const [a, b] = [...lab.space.vmas()];
    expect(a?.anonVma).toBe(b?.anonVma);
    expect(a?.anonVma === null ? undefined : lab.space.anonVma(a?.anonVma ?? -1)?.numActiveVmas).toBe(2);
  });

  test('DONTUNMAP right beside its untouched source', () => {
    const lab = new Lab(release);
    lab.map(page(0), 4n * P);
    lab.mremap(page(0), 4n * P, 4n * P, MAY | FIXED | DONT, page(4));
    expect(layout(lab)).toBe(release === '6.18' ? '[0,8)' : '[0,4) [4,8)');
  });

  test('DONTUNMAP leaves an empty VMA that reads as zero', () => {
    const lab = new Lab(release);
    lab.mapFull(page(0), 4n * P);
    lab.mremap(page(0), 4n * P, 4n * P, MAY | FIXED | DONT, page(8));
    expect(layout(lab)).toBe('[0,4) [8,12)');
    expect(lab.space.vmaAt(Number(page(0) / P))?.anonVma).toBeNull();
    expect(lab.byte(page(0))).toBeUndefined();
    expect(lab.do({ name: 'peek', addr: page(0) }).result).toEqual({ kind: 'value', value: 0n });
    expect(lab.byte(page(9) + 1n)).toBe(0x10);
  });

  test('a FIXED move of several VMAs', () => {
    const lab = new Lab(release);
    lab.map(page(0), 4n * P);
    lab.map(page(4), 4n * P, PROT.PROT_READ);
    lab.map(page(10), 2n * P);
    lab.map(page(28), P, PROT.PROT_READ);
    const moved = lab.move(page(0), 12n * P, page(20));
    if (release === '6.18') {
      expect(valueOf(moved)).toBe(page(20));
      // What was mapped in the gap of the destination is still there, and merged with what came.
      expect(layout(lab)).toBe('[20,24) [24,29) [30,32)');
    } else {
      expect(errnoOf(moved)).toBe('EFAULT');
      expect(layout(lab)).toBe('[0,4) [4,8) [10,12)');
    }
  });
});
