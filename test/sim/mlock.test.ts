/** mlock(2) and its relatives: what they may lock, which VMAs they cut, what they fault in, and VmLck. */
import { describe, expect, test } from 'vitest';
import { MAP, MCL, MLOCK, MREMAP } from '../../machine/index.js';
import { checkOf, NONE, outcome, page, PageLab, R, RELEASES, RW } from './lab.js';

const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
const { MCL_CURRENT: CURRENT, MCL_FUTURE: FUTURE, MCL_ONFAULT: ONFAULT } = MCL;
const mlockall = (p: PageLab, flags: number) => p.do({ name: 'mlockall', flags });
const munlockall = (p: PageLab) => p.do({ name: 'munlockall' });
const locked = (p: PageLab): number => p.space.usage.lockedVm;

describe.each(RELEASES)('kernel %s: what is faulted in', (release) => {
  /** Four pages at 0, then mlock. */
  const ROWS: [what: string, map: (p: PageLab) => unknown, result: string, pages: string][] = [
    ['writable private memory, as by stores', (p) => p.map(0, 4), 'ok', '[0,4)a'],
    ['read-only memory, as by loads', (p) => p.map(0, 4, R), 'ok', '[0,4)z'],
    ['executable memory, which no load could read', (p) => p.map(0, 4, 4), 'ok', '[0,4)z'],
    ['shared memory, as by loads', (p) => p.mmap(page(0), 4, RW, SHARED), 'ok', '[0,4)f'],
    ['a private file, copied', (p) => p.mapFile(p.memfd(4, 1), 0, 4, 0, RW, MAP.MAP_PRIVATE), 'ok', '[0,4)a'],
    ['a zero page, replaced', (p) => (p.map(0, 4), p.read(1, 1)), 'ok', '[0,4)a'],
    ['pages that are there, kept', (p) => p.mapFull(0, 4), 'ok', '[0,4)a'],
    ['nothing without access', (p) => p.map(0, 4, NONE), 'ENOMEM', ''],
    ['up to the first VMA without access', (p) => (p.map(0, 4), p.protect(2, 1, NONE)), 'ENOMEM', '[0,2)a'],
    ['up to the end of the file', (p) => p.mapFile(p.memfd(2, 1), 0, 4), 'ENOMEM', '[0,2)f'],
  ];
  test.each(ROWS)('%s', (_, map, result, pages) => {
    const p = new PageLab(release);
    map(p);
    expect(outcome(p.lock(0, 4))).toBe(result);
    expect(p.pages).toBe(pages);
    // Locked it is, whatever came of the pages.
    expect([locked(p), p.flags(0).includes('lo'), p.flags(3).includes('lo')]).toEqual([4, true, true]);
  });

  test('pages written before keep what they hold', () => {
    const p = new PageLab(release);
    p.mapFull(0, 4);
    p.lock(0, 4);
    expect([0, 3].map((at) => p.word(at))).toEqual([0x1000, 0x1003]);
  });

  test('locked on fault: nothing', () => {
    const p = new PageLab(release);
    p.map(0, 4);
    expect(outcome(p.lock2(0, 4, MLOCK.MLOCK_ONFAULT))).toBe('ok');
    expect([p.pages, locked(p)]).toEqual(['', 4]);
    // smaps of 6.1 does not tell the two apart.
    expect(p.flags(0)).toBe(release === '6.1' ? 'lo ac' : 'lo lf ac');
    p.lock(0, 4);
    expect([p.pages, locked(p), p.flags(0)]).toEqual(['[0,4)a', 4, 'lo ac']);
  });
});

test('what is locked already counts once', () => {
  for (const [pages, expected] of [
    [4, 'ok'],
    [5, 'ENOMEM'],
  ] as const) {
    const p = new PageLab();
    p.map(0, 10);
    p.limit('RLIMIT_MEMLOCK', 6);
    p.lock(0, 4);
    expect(outcome(p.lock(2, pages))).toBe(expected);
    expect(locked(p)).toBe(expected === 'ok' ? 6 : 4);
  }
});

