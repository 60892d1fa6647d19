/** fork(2): what a child has of its parent, what they share, and what sharing does to later merges. */
import { describe, expect, test } from 'vitest';
import { MAP } from '../../machine/index.js';
import { outcome, page, PageLab, PMD, PUD, R, RELEASES, RW } from './lab.js';

const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;

describe.each(RELEASES)('kernel %s', (release) => {
  const process = (): PageLab => new PageLab(release);

  describe('pages', () => {
    test('K1: a VMA with an anon_vma is copied, with the zero pages and file pages in it', () => {
      const p = process();
      p.mapFull(0, 1);
      p.map(1, 3);
      p.read(1, 2);
      p.mapFile(p.memfd(4, 0x500), 20, 4, 0, RW, MAP.MAP_PRIVATE);
      p.read(20, 4);
      p.write(21, 1);
      p.fork('child');
      expect(p.pages).toBe('[0,1)A [1,3)z [20,21)f [21,22)A [22,24)f');
      expect(p.space.usage.rss).toBe(5);
    });

    test('K1: one without, and shared memory, are faulted in again', () => {
      const p = process();
      p.map(0, 4);
      p.read(0, 4);
      p.mmap(page(20), 4, RW, SHARED);
      p.write(20, 4, 7);
      p.mapFile(p.memfd(4, 0x500), 40, 4, 0, RW, MAP.MAP_PRIVATE);
      p.read(40, 4);
      p.fork('child');
      expect([p.pages, p.tables, p.space.usage.rss]).toEqual(['', [0, 0, 0], 0]);
      p.read(21, 1);
      expect([p.pages, p.word(21)]).toEqual(['[20,24)f', 8]);
    });

    test('K2: a table wherever the parent has one, be it empty', () => {
      const p = process();
      p.mapFull(0, 1);
      p.map(1, 4 * PMD - 1);
      p.write(2 * PMD, 1);
      p.move(2 * PMD, 1, 8 * PUD);
      p.fork('child');
      // Those of the moved page, which it left empty, and of page 0; and of where it is now.
      expect(p.tables).toEqual([3, 2, 1]);
    });

    test('K3: pages are shared until one side drops them', () => {
      const p = process();
      p.mapFull(0, 6);
      p.fork('parent');
      p.write(0, 1, 7);
      p.unmap(1, 1);
      p.advise(2, 1, 'MADV_DONTNEED');
      expect(p.pages).toBe('[0,1)a [3,6)A');
      p.reap();
      expect(p.pages).toBe('[0,1)a [3,6)a');
    });

    test('K3: only the latest child is waited for', () => {
      const p = process();
      p.mapFull(0, 2);
      p.fork('parent');
      p.fork('parent');
      p.reap();
      expect(p.pages).toBe('[0,2)A');
    });

    test('a page moved by the one stays with the other', () => {
      const p = process();
      p.mapFull(0, 2);
      p.fork('child');
      p.move(0, 2, 20);
      expect([p.pages, p.word(21)]).toEqual(['[20,22)A', 0x1001]);
      p.write(20, 2, 1);
      expect([p.pages, p.word(20)]).toEqual(['[20,22)a', 1]);
    });

    test('shared memory stays shared', () => {
      const p = process();
      p.mmap(page(0), 4, RW, SHARED);
      p.write(0, 1, 5);
      p.fork('child');
      p.write(0, 2, 7);
      expect([p.word(0), p.word(1)]).toEqual([7, 8]);
    });
  });

  describe('VMAs', () => {
    test('K4: locks are not inherited, nor those to come', () => {
      const p = process();
      p.map(0, 4);
      p.lock(0, 2);
      p.lock2(2, 2, 1);
      p.do({ name: 'mlockall', flags: 2 });
      p.fork('child');
      expect([p.flags(0), p.flags(3), p.space.usage.lockedVm]).toEqual(['ac', 'ac', 0]);
      p.map(10, 1);
      expect(p.flags(10)).toBe('ac');
    });

    test('K4: what is not to be inherited is absent, from the counters too', () => {
      const p = process();
      p.mapFull(0, 6);
      p.advise(2, 2, 'MADV_DONTFORK');
      p.fork('child');
      expect([p.layout, p.space.usage.totalVm, p.space.usage.dataVm, p.committed, p.pages]).toEqual(['[0,2)rw [4,6)rw', 4, 4, 4, '[0,2)A [4,6)A']);
    });

    test('K5: what is to be wiped is there and empty, with the page offset it had', () => {
      const p = process();
      p.mapFull(0, 4);
      p.move(0, 4, 20);
      p.advise(20, 4, 'MADV_WIPEONFORK');
      const pgoff = p.vma(20)?.pgoff;
      p.fork('child');
      expect([p.layout, p.pages, p.tables, p.flags(20)]).toEqual(['[20,24)rw', '', [0, 0, 0], 'ac wf']);
      expect([p.vma(20)?.anonVma, p.vma(20)?.chainLength, p.vma(20)?.pgoff]).toEqual([null, 0, pgoff]);
      p.read(20, 1);
      expect(p.word(20)).toBe(0);
    });

    test('limits and rights are inherited, and from then on each one’s own', () => {
      const p = process();
      p.limit('RLIMIT_AS', 10);
      p.cap('CAP_IPC_LOCK', true);
      p.fork('child');
      expect(outcome(p.map(0, 11))).toBe('ENOMEM');
      p.limit('RLIMIT_MEMLOCK', 0);
      p.map(0, 4);
      expect(outcome(p.lock(0, 4))).toBe('ok');
    });

    test('files are inherited open', () => {
      const p = process();
      const fd = p.memfd(4, 0x500);
      p.fork('child');
      expect(outcome(p.mapFile(fd, 0, 4))).toBe('@0');
      p.read(0, 1);
      expect(p.word(0)).toBe(0x500);
    });
  });

  describe('anon_vmas', () => {
    const family = (generations: number): PageLab => {
      const p = process();
      p.mapFull(0, 4);
      for (let i = 0; i < generations; i++) p.fork('child');
      return p;
    };
    const info = (p: PageLab) => p.space.anonVma(p.vma(0)?.anonVma ?? -1);

    test('a child has one of its own, in the family of its parent, and links to all its ancestors', () => {
      expect([0, 1, 2].map((n) => family(n).vma(0)?.chainLength)).toEqual([1, 2, 3]);
      const [parent, child] = [info(family(0)), info(family(1))];
      expect([parent?.root === parent?.id, child?.root === parent?.id, child?.id === parent?.id]).toEqual([true, true, false]);
      expect([child?.numActiveVmas, child?.numChildren]).toEqual([1, 0]);
    });

    test('its parent counts it, until it is gone', () => {
      const p = process();
      p.mapFull(0, 4);
      expect(info(p)?.numChildren).toBe(1);
      p.fork('parent');
      expect(info(p)?.numChildren).toBe(2);
      p.reap();
      expect(info(p)?.numChildren).toBe(1);
    });

    test('memory first written in the child has none of its parent', () => {
      const p = process();
      p.map(0, 4);
      p.fork('child');
      p.write(0, 4);
      expect(p.vma(0)?.chainLength).toBe(1);
      p.map(4, 4);
      expect(p.layout).toBe('[0,8)rw');
    });

    test('one whose VMAs are all gone is used again', () => {
      const p = family(1);
      const idle = info(p)?.id;
      p.fork('child');
      p.do({ name: 'switch', to: 'parent' });
      p.unmap(0, 4);
      p.do({ name: 'switch', to: 'child' });
      expect(p.vma(0)?.chainLength).toBe(3);
      p.fork('child');
      expect([info(p)?.id, p.vma(0)?.chainLength, info(p)?.numActiveVmas]).toEqual([idle, 3, 1]);
    });

    /** Inherited written memory [0,4) of a child beside something untouched, over every way that VMAs merge. */
    const merges: [what: string, call: (p: PageLab) => unknown, at: number, joined: boolean][] = [
      ['a new mapping above it', (p) => p.map(4, 4), 4, false],
      ['a new mapping below it', (p) => p.map(-4, 4), -4, false],
      ['untouched memory moved beside it', (p) => (p.map(20, 4), p.move(20, 4, 4)), 4, false],
      ['it moved away and back beside untouched memory', (p) => (p.move(0, 4, 20), p.map(4, 4), p.move(20, 4, 0)), 4, false],
      ['untouched memory that becomes like it', (p) => (p.map(4, 4, R), p.protect(4, 4, RW)), 4, false],
      ['it becomes like untouched memory', (p) => (p.map(4, 4, R), p.protect(0, 4, R)), 4, false],
      ['it grows up to untouched memory', (p) => (p.map(6, 4), p.mremap(0, 4, 6)), 6, release === '6.18'],
    ];
    test.each(merges)('a child: %s', (_, call, at, joined) => {
      const p = family(1);
      call(p);
      expect(p.vma(at)?.start === p.vma(0)?.start).toBe(joined);
    });

    test('parts that were cut off join again, in a child too', () => {
      const p = family(1);
      p.protect(1, 2, R);
      p.protect(1, 2, RW);
      p.move(2, 1, 20);
      p.move(20, 1, 2);
      expect(p.layout).toBe('[0,4)rw');
    });
  });
});
