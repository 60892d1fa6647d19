/** brk(2): the heap grows and shrinks at its upper end; where it cannot, the break stays. */
import { describe, expect, test } from 'vitest';
import { MAP, MCL, type OpRecord } from '../../machine/index.js';
import { A, Lab, PageLab, R, RELEASES, valueOf } from './lab.js';

const P = 4096n;
/** The break of a fresh process: nothing of the heap is mapped yet. */
const HEAP = valueOf(new Lab().do({ name: 'brk', addr: 0n })) ?? 0n;
const at = (pages: number): bigint => HEAP + BigInt(pages) * P;

class HeapLab extends PageLab {
  brk(addr: bigint): OpRecord {
    return this.do({ name: 'brk', addr });
  }

  /** The break in bytes from the start of the heap, and the VMAs in pages. */
  get heap(): string {
    const from = Number(HEAP / P) - A;
    const shown = [...this.space.vmas(0, A)].map((v) => `[${v.start - A - from},${v.end - A - from})`);
    return `${(valueOf(this.brk(0n)) ?? 0n) - HEAP} ${shown.join(' ')}`;
  }
}

test('0 asks where the break is; nothing is mapped', () => {
  const p = new HeapLab();
  expect(p.heap).toBe('0 ');
  expect(valueOf(p.brk(at(0)))).toBe(at(0));
  expect(p.space.mapCount).toBe(0);
});

test('growth is one VMA of whole pages; the break is exact to the byte', () => {
  const p = new HeapLab();
  expect(valueOf(p.brk(at(2) + 5n))).toBe(at(2) + 5n);
  expect(p.heap).toBe('8197 [0,3)');
  p.brk(at(3));
  expect(p.heap).toBe('12288 [0,3)');
  p.brk(at(6));
  expect(p.heap).toBe('24576 [0,6)');
  expect([p.space.usage.totalVm, p.space.usage.dataVm, p.committed]).toEqual([6, 6, 6]);
  expect([...p.space.vmas()].map((v) => [v.perms, v.vmFlags])).toEqual([['rw-p', 'mr mw me ac']]);
});

test('shrinking unmaps from the top, down to nothing', () => {
  const p = new HeapLab();
  p.brk(at(6));
  p.do({ name: 'store_words', addr: at(0), length: 6n * P, value: 1n, stride: P });
  p.brk(at(2) + 1n);
  expect([p.heap, p.space.usage.rss]).toEqual(['8193 [0,3)', 3]);
  p.brk(at(0));
  expect([p.heap, p.committed]).toEqual(['0 ', 0]);
});

const refusals: [what: string, prepare: (p: HeapLab) => unknown, addr: bigint][] = [
  ['below the start of the heap', () => undefined, at(0) - 1n],
  ['above the address space', () => undefined, 1n << 48n],
  ['over something that is mapped', (p) => p.do({ name: 'mmap', addr: at(6), length: P, prot: R, flags: 0x32, fd: -1, offset: 0n }), at(8)],
  ['without a page left free above', (p) => p.do({ name: 'mmap', addr: at(6), length: P, prot: R, flags: 0x32, fd: -1, offset: 0n }), at(6)],
  ['into the guard gap of a stack', (p) => p.do({ name: 'mmap', addr: at(262), length: P, prot: R, flags: 0x32 | MAP.MAP_GROWSDOWN, fd: -1, offset: 0n }), at(6)],
  ['over RLIMIT_DATA', (p) => p.limit('RLIMIT_DATA', 5), at(6)],
  ['over RLIMIT_AS', (p) => p.limit('RLIMIT_AS', 5), at(6)],
  ['at too many mappings', (p) => p.sysctl('vm.max_map_count', 0), at(6)],
  ['of future locked memory over RLIMIT_MEMLOCK', (p) => (p.do({ name: 'mlockall', flags: MCL.MCL_FUTURE }), p.limit('RLIMIT_MEMLOCK', 3)), at(6)],
];
describe.each(RELEASES)('kernel %s', (release) => {
  test.each(refusals)('the break stays: %s', (_, prepare, addr) => {
    const p = new HeapLab(release);
    p.brk(at(2));
    prepare(p);
    const record = p.brk(addr);
    expect(valueOf(record)).toBe(at(2));
    expect(record.steps.at(-1)).toMatchObject({ verdict: 'refused', fn: 'sys_brk' });
    expect(p.heap).toMatch(/^8192 \[0,2\)/);
  });
});

