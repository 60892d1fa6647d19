/** mremap(2): what its steps leave behind: locks of the reverse map, merges of copies, charges, empty sources, watched and huge memory. */
import { describe, expect, test } from 'vitest';
import { Place } from '../../conform/place.js';
import { X86_64_4_LEVELS } from '../../sim/arch/geometries.js';
import { MAP, MREMAP } from '../../machine/index.js';
import { A, checkOf, errnoOf, outcome, page, PageLab, PMD, R, RELEASES, RW, RWX, valueOf } from './lab.js';

const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED, MREMAP_DONTUNMAP: DONT } = MREMAP;
const F = MAY | FIXED;
const HUGE = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED | MAP.MAP_HUGETLB;

describe.each(RELEASES)('kernel %s', (release) => {
  const process = (): PageLab => new PageLab(release);

  describe('the reverse map is locked while a copy could be missed by it', () => {
    /** What is mapped, where [10,12) goes, whether the locks are taken. */
    const ROWS: [what: string, prepare: (p: PageLab) => unknown, to: number, locks: number][] = [
      ['a VMA of its own', () => undefined, 20, 0],
      ['merged with one of a lower offset', (p) => p.map(0, 2), 2, 1],
      ['merged with one of a higher offset', (p) => p.map(18, 2), 20, 0],
    ];
    test.each(ROWS)('%s', (_, prepare, to, locks) => {
      const p = process();
      p.map(10, 2);
      p.read(10, 2);
      prepare(p);
      expect(p.move(10, 2, to).moved.rmap).toBe(locks);
    });

    test('merged with its own source', () => {
      for (const from of [0, 2]) {
        const p = process();
        p.map(0, 10);
        p.read(from, 1);
        const record = p.move(from, 1, 5);
        expect(record.moved.rmap).toBe(1);
        expect(record.steps.map((s) => s.text)).toContain('the copy merged with its own source');
      }
      const elsewhere = process();
      elsewhere.map(0, 2);
      elsewhere.map(10, 2);
      expect(elsewhere.move(10, 2, 2).steps.map((s) => s.text)).toContain('the copy merged with a neighbour');
    });

    test('merged with a neighbour that ends where the source begins', () => {
      const p = process();
      p.mapFull(10, 4);
      p.move(10, 2, 0);
      p.move(12, 2, 4);
      const record = p.move(4, 2, 2);
      expect(record.steps.map((s) => s.text)).toContain('the copy merged with a neighbour');
      expect([p.layout, p.word(3)]).toEqual(['[0,4)rw', 0x1003]);
    });
  });

  describe('DONTUNMAP of untouched memory', () => {
    /** The source is [0,4); another one like it is mapped at `other`; the copy goes to `to`. */
    const ROWS: [what: string, other: number, to: number, layouts: readonly [on61: string, on612: string, on618: string]][] = [
      ['far away', 40, 20, ['[0,4)rw [20,24)rw [40,44)rw', '[0,4)rw [20,24)rw [40,44)rw', '[0,4)rw [20,24)rw [40,44)rw']],
      ['beside another', 24, 20, ['[0,4)rw [20,28)rw', '[0,4)rw [20,28)rw', '[0,4)rw [20,28)rw']],
      ['right above its source', 40, 4, ['[0,4)rw [4,8)rw [40,44)rw', '[0,4)rw [4,8)rw [40,44)rw', '[0,8)rw [40,44)rw']],
      ['right below its source', 40, -4, ['[-4,0)rw [0,4)rw [40,44)rw', '[-4,0)rw [0,4)rw [40,44)rw', '[-4,4)rw [40,44)rw']],
      ['between its source and another', 8, 4, ['[0,4)rw [4,8)rw [8,12)rw', '[0,4)rw [4,12)rw', '[0,12)rw']],
      ['between another and its source', -8, -4, ['[-8,-4)rw [-4,0)rw [0,4)rw', '[-8,0)rw [0,4)rw', '[-8,4)rw']],
    ];
    test.each(ROWS)('%s', (_, other, to, layouts) => {
      const p = process();
      p.map(0, 4);
      p.map(other, 4);
      p.dontUnmap(0, 4, to);
      expect(p.layout).toBe(layouts[RELEASES.indexOf(release)]);
    });
  });

  describe('what DONTUNMAP leaves', () => {
    test('has no anon_vma, if all of the VMA went', () => {
      for (const [at, pages, left] of [
        [0, 4, true],
        [0, 3, false],
        [1, 3, false],
        [1, 2, false],
      ] as const) {
        const p = process();
        p.mapFull(0, 4);
        p.dontUnmap(at, pages, 20);
        expect([p.vma(at)?.anonVma === null, p.vma(at)?.chainLength]).toEqual(left ? [true, 0] : [false, 1]);
        expect(p.layout).toBe(`[0,4)rw [20,${20 + pages})rw`);
      }
    });

    test('has the page offset of where it is; on 6.18 that of where it was written', () => {
      const p = process();
      p.mapFull(0, 4);
      p.move(0, 4, 10);
      p.dontUnmap(10, 4, 20);
      expect(p.vma(10)?.pgoff).toBe(release === '6.18' ? A : A + 10);
      p.map(14, 4);
      expect(p.layout).toBe(release === '6.18' ? '[10,14)rw [14,18)rw [20,24)rw' : '[10,18)rw [20,24)rw');
    });

    test('of a file keeps its offset, and shows the file again', () => {
      const p = process();
      p.mapFile(p.memfd(8, 0x500), 0, 4, 2, RW, MAP.MAP_PRIVATE);
      p.write(0, 4, 7);
      p.dontUnmap(0, 4, 20);
      p.read(1, 1);
      expect([p.vma(0)?.pgoff, p.word(1), p.word(21)]).toEqual([2, 0x503, 8]);
    });
  });

  describe('the commit limit, with 100 pages of RAM', () => {
    const small = (): PageLab => new PageLab(release, { machine: { arch: 'x86-64', levels: 4, memory: 100n * 4096n } });
    const ROWS: [what: string, call: (p: PageLab, pages: number) => ReturnType<PageLab['do']>, most: number][] = [
      ['growth in place', (p, n) => p.mremap(0, 8, 8 + n), 100],
      ['growth that moves', (p, n) => p.mremap(0, 8, 8 + n, F, 1000), 100],
      ['a new mapping', (p, n) => p.map(1000, n), 100],
      ['a new mapping in the place of one that is not charged', (p, n) => (p.map(1000, 50, R), p.map(1000, n)), 100],
      ['memory that becomes writable', (p, n) => (p.map(1000, n, R), p.protect(1000, n, RW)), 100],
      ['a new mapping in the place of a charged one, before 6.12 after that is gone', (p, n) => p.map(0, n), release === '6.1' ? 100 : 108],
    ];
    test.each(ROWS)('%s', (_, call, most) => {
      for (const [pages, expected] of [
        [most, null],
        [most + 1, 'ENOMEM'],
      ] as const) {
        const p = small();
        p.map(0, 8);
        expect([pages, errnoOf(call(p, pages))]).toEqual([pages, expected]);
      }
    });

    test('DONTUNMAP charges all of it', () => {
      for (const [extra, expected] of [
        [50, null],
        [51, 'ENOMEM'],
      ] as const) {
        const p = small();
        p.map(0, 50);
        p.mremap(0, 50, 50 + extra);
        expect(errnoOf(p.dontUnmap(0, 50 + extra, 1000))).toBe(expected);
      }
      const p = small();
      p.map(0, 50);
      p.mremap(0, 50, 120);
      // A plain move, or one that shrinks, charges nothing.
      expect([errnoOf(p.move(0, 120, 1000)), errnoOf(p.mremap(1000, 120, 110, F, 0))]).toEqual([null, null]);
    });

    test('where strict overcommit finds more promised than it allows, not even a plain move is let through', () => {
      const p = small();
      p.map(0, 60);
      p.map(100, 4, R);
      p.sysctl('vm.overcommit_memory', 2);
      expect([outcome(p.move(0, 60, 1000)), outcome(p.move(100, 4, 2000))]).toEqual(['ENOMEM', '@2000']);
      p.sysctl('vm.overcommit_memory', 1);
      expect(outcome(p.move(0, 60, 1000))).toBe('@1000');
    });

    test('a mapping in the place of as much is let through there, since 6.12; one that is not charged always is', () => {
      const p = small();
      p.map(0, 60);
      p.map(100, 4, R);
      p.sysctl('vm.overcommit_memory', 2);
      expect([outcome(p.map(0, 60, RWX)), outcome(p.map(100, 4, R))]).toEqual([release === '6.1' ? 'ENOMEM' : '@0', '@100']);
    });

    test('a move to a smaller size: since 6.15 what it gave up stays charged for good', () => {
      const p = small();
      p.map(0, 20);
      p.mremap(0, 20, 3, F, 1000);
      expect(p.committed).toBe(release === '6.18' ? 20 : 3);
      p.unmap(1000, 3);
      expect(p.committed).toBe(release === '6.18' ? 17 : 0);
      // In place it gives everything back.
      p.map(0, 20);
      p.mremap(0, 20, 3);
      expect(p.committed).toBe(release === '6.18' ? 20 : 3);
    });

    test('memory that is not charged is not counted', () => {
      const p = small();
      p.map(0, 8, R);
      expect(errnoOf(p.mremap(0, 8, 500))).toBeNull();
    });
  });

  describe('the top of the address space', () => {
    const top = 2 ** 35 - 1 - A;

    test('growth up to it, in place and no further', () => {
      const p = process();
      p.map(top - 4, 2);
      expect(outcome(p.mremap(top - 4, 2, 4))).toBe(`@${top - 4}`);
      expect(outcome(p.mremap(top - 4, 4, 5))).toBe('ENOMEM');
      expect(errnoOf(p.mremap(top - 4, 4, 5, MAY))).toBeNull();
    });

    test('a move to right below it', () => {
      const p = process();
      p.map(0, 4);
      expect(checkOf(p.move(0, 4, top - 3))).toBe('mremap.new_address_range');
      expect(outcome(p.move(0, 4, top - 4))).toBe(`@${top - 4}`);
    });

    test('a size of all of it is too large for what is left', () => {
      const p = process();
      p.map(0, 4);
      expect([outcome(p.mremap(0, 4, top + A, MAY)), checkOf(p.mremap(0, 4, top + A + 1, MAY))]).toEqual([
        'ENOMEM',
        release === '6.18' ? 'mremap.new_size_too_large' : 'placement.too_large',
      ]);
    });
  });

  describe('a choice of the kernel', () => {
    test('is where the scenario says, if that is free', () => {
      const p = process();
      p.map(0, 2);
      p.map(2, 1, R);
      const grow = (at: number, place: number) =>
        p.do({ name: 'mremap', old_address: page(at), old_size: 8192n, new_size: 16384n, flags: MAY, new_address: 0n, place: page(place) });
      expect(outcome(grow(0, 50))).toBe('@50');
      const keep = p.do({ name: 'mremap', old_address: page(50), old_size: 16384n, new_size: 16384n, flags: MAY | DONT, new_address: 0n, place: page(70) });
      expect(outcome(keep)).toBe('@70');
    });

    test('a scenario that says the mapping moved has it moved, though it could grow in place', () => {
      const p = process();
      p.map(0, 2);
      const grow = (place: number) => p.do({ name: 'mremap', old_address: page(0), old_size: 8192n, new_size: 16384n, flags: MAY, new_address: 0n, place: page(place) });
      expect(outcome(grow(30))).toBe('@30');
      const q = process();
      q.map(0, 2);
      expect(outcome(q.do({ name: 'mremap', old_address: page(0), old_size: 8192n, new_size: 16384n, flags: MAY, new_address: 0n, place: page(0) }))).toBe('@0');
    });

    test('files are packed: no PMD boundary is looked for', () => {
      const p = new PageLab(release, { layout: { mmapBase: A + 100 * PMD, image: [] } });
      p.map(100 * PMD - 1, 1, R);
      p.mapFile(p.memfd(2 * PMD), 0, PMD);
      p.map(PMD, 1, R);
      expect(outcome(p.mremap(0, PMD, 2 * PMD, MAY))).toBe(`@${98 * PMD - 1}`);
    });
  });

  describe('hugetlb memory', () => {
    const huge = (): PageLab => {
      const p = process();
      p.sysctl('vm.nr_hugepages', 4);
      p.mmap(page(0), 2 * PMD, RW, HUGE);
      return p;
    };
    const remap = (p: PageLab, old: number, oldPages: number, newPages: number, flags: number, to: bigint) =>
      p.do({ name: 'mremap', old_address: page(old), old_size: BigInt(oldPages) * 4096n, new_size: BigInt(newPages) * 4096n, flags, new_address: to });

    test('V32: even an address that is not used must be aligned to its pages', () => {
      expect(outcome(remap(huge(), 0, 2 * PMD, PMD, 0, 12345n))).toBe('EINVAL');
      const p = huge();
      expect(outcome(remap(p, 0, 2 * PMD, PMD, 0, 0n))).toBe('@0');
      expect(p.layout).toBe(`[0,${PMD})rw`);
    });

    test('V32: it does not grow, nor begin within a page', () => {
      expect(outcome(remap(huge(), 0, 2 * PMD, 3 * PMD, MAY, 0n))).toBe('EINVAL');
      expect(checkOf(remap(huge(), 1, PMD, PMD, F, page(10 * PMD)))).toBe('mremap.hugetlb_address');
      expect(outcome(remap(huge(), 0, 2 * PMD, 2 * PMD, F, page(10 * PMD + 1)))).toBe('EINVAL');
    });

    test('a size of one small page is a whole huge one', () => {
      const p = huge();
      expect(outcome(remap(p, 0, 1, 1, F, page(10 * PMD)))).toBe(`@${10 * PMD}`);
      expect(p.layout).toBe(`[${PMD},${2 * PMD})rw [${10 * PMD},${11 * PMD})rw`);
    });

    test('the pool is as full as what is mapped of it, wherever that has moved', () => {
      const p = process();
      p.sysctl('vm.nr_hugepages', 4);
      const more = (at: number, blocks: number): string => outcome(p.mmap(page(at * PMD), blocks * PMD, RW, HUGE));
      expect([more(0, 3), more(10, 2), more(10, 1)]).toEqual(['@0', 'ENOMEM', `@${10 * PMD}`]);
      // A move keeps what is reserved, a part that goes is given back.
      expect(outcome(remap(p, 0, 3 * PMD, 3 * PMD, F, page(20 * PMD)))).toBe(`@${20 * PMD}`);
      expect(more(30, 1)).toBe('ENOMEM');
      p.unmap(21 * PMD, PMD);
      expect([more(30, 2), more(30, 1), more(40, 1)]).toEqual(['ENOMEM', `@${30 * PMD}`, 'ENOMEM']);
      // So is what is mapped over.
      expect(outcome(remap(p, 10 * PMD, PMD, PMD, F, page(30 * PMD)))).toBe(`@${30 * PMD}`);
      expect([more(40, 1), more(50, 1)]).toEqual([`@${40 * PMD}`, 'ENOMEM']);
    });

    test('no DONTUNMAP', () => {
      expect(outcome(remap(huge(), 0, 2 * PMD, 2 * PMD, MAY | DONT, 0n))).toBe('EINVAL');
    });
  });

  describe('memory that a userfaultfd watches', () => {
    /** [0,2) and [2,4), apart; which of them is watched. */
    const watched = (...which: number[]): PageLab => {
      const p = process();
      p.map(0, 2);
      p.map(2, 2, RWX);
      p.do({ name: 'userfaultfd', features: [] });
      for (const at of which) p.do({ name: 'uffd_register', addr: page(at), length: 8192n, mode: 'MISSING' });
      return p;
    };
    const several = release === '6.18';

    test('V33: first of several: nothing moves', () => {
      const p = watched(0);
      expect(outcome(p.move(0, 4, 20))).toBe('EFAULT');
      expect(p.layout).toBe('[0,2)rw [2,4)rwx');
    });

    test('V34: alone it moves', () => {
      const p = watched(0);
      expect(outcome(p.move(0, 2, 20))).toBe('@20');
      expect(p.layout).toBe('[2,4)rwx [20,22)rw');
    });

    test('V34: a part of it, too', () => {
      const p = watched(0);
      expect(outcome(p.move(0, 1, 20))).toBe('@20');
      expect(outcome(p.move(1, 1, 30))).toBe('@30');
    });

    test('V35: behind another: that one has moved by then', () => {
      const p = watched(2);
      expect(outcome(p.move(0, 4, 20))).toBe('EFAULT');
      expect(p.layout).toBe(several ? '[2,4)rwx [20,22)rw' : '[0,2)rw [2,4)rwx');
    });
  });

  test('a refused move of several says at which part, and the first ones have moved', () => {
    const p = process();
    p.map(0, 2);
    p.map(4, 2, R);
    p.mmap(page(8), 2, RW, MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
    const record = p.move(0, 10, 100);
    expect(outcome(record)).toBe(release === '6.18' ? '@100' : 'EFAULT');
    if (release === '6.18') expect(p.layout).toBe('[100,102)rw [104,106)r [108,110)rws');
  });

  test('the source of a move to a smaller size is gone with its tail', () => {
    const p = process();
    p.mapFull(0, 8);
    expect(valueOf(p.mremap(0, 8, 3, F, 20))).toBe(page(20));
    expect([p.layout, p.pages, p.space.usage.totalVm]).toEqual(['[20,23)rw', '[20,23)a', 3]);
    p.mremap(20, 3, 5, F, 40);
    expect([p.layout, p.pages, p.space.usage.totalVm]).toEqual(['[40,45)rw', '[40,43)a', 5]);
  });

  test('a range of no pages duplicates and cuts nothing', () => {
    const p = process();
    p.mmap(page(0), 4, RW, MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
    expect(outcome(p.mremap(2, 0, 2, F, 20))).toBe('@20');
    expect(p.layout).toBe('[0,4)rws [20,22)rws');
  });

  test('a special mapping moves whole', () => {
    const vdso = Number(new Place(X86_64_4_LEVELS, 2).vdso / 4096n) - A;
    const open = (): PageLab => new PageLab(release, { layout: new Place(X86_64_4_LEVELS, 2).layout });
    for (const [at, pages] of [
      [vdso, 1],
      [vdso + 1, 1],
    ] as const) {
      const p = open();
      const before = p.space.mapCount;
      expect([checkOf(p.move(at, pages, 0)), p.space.mapCount, p.vma(0)]).toEqual(['split.special', before, undefined]);
    }
    expect(outcome(open().move(vdso, 2, 0))).toBe('@0');
  });

  test('nobody hears of a move that nobody watches', () => {
    const p = process();
    p.mapFull(0, 4);
    expect(p.move(0, 4, 20).events).toEqual([]);
  });

  describe('DONTUNMAP of locked memory', () => {
    /** [0,4) locked; what stays locked, what VmLck says. */
    const ROWS: [at: number, pages: number, layout: string, locked: number[], on618: number][] = [
      [0, 4, '[0,4)rw [20,24)rw', [20, 21, 22, 23], 8],
      [0, 1, '[0,1)rw [1,4)rw [20,21)rw', [1, 2, 3, 20], 5],
      [3, 1, '[0,3)rw [3,4)rw [20,21)rw', [0, 1, 2, 20], 5],
      [1, 2, '[0,1)rw [1,3)rw [3,4)rw [20,22)rw', [0, 3, 20, 21], 6],
    ];
    test.each(ROWS)('from %d on, %d pages', (at, pages, layout, locked, on618) => {
      const p = process();
      p.mapFull(0, 4);
      p.lock(0, 4);
      const record = p.dontUnmap(at, pages, 20);
      expect(outcome(record)).toBe('@20');
      const found = [0, 1, 2, 3, 20, 21, 22, 23].filter((n) => p.flags(n).split(' ').includes('lo'));
      // Since 6.15 the whole source loses its lock, and is counted on.
      if (release === '6.18') expect([p.layout, found, p.space.usage.lockedVm]).toEqual([`[0,4)rw [20,${20 + pages})rw`, Array.from({ length: pages }, (_, i) => 20 + i), on618]);
      else expect([p.layout, found, p.space.usage.lockedVm]).toEqual([layout, locked, 4]);
    });
  });

  describe('what the steps tell', () => {
    const texts = (record: ReturnType<PageLab['do']>, text: string): number => record.steps.filter((s) => s.text === text).length;
    const WITHIN = 'the old range lies within one VMA';
    const DROPPED = 'the memory is locked: the pages that came with the growth are faulted in, without the lock';

    test('a resize is looked at once', () => {
      const p = process();
      p.map(0, 4);
      expect(texts(p.mremap(0, 4, 6, MAY), WITHIN)).toBe(1);
      expect(texts(p.mremap(0, 6, 8, F, 20), WITHIN)).toBe(1);
      expect(texts(p.mremap(20, 8, 4, F, 40), WITHIN)).toBe(1);
    });

    test('only growth of locked memory is populated', () => {
      const p = process();
      p.map(0, 4);
      p.lock(0, 4);
      expect(texts(p.move(0, 4, 20), DROPPED)).toBe(0);
      expect(texts(p.mremap(20, 4, 3), DROPPED)).toBe(0);
      const grown = p.mremap(20, 3, 6);
      expect(grown.steps.find((s) => s.text === DROPPED)?.values.map((v) => v.value)).toEqual([page(23), 3n * 4096n]);
    });

    test('in place: what the VMA is now', () => {
      const p = process();
      p.map(0, 4);
      p.map(6, 2);
      for (const [from, to, end] of [
        [4, 5, 5],
        [5, 6, 8],
      ] as const) {
        expect(
          p
            .mremap(0, from, to)
            .steps.find((s) => s.text === 'grew the VMA in place')
            ?.values.map((v) => v.value),
        ).toEqual([page(0), page(end)]);
      }
    });

    test('struct vma_remap_struct, which came with 6.15', () => {
      const p = process();
      p.map(0, 8);
      const shrunk = p.mremap(0, 8, 6, F, 20);
      const grown = p.mremap(20, 6, 7, F, 40);
      if (release !== '6.18') {
        expect([...shrunk.steps, ...grown.steps].filter((s) => s.vrm !== undefined)).toEqual([]);
        return;
      }
      expect(shrunk.steps[0]?.vrm).toEqual({
        addr: page(0), old_len: 8n * 4096n, new_len: 6n * 4096n, flags: F, new_addr: page(20), uf: null, uf_unmap_early: [], uf_unmap: [], vma: null, delta: 0n,
        populate_expand: false, remap_type: 'MREMAP_INVALID', mmap_locked: false, charged: 0, vmi_needs_invalidate: false,
      }); // prettier-ignore
      expect(shrunk.steps.at(-1)?.vrm).toMatchObject({ old_len: 6n * 4096n, vma: 'stale', delta: 2n * 4096n, remap_type: 'MREMAP_SHRINK', mmap_locked: false, charged: 2 });
      expect(grown.steps.at(-1)?.vrm).toMatchObject({ delta: 4096n, remap_type: 'MREMAP_EXPAND', charged: 1 });
      expect(p.move(40, 7, 60).steps.at(-1)?.vrm).toMatchObject({ delta: 0n, remap_type: 'MREMAP_NO_RESIZE', charged: 0 });
      expect(p.map(70, 1).steps[0]?.vrm).toBeUndefined();
    });

    test('what is charged, and why', () => {
      const since615 = release === '6.18';
      const ROWS: [call: (p: PageLab) => ReturnType<PageLab['do']>, text: string, pages: number][] = [
        [(p) => p.move(0, 4, 20), 'nothing to charge: as much is unmapped as is mapped', 0],
        [(p) => p.mremap(0, 4, 6, F, 20), 'charged what the mapping grows by', 2],
        [(p) => p.dontUnmap(0, 4, 20), 'charged all of the copy, for the source stays mapped', 4],
        [
          (p) => p.mremap(0, 4, 1, F, 20),
          since615 ? 'charged the difference of the lengths, although it was a shrinking one: nothing will give that back' : 'nothing to charge: as much is unmapped as is mapped',
          since615 ? 3 : 0,
        ],
      ];
      for (const [call, text, pages] of ROWS) {
        const p = process();
        p.map(0, 4);
        const step = call(p).steps.find((s) => s.text === text);
        expect([text, step?.values.find((v) => v.name === 'pages')?.value]).toEqual([text, pages]);
      }
      const p = process();
      p.map(0, 4, R);
      expect(
        p
          .move(0, 4, 20)
          .steps.filter((s) => /^(charged|nothing to charge)/.test(s.text))
          .map((s) => s.text),
      ).toEqual([]);
    });

    test('a copy that is counted as locked a second time', () => {
      const counted = (lock: boolean, dontUnmap: boolean): string[] => {
        const p = process();
        p.map(0, 4);
        if (lock) p.lock(0, 4);
        return (dontUnmap ? p.dontUnmap(0, 4, 20) : p.move(0, 4, 20)).steps.map((s) => s.text).filter((t) => t.startsWith('counted the copy'));
      };
      const once = ['counted the copy'];
      expect([counted(false, false), counted(true, false), counted(false, true)]).toEqual([once, once, once]);
      expect(counted(true, true)).toEqual(release === '6.18' ? ['counted the copy; its pages are counted as locked a second time, and nothing will take that back'] : once);
    });

    test('a tail that goes in place takes the lock with it, since 6.5; before, the lock is held for reading from there on', () => {
      const p = process();
      p.map(0, 4);
      const { steps } = p.mremap(0, 4, 1);
      const step = steps.find((s) => s.text.startsWith('unmapped the tail of the source'));
      expect([step?.text, step?.values.map((v) => v.value), step?.vrm?.mmap_locked]).toEqual([
        release === '6.1'
          ? 'unmapped the tail of the source; the lock is held for reading only meanwhile: other threads may fault again'
          : 'unmapped the tail of the source, and the lock was dropped with it',
        [page(1), 3n * 4096n],
        release === '6.18' ? false : undefined,
      ]);
      expect(steps.filter((s) => s.text === 'dropped the mmap lock').map((s) => s.fn)).toEqual(release === '6.1' ? ['mmap_read_unlock'] : []);
    });

    test('a destination that was unmapped makes the source stale', () => {
      const p = process();
      p.map(0, 4);
      p.map(20, 2);
      const states = p.mremap(0, 4, 2, F, 20).steps.map((s) => s.vrm?.vma);
      expect(states.includes('stale')).toBe(release === '6.18');
    });
  });
});

describe('kernel 6.15 rounds the lengths after it has checked them', () => {
  const p = (): PageLab => {
    const lab = new PageLab('6.15');
    lab.map(0, 4);
    return lab;
  };
  const call = (lab: PageLab, release: PageLab) =>
    [lab, release].map((l) => l.do({ name: 'mremap', old_address: page(0), old_size: 4095n, new_size: 5000n, flags: MAY, new_address: 0n }));

  test('and says so', () => {
    const later = new PageLab('6.18');
    later.map(0, 4);
    const [early, late] = call(p(), later);
    const rounded = 'the lengths are rounded up to pages';
    expect([early, late].map((r) => r?.steps.filter((s) => s.text === rounded).length)).toEqual([1, 0]);
    expect(early?.steps[0]?.vrm).toMatchObject({ old_len: 4095n, new_len: 5000n, delta: 0n });
    expect(late?.steps[0]?.vrm).toMatchObject({ old_len: 4096n, new_len: 8192n });
    expect(early?.steps.at(-1)?.vrm).toMatchObject({ old_len: 4096n, new_len: 8192n, delta: 4096n });
  });

  test('its vrm has mlocked, later ones populate_expand and vmi_needs_invalidate', () => {
    const keys = (release: string): string[] => {
      const lab = new PageLab(release);
      lab.map(0, 4);
      return Object.keys(lab.move(0, 4, 20).steps.at(-1)?.vrm ?? {}).filter((k) => ['mlocked', 'populate_expand', 'vmi_needs_invalidate'].includes(k));
    };
    expect(['6.12', '6.15', '6.16', '6.18'].map(keys)).toEqual([[], ['mlocked'], ['mlocked'], ['populate_expand', 'vmi_needs_invalidate']]);
  });

  test('growth is populated where it was locked', () => {
    const lab = p();
    lab.lock(0, 4);
    const record = lab.mremap(0, 4, 6);
    expect([lab.pages, record.steps.at(-1)?.vrm?.mmap_locked]).toEqual(['[0,6)a', false]);
  });
});