describe('checks', () => {
  const ROWS: [what: string, call: (p: PageLab) => ReturnType<PageLab['do']>, expected: string][] = [
    ['mlock2 knows one flag', (p) => p.lock2(0, 1, 2), 'EINVAL mlock.flags'],
    ['mlock2 without flags is mlock', (p) => p.lock2(0, 1, 0), 'ok'],
    ['nothing may be locked where the limit is 0', (p) => (p.limit('RLIMIT_MEMLOCK', 0), p.lock(0, 1)), 'EPERM mlock.not_permitted'],
    ['with CAP_IPC_LOCK it may', (p) => (p.limit('RLIMIT_MEMLOCK', 0), p.cap('CAP_IPC_LOCK', true), p.lock(0, 4)), 'ok'],
    ['more than the limit', (p) => (p.limit('RLIMIT_MEMLOCK', 3), p.lock(0, 4)), 'ENOMEM mlock.rlimit'],
    ['as much as the limit', (p) => (p.limit('RLIMIT_MEMLOCK', 4), p.lock(0, 4)), 'ok'],
    ['what is locked already does not count twice', (p) => (p.limit('RLIMIT_MEMLOCK', 4), p.lock(0, 3), p.lock(1, 3)), 'ok'],
    ['what is locked elsewhere counts', (p) => (p.limit('RLIMIT_MEMLOCK', 4), p.lock(0, 2), p.lock(2, 3)), 'ENOMEM mlock.rlimit'],
    ['the limit comes before a hole', (p) => (p.limit('RLIMIT_MEMLOCK', 3), p.lock(90, 4)), 'ENOMEM mlock.rlimit'],
    ['a hole', (p) => p.lock(7, 2), 'ENOMEM mlock.hole'],
    ['a hole for munlock', (p) => p.unlock(7, 2), 'ENOMEM mlock.hole'],
    ['munlock asks for no right', (p) => (p.limit('RLIMIT_MEMLOCK', 0), p.unlock(0, 4)), 'ok'],
    ['a length of 0', (p) => p.lock(90, 0), 'ok'],
    ['an end beyond 64 bits', (p) => (p.cap('CAP_IPC_LOCK', true), p.lock(0, 2 ** 52 - 2 ** 28 + 1)), 'EINVAL mlock.wraps'],
    ['mlockall without flags', (p) => mlockall(p, 0), 'EINVAL mlockall.flags'],
    ['mlockall with an unknown flag', (p) => mlockall(p, CURRENT | 8), 'EINVAL mlockall.flags'],
    ['mlockall on fault alone', (p) => mlockall(p, ONFAULT), 'EINVAL mlockall.flags'],
    ['mlockall where the limit is 0', (p) => (p.limit('RLIMIT_MEMLOCK', 0), mlockall(p, FUTURE)), 'EPERM mlock.not_permitted'],
    ['mlockall of more than the limit', (p) => (p.limit('RLIMIT_MEMLOCK', 7), mlockall(p, CURRENT)), 'ENOMEM mlockall.rlimit'],
    ['mlockall of as much as the limit', (p) => (p.limit('RLIMIT_MEMLOCK', 8), mlockall(p, CURRENT)), 'ok'],
    ['mlockall of more, with CAP_IPC_LOCK', (p) => (p.limit('RLIMIT_MEMLOCK', 1), p.cap('CAP_IPC_LOCK', true), mlockall(p, CURRENT)), 'ok'],
    ['mlockall of the future looks at no size', (p) => (p.limit('RLIMIT_MEMLOCK', 1), mlockall(p, FUTURE)), 'ok'],
  ];
  test.each(ROWS)('%s', (_, call, expected) => {
    const p = new PageLab();
    p.map(0, 8);
    const record = call(p);
    expect(outcome(record) === 'ok' ? 'ok' : `${outcome(record)} ${checkOf(record)}`).toBe(expected);
  });

  test('any address will do: both ends are rounded outwards', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.do({ name: 'mlock', addr: page(1) + 4095n, length: 2n });
    expect(p.layout).toBe('[0,1)rw [1,3)rw [3,4)rw');
    expect(locked(p)).toBe(2);
    p.do({ name: 'munlock', addr: page(1) + 1n, length: 1n });
    expect(locked(p)).toBe(1);
  });
});

