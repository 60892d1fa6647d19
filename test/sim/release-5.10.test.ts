/**
 * What sets 5.10 apart, rule by rule: the figures of limits and charges were measured on 5.10.223, the rest is
 * recorded in test/vectors/5.10.223. The later releases stand beside it where they answer differently.
 */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP, type OpRecord } from '../../machine/index.js';
import { Place } from '../../conform/place.js';
import { X86_64_4_LEVELS } from '../../sim/arch/geometries.js';
import { checkOf, G, K, Lab, M, PageLab, R, RW } from './lab.js';

const MAY = MREMAP.MREMAP_MAYMOVE;
const FIXED = MAY | MREMAP.MREMAP_FIXED;
const DONTUNMAP = MAY | MREMAP.MREMAP_DONTUNMAP;
const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
const P = 4096n;
const A = 256n * M;
const B = 512n * M;

const outcome = ({ result }: OpRecord): string => (result.kind === 'value' ? `0x${result.value.toString(16)}` : result.kind === 'errno' ? result.errno : result.signal);

describe('vm.max_map_count: how many VMAs short of it a call still works', () => {
  // The last count before the call that works is max minus this; null: any.
  const ROWS: [what: string, call: (l: Lab) => unknown, spare: number | null][] = [
    ['no-op', (l) => l.mremap(A, 4n * P, 4n * P), null],
    ['grow in place', (l) => l.mremap(A, 4n * P, 5n * P), null],
    ['shrink in place', (l) => l.mremap(A, 4n * P, 2n * P), null],
    ['growth by move', (l) => l.mremap(A, 4n * P, 64n * P, MAY), 4],
    ['FIXED, whole', (l) => l.move(A, 4n * P, B), 6],
    ['FIXED, the middle', (l) => l.move(A + P, P, B), 6],
    ['FIXED, shrinking', (l) => l.mremap(A, 4n * P, 2n * P, FIXED, B), 6],
    ['DONTUNMAP', (l) => l.mremap(A, 4n * P, 4n * P, DONTUNMAP), 6],
    ['mmap', (l) => l.mmap(0n, P, MAP.MAP_SHARED | MAP.MAP_ANONYMOUS), 0],
  ];
  const works = (call: (l: Lab) => unknown, spare: number): boolean => {
    const lab = new Lab('5.10');
    lab.map(A, 4n * P);
    // Room to grow into, but not far: then it has to move.
    for (let i = 0; i < 20; i++) lab.map(A + 8n * P + BigInt(i) * 2n * P, P, i % 2 === 0 ? RW : R);
    lab.sysctl('vm.max_map_count', lab.space.mapCount + spare);
    call(lab);
    return lab.records.at(-1)?.result.kind === 'value';
  };
  test.each(ROWS)('%s', (_, call, spare) => {
    if (spare === null) expect(works(call, -5)).toBe(true);
    else expect([works(call, spare), works(call, spare - 1)]).toEqual([true, false]);
  });
  test('nothing mapped at the address: EFAULT, whatever the count', () => {
    for (const spare of [0, 3, 10]) {
      const lab = new Lab('5.10');
      lab.sysctl('vm.max_map_count', spare);
      expect(outcome(lab.mremap(A, P, 2n * P, MAY))).toBe('EFAULT');
    }
  });
});

describe('Committed_AS comes back to what it was', () => {
  test.each<[string, (l: Lab) => void, number]>([
    ['FIXED to half the size', (l) => l.mremap(A, 16n * P, 8n * P, FIXED, B), 8],
    ['FIXED to twice the size', (l) => l.mremap(A, 16n * P, 32n * P, FIXED, B), 32],
    ['DONTUNMAP', (l) => l.mremap(A, 16n * P, 16n * P, DONTUNMAP), 32],
    ['growth in place', (l) => l.mremap(A, 16n * P, 32n * P), 32],
    ['growth by move', (l) => (l.map(A + 16n * P, P, R), l.mremap(A, 16n * P, 32n * P, MAY)), 32],
    ['a move that found no memory for tables', (l) => (l.do({ name: 'fail', what: 'page_table_alloc', after: 0 }), l.mremap(A, 16n * P, 32n * P, FIXED, 64n * G)), 16],
  ])('%s', (_, call, during) => {
    const lab = new Lab('5.10');
    lab.mapFull(A, 16n * P);
    call(lab);
    expect(lab.committed).toBe(during);
    for (const v of [...lab.space.vmas()]) lab.unmap(BigInt(v.start) * P, BigInt(v.end - v.start) * P);
    expect(lab.committed).toBe(0);
  });

  test('DONTUNMAP is charged whatever the limit, growth is not', () => {
    const lab = new Lab('5.10', { machine: { arch: 'x86-64', memory: 32n * M } });
    lab.mapFull(A, 12n * M);
    lab.sysctl('vm.overcommit_memory', 2);
    expect(outcome(lab.mremap(A, 12n * M, 12n * M, DONTUNMAP))).toMatch(/^0x/);
    expect(checkOf(lab.mremap(A, 12n * M, 24n * M, MAY))).toBe('mremap.commit');
  });

  test('but a neighbour that was never charged is marked so, when DONTUNMAP takes the middle of a VMA', () => {
    const charged = (release: string): [string, number] => {
      const lab = new Lab(release);
      lab.mapFull(A, 8n * P);
      lab.map(A + 16n * P, 4n * P, R);
      lab.mremap(A + 2n * P, 2n * P, 2n * P, DONTUNMAP | MREMAP.MREMAP_FIXED, B);
      const flags = lab.space.vmaAt(Number((A + 16n * P) / P))?.vmFlags ?? '';
      lab.unmap(A, 64n * P);
      lab.unmap(B, 64n * P);
      return [flags, lab.committed];
    };
    expect(charged('5.10')).toEqual(['mr mw me ac', -4]);
    expect(charged('6.1')).toEqual(['mr mw me', 0]);
  });
});