test('with the page above free it grows', () => {
  const p = new HeapLab();
  p.do({ name: 'mmap', addr: at(6), length: P, prot: R, flags: 0x32, fd: -1, offset: 0n });
  expect(valueOf(p.brk(at(5)))).toBe(at(5));
  const stack = new HeapLab();
  stack.do({ name: 'mmap', addr: at(262), length: P, prot: R, flags: 0x32 | MAP.MAP_GROWSDOWN, fd: -1, offset: 0n });
  expect(valueOf(stack.brk(at(5)))).toBe(at(5));
});

test('RLIMIT_DATA holds for the heap as a whole, and stops it from shrinking to more', () => {
  const p = new HeapLab();
  p.brk(at(6));
  p.limit('RLIMIT_DATA', 3);
  expect(valueOf(p.brk(at(5)))).toBe(at(6));
  expect(valueOf(p.brk(at(3)))).toBe(at(3));
});

test('a heap that somebody unmapped does not shrink', () => {
  const p = new HeapLab();
  p.brk(at(6));
  p.do({ name: 'munmap', addr: at(3), length: 3n * P });
  expect(valueOf(p.brk(at(3)))).toBe(at(6));
  expect(valueOf(p.brk(at(2)))).toBe(at(2));
});

test('a sealed heap does not shrink', () => {
  const p = new HeapLab();
  p.brk(at(6));
  p.do({ name: 'mseal', addr: at(5), length: P, flags: 0 });
  expect(valueOf(p.brk(at(3)))).toBe(at(6));
});

test('what lies right below the heap is not part of it', () => {
  const p = new HeapLab();
  p.do({ name: 'mmap', addr: at(-1), length: P, prot: 3, flags: 0x32, fd: -1, offset: 0n });
  p.brk(at(2));
  expect(p.heap).toBe('8192 [-1,0) [0,2)');
});

test('a heap with another protection at its top goes on as a second VMA', () => {
  const p = new HeapLab();
  p.brk(at(2));
  p.do({ name: 'mprotect', addr: at(1), length: P, prot: R });
  p.brk(at(4));
  expect(p.heap).toBe('16384 [0,1) [1,2) [2,4)');
});

test('future locked memory is locked and faulted in', () => {
  const p = new HeapLab();
  p.do({ name: 'mlockall', flags: MCL.MCL_FUTURE });
  p.brk(at(3));
  expect([p.space.usage.lockedVm, p.space.usage.rss]).toEqual([3, 3]);
  p.brk(at(1));
  expect(p.space.usage.lockedVm).toBe(1);
});

test('a child has the same break', () => {
  const p = new HeapLab();
  p.brk(at(3) + 7n);
  p.fork('child');
  expect(p.heap).toBe('12295 [0,4)');
  p.brk(at(6));
  expect(p.heap).toBe('24576 [0,6)');
});

test('growth at vm.max_map_count, and a page more than there is RAM', () => {
  const p = new HeapLab('6.18', { machine: { arch: 'x86-64', levels: 4, memory: 100n * P } });
  p.map(0, 1, R);
  p.sysctl('vm.max_map_count', 1);
  expect(valueOf(p.brk(at(2)))).toBe(at(2));
  p.sysctl('vm.max_map_count', 100);
  expect(valueOf(p.brk(at(103)))).toBe(at(2));
  expect(valueOf(p.brk(at(102)))).toBe(at(102));
});