describe('cutting and joining', () => {
  test('a part, and back', () => {
    const p = new PageLab();
    p.map(0, 6);
    p.lock(2, 2);
    expect([p.layout, locked(p)]).toEqual(['[0,2)rw [2,4)rw [4,6)rw', 2]);
    p.lock(0, 6);
    expect([p.layout, locked(p)]).toEqual(['[0,6)rw', 6]);
    p.unlock(0, 3);
    expect([p.layout, locked(p)]).toEqual(['[0,3)rw [3,6)rw', 3]);
    p.unlock(0, 6);
    expect([p.layout, locked(p)]).toEqual(['[0,6)rw', 0]);
  });

  test('a hole ends it: what came before is locked, and nothing faulted in', () => {
    const p = new PageLab();
    p.map(0, 2);
    p.map(4, 2);
    expect(outcome(p.lock(0, 6))).toBe('ENOMEM');
    expect([p.flags(0), p.flags(4), p.pages, locked(p)]).toEqual(['lo ac', 'ac', '', 2]);
  });

  test('at vm.max_map_count no VMA is split', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.sysctl('vm.max_map_count', 1);
    expect(checkOf(p.lock(0, 2))).toBe('split.map_count');
    expect([locked(p), p.pages]).toEqual([0, '']);
    expect(outcome(p.lock(0, 4))).toBe('ok');
  });

  test('unmapping gives back what was locked of it', () => {
    const p = new PageLab();
    p.map(0, 6);
    p.lock(1, 4);
    p.unmap(0, 3);
    expect(locked(p)).toBe(2);
  });
});

describe('new mappings', () => {
  test('MAP_LOCKED faults its pages in, and asks for the right', () => {
    const p = new PageLab();
    expect(outcome(p.map(0, 4, RW, MAP.MAP_LOCKED))).toBe('@0');
    expect([p.pages, p.flags(0), locked(p)]).toEqual(['[0,4)a', 'lo ac', 4]);
    p.limit('RLIMIT_MEMLOCK', 5);
    expect(checkOf(p.map(10, 2, RW, MAP.MAP_LOCKED))).toBe('mmap.rlimit_memlock');
    expect(outcome(p.map(10, 2, RW, MAP.MAP_LOCKED))).toBe('EAGAIN');
    expect(outcome(p.map(10, 1, RW, MAP.MAP_LOCKED))).toBe('@10');
    p.limit('RLIMIT_MEMLOCK', 0);
    expect(outcome(p.map(20, 1, RW, MAP.MAP_LOCKED))).toBe('EPERM');
    p.cap('CAP_IPC_LOCK', true);
    expect(outcome(p.map(20, 8, RW, MAP.MAP_LOCKED))).toBe('@20');
  });

  test('an error of its pages is not an error of the mapping', () => {
    const p = new PageLab();
    expect(outcome(p.map(0, 4, NONE, MAP.MAP_LOCKED))).toBe('@0');
    expect([p.pages, locked(p)]).toEqual(['', 4]);
  });

  test.each<[string, number, string]>([
    ['MAP_POPULATE', MAP.MAP_POPULATE, '[0,4)a'],
    ['MAP_POPULATE with MAP_NONBLOCK', MAP.MAP_POPULATE | MAP.MAP_NONBLOCK, ''],
    ['neither', 0, ''],
  ])('%s locks nothing', (_, flags, pages) => {
    const p = new PageLab();
    p.map(0, 4, RW, flags);
    expect([p.pages, locked(p)]).toEqual([pages, 0]);
  });
});

