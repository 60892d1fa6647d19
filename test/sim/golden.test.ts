/**
 * Facts measured on a running 6.18.44, one test each, and what the two older kernels do instead.
 * Everything is private anonymous memory, in pages from A; "written" means every page was.
 */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP } from '../../machine/index.js';
import { Place } from '../../conform/place.js';
import { X86_64_4_LEVELS } from '../../sim/arch/geometries.js';
import { A, errnoOf, Lab, NONE, outcome, page, PageLab, R, RELEASES, RW, RWX, valueOf } from './lab.js';

const { MREMAP_MAYMOVE: MAY, MREMAP_FIXED: FIXED, MREMAP_DONTUNMAP: DONT } = MREMAP;
const F = MAY | FIXED;
const D = MAY | DONT;

describe.each(RELEASES)('kernel %s', (release) => {
  const early = release === '6.18';
  const process = (): PageLab => new PageLab(release);
  const mapped = (pages: number, prot = RW): PageLab => {
    const p = process();
    p.map(0, pages, prot);
    return p;
  };
  const written = (pages: number): PageLab => {
    const p = process();
    p.mapFull(0, pages);
    return p;
  };

  describe('arguments', () => {
    test('V1: nothing mapped, and the ranges overlap', () => {
      expect(outcome(process().mremap(0, 2, 2, F, 1))).toBe(early ? 'EINVAL' : 'EFAULT');
    });

    test('V2: nothing mapped', () => {
      expect(outcome(process().mremap(0, 2, 2, F, 10))).toBe('EFAULT');
    });

    test('V3: DONTUNMAP with sizes that are equal once rounded up', () => {
      const p = mapped(8);
      const record = p.do({ name: 'mremap', old_address: page(0), old_size: 4095n, new_size: 4096n, flags: D, new_address: 0n });
      expect(errnoOf(record)).toBe(early ? null : 'EINVAL');
    });

    test('V4: the same size is never checked, be it over holes', () => {
      const p = mapped(8);
      expect(outcome(p.mremap(0, 100, 100))).toBe('@0');
      expect(p.layout).toBe('[0,8)rw');
    });

    test('V5: growth in place ignores the fifth argument', () => {
      const p = mapped(8);
      expect(outcome(p.do({ name: 'mremap', old_address: page(0), old_size: 8n * 4096n, new_size: 9n * 4096n, flags: MAY, new_address: 12345n }))).toBe('@0');
      expect(p.layout).toBe('[0,9)rw');
    });

    test('V6: growth of more than is mapped', () => {
      expect(outcome(mapped(8).mremap(0, 20, 30, MAY))).toBe('EFAULT');
    });

    test('V7: private memory is not duplicated, and the log says so', () => {
      const record = mapped(8).mremap(0, 0, 4, MAY);
      expect(outcome(record)).toBe('EINVAL');
      expect(record.log).toEqual([expect.stringContaining('duplicate a private mapping')]);
    });

    test.each([
      ['a new size of 0', [0, 8, 0, MAY, 0], 'EINVAL', 'EINVAL'],
      ['a new size of 2^60', [0, 8, 2 ** 48, MAY, 0], 'ENOMEM', 'EINVAL'],
      ['a new size of 2^60, FIXED', [0, 8, 2 ** 48, F, 20], 'EINVAL', 'EINVAL'],
      ['FIXED alone', [0, 8, 8, FIXED, 20], 'EINVAL', 'EINVAL'],
      ['flag 8', [0, 8, 8, 8, 20], 'EINVAL', 'EINVAL'],
      ['flag 16', [0, 8, 8, 16, 20], 'EINVAL', 'EINVAL'],
    ] as const)('V8: %s', (_, [old, oldPages, newPages, flags, to], late, now) => {
      expect(outcome(mapped(8).mremap(old, oldPages, newPages, flags, to))).toBe(early ? now : late);
    });

    test('V8: DONTUNMAP checks an address that is only a hint', () => {
      const p = mapped(8);
      expect(outcome(p.do({ name: 'mremap', old_address: page(0), old_size: 4096n, new_size: 4096n, flags: D, new_address: page(20) + 1n }))).toBe('EINVAL');
    });
  });

  describe('resizing', () => {
    test('V9: shrinking may cut over VMAs and holes', () => {
      const p = mapped(4);
      p.map(4, 4, R);
      p.map(10, 2);
      expect(outcome(p.mremap(0, 12, 2))).toBe('@0');
      expect(p.layout).toBe('[0,2)rw');
    });

    test('V10: so may shrinking while moving', () => {
      const p = mapped(4);
      p.map(4, 4, R);
      expect(outcome(p.mremap(0, 8, 2, F, 20))).toBe('@20');
      expect(p.layout).toBe('[20,22)rw');
    });

    test('V11: growing while moving may not, and the destination is gone where it was unmapped first', () => {
      const p = mapped(4);
      p.map(4, 4, R);
      p.map(20, 8, R);
      expect(outcome(p.mremap(0, 6, 8, F, 20))).toBe('EFAULT');
      expect(p.layout).toBe(early ? '[0,4)rw [4,8)r [20,28)r' : '[0,4)rw [4,8)r');
    });

    test('V26: growth of a part must move, and may not without MAYMOVE', () => {
      expect(outcome(mapped(2).mremap(0, 1, 2))).toBe('ENOMEM');
    });

    test('V27: growth into a gap joins the VMA behind it', () => {
      const p = mapped(2);
      p.map(4, 2);
      expect(outcome(p.mremap(0, 2, 4))).toBe('@0');
      expect(p.layout).toBe('[0,6)rw');
    });
  });

  describe('moves and merges', () => {
    test('V12: the middle page moved away and back', () => {
      const p = written(3);
      p.move(1, 1, 20);
      expect(p.layout).toBe('[0,1)rw [2,3)rw [20,21)rw');
      p.move(20, 1, 1);
      expect(p.layout).toBe('[0,3)rw');
      expect([p.word(0), p.word(1), p.word(2)]).toEqual([0x1000, 0x1001, 0x1002]);
    });

    test.each([
      ['V13: written, beside a written one', (p: PageLab) => p.mapFull(10, 2), '[0,2)rw [2,4)rw'],
      ['V14: untouched, beside a written one', (p: PageLab) => p.map(10, 2), '[0,4)rw'],
      ['V15: read, beside a written one', (p: PageLab) => (p.map(10, 2), p.read(10, 1)), '[0,4)rw'],
    ])('%s', (_, prepare, layout) => {
      const p = written(2);
      prepare(p);
      expect(outcome(p.move(10, 2, 2))).toBe('@2');
      expect(p.layout).toBe(layout);
    });

    test('V16: written, moved back to where it was written, beside an untouched one', () => {
      const p = process();
      p.mapFull(10, 5);
      p.move(10, 5, 30);
      p.map(0, 10);
      p.move(30, 5, 10);
      expect(p.layout).toBe(early ? '[0,15)rw' : '[0,10)rw [10,15)rw');
    });

    test('V17: inside an untouched VMA', () => {
      const p = mapped(10);
      p.move(2, 1, 5);
      expect(p.layout).toBe('[0,2)rw [3,10)rw');
    });

    test('V18: inside a written VMA', () => {
      const p = written(10);
      p.move(2, 1, 5);
      expect(p.layout).toBe('[0,2)rw [3,5)rw [5,6)rw [6,10)rw');
    });

    test('V19: DONTUNMAP of untouched memory to right behind it', () => {
      const p = mapped(4);
      p.dontUnmap(0, 4, 4);
      expect(p.layout).toBe(early ? '[0,8)rw' : '[0,4)rw [4,8)rw');
    });
  });

  describe('moves of several VMAs', () => {
    const three = (): PageLab => {
      const p = mapped(4);
      p.map(4, 4, R);
      p.map(10, 2);
      return p;
    };

    test('V20: what lies in the gap of the destination survives, and merges', () => {
      const p = three();
      p.map(28, 1, R);
      expect(outcome(p.move(0, 12, 20))).toBe(early ? '@20' : 'EFAULT');
      expect(p.layout).toBe(early ? '[20,24)rw [24,29)r [30,32)rw' : '[0,4)rw [4,8)r [10,12)rw');
    });

    test('V21: a hole at the start', () => {
      const p = process();
      p.map(20, 4);
      expect(outcome(p.move(0, 32, 60))).toBe('EFAULT');
      expect(p.layout).toBe('[20,24)rw');
    });

    test('V22: a hole at the end', () => {
      const p = process();
      p.map(20, 4);
      p.map(24, 5, R);
      p.map(30, 2);
      expect(outcome(p.move(20, 40, 100))).toBe(early ? '@100' : 'EFAULT');
      expect(p.layout).toBe(early ? '[100,104)rw [104,109)r [110,112)rw' : '[20,24)rw [24,29)r [30,32)rw');
    });

    test('V23: with DONTUNMAP', () => {
      const p = mapped(4);
      p.map(4, 4, R);
      expect(outcome(p.dontUnmap(0, 8, 20))).toBe(early ? '@20' : 'EFAULT');
      expect(p.layout).toBe(early ? '[0,4)rw [4,8)r [20,24)rw [24,28)r' : '[0,4)rw [4,8)r');
    });

    test('V24: with growth', () => {
      const p = mapped(4);
      p.map(4, 4, R);
      expect(outcome(p.mremap(0, 8, 9, F, 40))).toBe('EFAULT');
      expect(p.layout).toBe('[0,4)rw [4,8)r');
    });
  });

  test('V25: shared memory is duplicated, but only by a call that may move', () => {
    const p = process();
    p.mmap(page(0), 4, RW, MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
    expect(outcome(p.mremap(0, 0, 4))).toBe('ENOMEM');
    expect(outcome(p.mremap(0, 0, 4, F, 20))).toBe('@20');
    expect(p.layout).toBe('[0,4)rws [20,24)rws');
    p.write(1, 1, 77);
    p.read(21, 1);
    expect(p.word(21)).toBe(77);
    expect(p.space.usage.totalVm).toBe(8);
  });

  describe('counters', () => {
    test('V28: DONTUNMAP of locked memory; 6.15 and later never give the lock back', () => {
      const p = written(8);
      p.lock(0, 8);
      expect(p.space.usage.lockedVm).toBe(8);
      p.dontUnmap(0, 8, 20);
      expect(p.space.usage.lockedVm).toBe(early ? 16 : 8);
      p.unmap(0, 100);
      expect(p.space.usage.lockedVm).toBe(early ? 8 : 0);
    });

    test('V29: the same of a part', () => {
      const p = written(8);
      p.lock(0, 8);
      p.dontUnmap(2, 2, 20);
      expect(p.space.usage.lockedVm).toBe(early ? 10 : 8);
      expect(p.layout).toBe(early ? '[0,8)rw [20,22)rw' : '[0,2)rw [2,4)rw [4,8)rw [20,22)rw');
      expect([0, 2, 4, 20].map((at) => p.flags(at).includes('lo'))).toEqual(early ? [false, false, false, true] : [true, false, true, true]);
    });

    test('V30: a plain move leaves VmSize as it was', () => {
      const p = written(1024);
      p.move(0, 1024, 2048);
      expect(p.space.usage.totalVm).toBe(1024);
      expect(p.committed).toBe(1024);
    });

    test('V31: DONTUNMAP is charged, and unmapping both gives it back', () => {
      const p = mapped(2 ** 19);
      p.dontUnmap(0, 2 ** 19, 2 ** 20);
      expect(p.committed).toBe(2 ** 20);
      p.unmap(0, 2 ** 19);
      p.unmap(2 ** 20, 2 ** 19);
      expect(p.committed).toBe(0);
    });

    test('V39: RLIMIT_AS counts growth and DONTUNMAP, and no plain move', () => {
      const p = mapped(8);
      p.limit('RLIMIT_AS', p.space.usage.totalVm + 4);
      expect(outcome(p.mremap(0, 8, 12))).toBe('@0');
      expect(outcome(p.mremap(0, 12, 13, MAY))).toBe('ENOMEM');
      expect(outcome(p.dontUnmap(0, 12, 20))).toBe('ENOMEM');
      expect(outcome(p.move(0, 12, 20))).toBe('@20');
    });

    test('V42: how close to vm.max_map_count each call may come', () => {
      const at = (count: number): PageLab => {
        const p = process();
        // One VMA in two pages each: none merges with the next one.
        for (let i = 0; i < count; i++) p.map(2 * i, 1);
        p.sysctl('vm.max_map_count', 20);
        expect(p.space.mapCount).toBe(count);
        return p;
      };
      const limits: [string, (p: PageLab) => ReturnType<PageLab['do']>, number][] = [
        ['mmap', (p) => p.map(1000, 1), 20],
        ['growth that moves', (p) => p.mremap(2, 1, 3, MAY), 16],
        ['growth that moves, at the limit of the call before it', (p) => p.mremap(4, 1, 3, MAY), 16],
        ['FIXED', (p) => p.move(2, 1, 1000), 14],
        ['DONTUNMAP', (p) => p.mremap(2, 1, 1, D), 14],
      ];
      for (const [what, call, last] of limits) {
        expect([what, errnoOf(call(at(last)))]).toEqual([what, null]);
        expect([what, errnoOf(call(at(last + 1)))]).toEqual([what, 'ENOMEM']);
      }
      // Growth in place and no growth at all need no VMA.
      expect(outcome(at(21).mremap(2, 1, 2, MAY))).toBe('@2');
      expect(outcome(at(21).mremap(2, 1, 1, MAY))).toBe('@2');
    });
  });

  describe.skipIf(release === '6.1')('mseal', () => {
    test('V36: a sealed page of the destination', () => {
      const p = mapped(2);
      p.map(20, 2, R);
      p.seal(20, 1);
      expect(outcome(p.move(0, 2, 20))).toBe('EPERM');
      expect(p.layout).toBe('[0,2)rw [20,21)r [21,22)r');
    });

    test('V37: a sealed source, be it that nothing would change', () => {
      const p = mapped(2);
      p.seal(0, 2);
      expect(outcome(p.mremap(0, 2, 2))).toBe('EPERM');
      expect(outcome(p.move(0, 2, 20))).toBe('EPERM');
      expect(outcome(p.mremap(0, 2, 1))).toBe('EPERM');
    });

    test('V38: a sealed VMA behind one that is not', () => {
      const p = mapped(2);
      p.map(2, 2, R);
      p.seal(2, 2);
      // One that spans VMAs is turned down before 6.17 whatever is sealed.
      expect(outcome(p.move(0, 4, 20))).toBe(early ? 'EPERM' : 'EFAULT');
      expect(p.layout).toBe(early ? '[2,4)r [20,22)rw' : '[0,2)rw [2,4)r');
    });
  });

  test('V40: DONTUNMAP takes a free hint, goes elsewhere from an occupied one, and none that overlaps', () => {
    const p = mapped(2);
    expect(outcome(p.mremap(0, 2, 2, D, 10))).toBe('@10');
    const elsewhere = p.mremap(0, 2, 2, D, 10);
    expect(errnoOf(elsewhere)).toBeNull();
    expect(valueOf(elsewhere)).not.toBe(page(10));
    expect(outcome(p.mremap(0, 2, 2, D, 1))).toBe('EINVAL');
  });

  test('V41: the vdso moves whole, or not at all', () => {
    const pages = release === '6.1' ? 1 : 2;
    const open = (): Lab => new Lab(release, { layout: new Place(X86_64_4_LEVELS, pages).layout });
    const vdso = new Place(X86_64_4_LEVELS, pages).vdso;
    const size = BigInt(pages) * 4096n;
    expect(errnoOf(open().mremap(vdso, size, size, D))).toBe('EINVAL');
    expect(errnoOf(open().mremap(vdso, size, size + 4096n, MAY))).toBe('EFAULT');
    if (pages > 1) expect(errnoOf(open().move(vdso, 4096n, page(0)))).toBe('EINVAL');
    const p = open();
    expect(valueOf(p.move(vdso, size, page(0)))).toBe(page(0));
    expect(p.space.vmaAt(A)?.kind).toBe('[vdso]');
  });
});

/** Merging, in a parent, in a child, and where protection came and went between. */
describe.each(RELEASES)('kernel %s', (release) => {
  const inherited = (follow: 'parent' | 'child'): PageLab => {
    const p = new PageLab(release);
    p.mapFull(0, 4);
    p.fork(follow);
    return p;
  };

  test('G1: a child does not extend what it inherited written', () => {
    const p = inherited('child');
    p.map(4, 4);
    expect(p.layout).toBe('[0,4)rw [4,8)rw');
  });

  test('G2: its parent does', () => {
    const p = inherited('parent');
    p.map(4, 4);
    expect(p.layout).toBe('[0,8)rw');
  });

  test('G3: a child that moves it away and back does not either', () => {
    const p = inherited('child');
    p.move(0, 4, 20);
    p.map(4, 4);
    p.move(20, 4, 0);
    expect(p.layout).toBe('[0,4)rw [4,8)rw');
  });

  test('G4: a half that was read-only while the other was written', () => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.protect(2, 2, R);
    p.write(0, 2);
    expect(p.layout).toBe('[0,2)rw [2,4)r');
    p.protect(2, 2, RW);
    expect(p.layout).toBe('[0,4)rw');
  });

  test('G5: halves written while one was not to be inherited have anon_vmas of their own', () => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.advise(2, 2, 'MADV_DONTFORK');
    p.write(0, 4);
    p.advise(2, 2, 'MADV_DOFORK');
    expect(p.layout).toBe('[0,2)rw [2,4)rw');
    expect(p.vma(0)?.anonVma).not.toBe(p.vma(2)?.anonVma);
  });

  test('G6: one set apart by its protection alone shares the anon_vma', () => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.protect(2, 2, NONE);
    p.write(0, 2);
    p.protect(2, 2, RW);
    p.write(2, 2);
    expect(p.layout).toBe('[0,4)rw');
  });

  test('G7: written, half of it read-only, and back', () => {
    const p = new PageLab(release);
    p.mapFull(0, 4);
    p.protect(2, 2, R);
    expect(p.layout).toBe('[0,2)rw [2,4)r');
    p.protect(2, 2, RW);
    expect(p.layout).toBe('[0,4)rw');
  });

  test('G8: a read-only neighbour becomes writable, then all read-only', () => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.map(4, 4, R);
    p.protect(4, 4, RW);
    expect(p.layout).toBe('[0,8)rw');
    p.protect(0, 8, R);
    expect(p.layout).toBe('[0,8)r');
  });

  test('G9: written memory stays charged when it becomes read-only, and so apart from memory that never was', () => {
    const p = new PageLab(release);
    p.mapFull(0, 4);
    p.map(4, 4, R);
    p.protect(0, 4, R);
    expect(p.layout).toBe('[0,4)r [4,8)r');
    expect([p.flags(0), p.flags(4)]).toEqual(['ac', '']);
    expect(p.committed).toBe(4);
  });

  test('G10: written and emptied is still written', () => {
    const p = new PageLab(release);
    p.mapFull(10, 4);
    p.advise(10, 4, 'MADV_DONTNEED');
    p.map(0, 4);
    p.move(10, 4, 4);
    expect(p.layout).toBe('[0,4)rw [4,8)rw');
    expect(p.pages).toBe('');
  });

  test('execution is protection too: the anon_vma is shared over it', () => {
    const p = new PageLab(release);
    p.map(0, 2);
    p.map(2, 2, RWX);
    p.write(2, 1);
    p.write(0, 1);
    expect(p.vma(0)?.anonVma).toBe(p.vma(2)?.anonVma);
    p.protect(2, 2, RW);
    expect(p.layout).toBe('[0,4)rw');
  });
});