describe('VmLck after DONTUNMAP of locked memory', () => {
  test.each([
    ['5.10', 16, 16, 16, 0],
    ['5.10', 16, 4, 16, 12],
    ['6.18', 16, 16, 32, 16],
  ])('kernel %s: %i pages locked, %i moved: %i, and %i once all is unmapped', (release, pages, moved, after, left) => {
    const lab = new Lab(release, { privileged: true });
    lab.mapFull(A, BigInt(pages) * P);
    lab.do({ name: 'mlock', addr: A, length: BigInt(pages) * P });
    lab.mremap(A, BigInt(moved) * P, BigInt(moved) * P, DONTUNMAP | MREMAP.MREMAP_FIXED, B);
    expect(lab.space.usage.lockedVm).toBe(after);
    lab.unmap(A, 64n * P);
    lab.unmap(B, 64n * P);
    expect(lab.space.usage.lockedVm).toBe(left);
  });
});

describe('nobody looks the VMA up before the dispatch', () => {
  const on = (release: string): Lab => new Lab(release);
  test('a call that changes nothing succeeds anywhere, at an address of the kernel too', () => {
    for (const at of [A, 0xffffffff81000000n]) {
      expect(outcome(on('5.10').mremap(at, P, P, MAY))).toBe(`0x${at.toString(16)}`);
      expect(outcome(on('6.1').mremap(at, P, P, MAY))).toBe('EFAULT');
    }
  });
  test('shrinking unmaps the tail and does not ask for the head', () => {
    const lab = on('5.10');
    lab.map(A + 2n * P, 2n * P);
    expect(outcome(lab.mremap(A, 4n * P, P))).toBe(`0x${A.toString(16)}`);
    expect(lab.vmas).toEqual([]);
    expect(checkOf(on('5.10').mremap((1n << 47n) - 2n * P, 8n * P, P))).toBe('munmap.range');
  });
  test('a FIXED move from nowhere has lost its destination', () => {
    const left = (release: string): [string, number] => {
      const lab = on(release);
      lab.map(B, 4n * P);
      return [outcome(lab.move(A, 4n * P, B)), lab.vmas.length];
    };
    expect(left('5.10')).toEqual(['EFAULT', 0]);
    expect(left('6.1')).toEqual(['EFAULT', 1]);
  });
  test('what is wrong with the new address is said before that', () => expect(outcome(on('5.10').mremap(A, P, P, FIXED, A + 1n))).toBe('EINVAL'));
});

test('DONTUNMAP is for private anonymous memory', () => {
  const dontunmap = (release: string, flags: number): string => {
    const lab = new Lab(release);
    lab.mmap(A, 4n * P, flags);
    return outcome(lab.mremap(A, 4n * P, 4n * P, DONTUNMAP));
  };
  expect(dontunmap('5.10', SHARED)).toBe('EINVAL');
  expect(dontunmap('6.1', SHARED)).toMatch(/^0x/);
  expect(dontunmap('5.10', MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED)).toMatch(/^0x/);
});

test('what DONTUNMAP leaves keeps its anon_vma, and with it what it may merge with', () => {
  const left = (release: string): [boolean, number] => {
    const lab = new Lab(release);
    lab.mapFull(A, 4n * P);
    lab.mremap(A, 4n * P, 4n * P, DONTUNMAP | MREMAP.MREMAP_FIXED, B);
    const [source, copy] = [...lab.space.vmas()];
    return [source?.anonVma !== null && source?.anonVma === copy?.anonVma, source?.chainLength ?? -1];
  };
  expect(left('5.10')).toEqual([true, 1]);
  expect(left('6.1')).toEqual([false, 0]);
});