describe('mlockall and munlockall', () => {
  test('what there is', () => {
    const p = new PageLab();
    p.map(0, 2);
    p.map(4, 2, NONE);
    p.map(8, 2, R);
    expect(outcome(mlockall(p, CURRENT))).toBe('ok');
    expect([p.pages, locked(p)]).toEqual(['[0,2)a [8,10)z', 6]);
    p.map(20, 2);
    expect([p.flags(20), locked(p)]).toEqual(['ac', 6]);
  });

  test('what will be', () => {
    const p = new PageLab();
    p.map(0, 2);
    mlockall(p, FUTURE);
    p.map(4, 2);
    expect([p.flags(0), p.flags(4), p.pages, locked(p)]).toEqual(['ac', 'lo ac', '[4,6)a', 2]);
    p.limit('RLIMIT_MEMLOCK', 3);
    expect(outcome(p.map(8, 2))).toBe('EAGAIN');
  });

  test('on fault', () => {
    const p = new PageLab();
    p.map(0, 2);
    mlockall(p, CURRENT | FUTURE | ONFAULT);
    p.map(4, 2);
    expect([p.flags(0), p.flags(4), p.pages, locked(p)]).toEqual(['lo lf ac', 'lo lf ac', '', 4]);
  });

  test('a second call replaces the first', () => {
    const p = new PageLab();
    mlockall(p, FUTURE);
    mlockall(p, CURRENT);
    p.map(0, 2);
    expect(p.flags(0)).toBe('ac');
  });

  test('munlockall forgets the future too', () => {
    const p = new PageLab();
    p.map(0, 4);
    mlockall(p, CURRENT | FUTURE);
    munlockall(p);
    p.map(10, 2);
    expect([p.flags(0), p.flags(10), locked(p), p.pages]).toEqual(['ac', 'ac', 0, '[0,4)a']);
  });

  test('VMAs that were apart for their locks alone become one', () => {
    const p = new PageLab();
    p.map(0, 6);
    p.lock(2, 2);
    mlockall(p, CURRENT);
    expect([p.layout, locked(p)]).toEqual(['[0,6)rw', 6]);
    p.unlock(2, 2);
    munlockall(p);
    expect([p.layout, locked(p)]).toEqual(['[0,6)rw', 0]);
  });
});

describe.each(RELEASES)('kernel %s: locked memory that moves', (release) => {
  const lockedLab = (pages: number): PageLab => {
    const p = new PageLab(release);
    p.map(0, pages);
    p.lock(0, pages);
    return p;
  };

  test('growth faults in what is new, wherever it goes', () => {
    const p = lockedLab(4);
    p.advise(0, 4, 'MADV_DONTNEED_LOCKED');
    p.mremap(0, 4, 6);
    expect([p.pages, locked(p)]).toEqual(['[4,6)a', 6]);
    p.map(6, 1, R);
    p.mremap(0, 6, 8, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, 20);
    expect([p.pages, locked(p)]).toEqual(['[24,28)a', 8]);
  });

  test('growth of memory locked on fault does not', () => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.lock2(0, 4, MLOCK.MLOCK_ONFAULT);
    p.mremap(0, 4, 6);
    expect([p.pages, locked(p)]).toEqual(['', 6]);
  });

  test('a plain move, and one that shrinks', () => {
    const p = lockedLab(4);
    p.advise(1, 1, 'MADV_DONTNEED_LOCKED');
    p.move(0, 4, 20);
    expect([p.pages, locked(p)]).toEqual(['[20,21)a [22,24)a', 4]);
    p.mremap(20, 4, 1, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, 40);
    expect([p.pages, locked(p)]).toEqual(['[40,41)a', 1]);
    p.mremap(40, 1, 1);
    p.unmap(40, 1);
    expect(locked(p)).toBe(0);
  });

  test('growth over the limit', () => {
    const p = lockedLab(4);
    p.limit('RLIMIT_MEMLOCK', 5);
    const record = p.mremap(0, 4, 6);
    expect([outcome(record), checkOf(record)]).toEqual(['EAGAIN', 'mremap.rlimit_memlock']);
    expect(outcome(p.mremap(0, 4, 5))).toBe('@0');
    expect(locked(p)).toBe(5);
  });

  test('DONTUNMAP: the lock goes along, up to 6.14 from the part alone, later from all of the VMA', () => {
    const p = lockedLab(6);
    p.dontUnmap(2, 2, 20);
    const leaks = release === '6.18';
    expect(p.layout).toBe(leaks ? '[0,6)rw [20,22)rw' : '[0,2)rw [2,4)rw [4,6)rw [20,22)rw');
    expect([0, 2, 4, 20].map((at) => p.flags(at))).toEqual(leaks ? ['ac', 'ac', 'ac', 'lo ac'] : ['lo ac', 'ac', 'lo ac', 'lo ac']);
    expect(locked(p)).toBe(leaks ? 8 : 6);
    expect(p.pages).toBe('[0,2)a [4,6)a [20,22)a');
  });
});