test('growing in place up to a neighbour leaves two VMAs, until something else looks', () => {
  const p = new PageLab('5.10');
  p.map(0, 2);
  p.map(4, 2);
  p.mremap(0, 2, 4);
  expect(p.layout).toBe('[0,4)rw [4,6)rw');
  const later = new PageLab('6.1');
  later.map(0, 2);
  later.map(4, 2);
  later.mremap(0, 2, 4);
  expect(later.layout).toBe('[0,6)rw');
});

test('hugetlb memory neither moves nor grows', () => {
  const lab = new Lab('5.10');
  lab.sysctl('vm.nr_hugepages', 8);
  lab.mmap(G, 4n * M, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_HUGETLB | MAP.MAP_FIXED);
  expect(checkOf(lab.move(G, 2n * M, 2n * G))).toBe('mremap.hugetlb');
  expect(checkOf(lab.mremap(G, 4n * M, 6n * M, MAY))).toBe('mremap.hugetlb');
  expect(checkOf(lab.mremap(G, 4n * M, 4n * M - 4n * K))).toBe('split.hugetlb');
  expect(outcome(lab.mremap(G, 4n * M, 2n * M))).toBe(`0x${G.toString(16)}`);
});

describe('page tables', () => {
  test('no table of PMD entries is re-hung: 2 GiB are 1024 moves of a PMD, over what is there', () => {
    const lab = new Lab('5.10');
    lab.mapFull(64n * G, 2n * G);
    expect(lab.move(64n * G, 2n * G, 128n * G).moved).toMatchObject({ pud: 0, pmd: 1024, alloc_pmd: 2, flush: 1024, skip_pud: 0 });
  });
  test('what is missing is passed over by a PMD at most, and nothing is allocated for it', () => {
    const lab = new Lab('5.10');
    lab.map(64n * G, 2n * G);
    lab.write(64n * G + 1n * G, P);
    expect(lab.move(64n * G, 2n * G, 128n * G).moved).toMatchObject({ iter: 1024, skip_pmd: 1023, skip_pud: 0, pmd: 1, alloc_pmd: 1 });
  });
  test('watched memory moves like any other, and takes its write protection along', () => {
    const lab = new Lab('5.10');
    lab.mapFull(A, 4n * M);
    lab.do({ name: 'userfaultfd', features: [] });
    lab.do({ name: 'uffd_register', addr: A, length: 4n * M, mode: 'WP' });
    lab.do({ name: 'uffd_writeprotect', addr: A, length: 4n * M, protect: true });
    expect(lab.move(A, 4n * M, B).moved).toMatchObject({ pmd: 2, pmd_fail: 0, pte: 0 });
    // pagemap does not show it; a registration of the copy finds it.
    expect([...lab.space.pages()].map((r) => r.kind)).toEqual(['a']);
    lab.do({ name: 'uffd_register', addr: B, length: 4n * M, mode: 'WP' });
    expect(lab.write(B, P).events.map((e) => e.event)).toEqual(['fault-wp']);
  });
});

describe('the vdso', () => {
  const place = new Place(X86_64_4_LEVELS, 2);
  const open = (release: string): Lab => new Lab(release, { layout: place.layout });
  test('in part it moves, objects, and moves back', () => {
    const lab = open('5.10');
    const record = lab.move(place.vdso, P, A);
    expect([checkOf(record), record.moved.moveback]).toEqual(['mremap.special', 1]);
    expect(lab.space.vmaAt(Number(A / P))).toBeUndefined();
  });
  test('unmapping may cut it in two', () => {
    expect(outcome(open('5.10').unmap(place.vdso, P))).toBe('0x0');
    expect(outcome(open('6.12').unmap(place.vdso, P))).toBe('EINVAL');
  });
});

test.each([
  ['MADV_POPULATE_READ', 22],
  ['MADV_DONTNEED_LOCKED', 24],
  ['MADV_COLLAPSE', 25],
  ['MADV_GUARD_INSTALL', 102],
])('%s is not known', (_, advice) => {
  const lab = new Lab('5.10');
  lab.map(A, 4n * M);
  expect(checkOf(lab.do({ name: 'madvise', addr: A, length: 4n * M, advice }))).toBe('madvise.advice');
});

test.each(['WP', 'MINOR'] as const)('shared memory cannot be watched in mode %s', (mode) => {
  const lab = new Lab('5.10');
  lab.mmap(A, 4n * P, SHARED);
  lab.do({ name: 'userfaultfd', features: [] });
  expect(checkOf(lab.do({ name: 'uffd_register', addr: A, length: 4n * P, mode }))).toBe('uffd.mode');
});
