/** madvise(2): which advice changes flags, which contents, and what a hole, a lock or a seal does to it. */
import { describe, expect, test } from 'vitest';
import { MADV, MAP } from '../../machine/index.js';
import { checkOf, errnoOf, NONE, outcome, page, PageLab, PMD, R, RELEASES, RW } from './lab.js';

const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
type Advice = keyof typeof MADV;

describe('checks, the first that fails wins', () => {
  const ROWS: [what: string, addr: bigint, length: bigint, advice: number, expected: string][] = [
    ['unknown advice, before the address', page(0) + 1n, 0n, 7, 'EINVAL madvise.advice'],
    ['a misaligned address, before the length', page(0) + 1n, 0n, MADV.MADV_DONTNEED, 'EINVAL madvise.misaligned'],
    ['a length that wraps to 0', page(0), (1n << 64n) - 1n, MADV.MADV_DONTNEED, 'EINVAL madvise.wraps'],
    ['an end beyond 64 bits', page(1), (1n << 64n) - page(0), MADV.MADV_DONTNEED, 'EINVAL madvise.wraps'],
    ['a length of 0, where nothing is mapped', page(90), 0n, MADV.MADV_DONTNEED, 'ok'],
    ['a hole', page(90), 1n, MADV.MADV_DONTNEED, 'ENOMEM madvise.hole'],
    ['a length of one byte', page(3), 1n, MADV.MADV_DONTNEED, 'ok'],
    ['a length that reaches one byte into a hole', page(3), 4097n, MADV.MADV_DONTNEED, 'ENOMEM madvise.hole'],
  ];
  test.each(ROWS)('%s', (_, addr, length, advice, expected) => {
    const p = new PageLab();
    p.map(0, 4);
    const record = p.do({ name: 'madvise', addr, length, advice });
    expect(errnoOf(record) === null ? 'ok' : `${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
  });
});

describe('advice that sets flags', () => {
  const pairs: [set: Advice, flag: string, clear: Advice][] = [
    ['MADV_SEQUENTIAL', 'sr', 'MADV_NORMAL'],
    ['MADV_RANDOM', 'rr', 'MADV_NORMAL'],
    ['MADV_DONTFORK', 'dc', 'MADV_DOFORK'],
    ['MADV_WIPEONFORK', 'wf', 'MADV_KEEPONFORK'],
    ['MADV_DONTDUMP', 'dd', 'MADV_DODUMP'],
    ['MADV_MERGEABLE', 'mg', 'MADV_UNMERGEABLE'],
  ];
  test.each(pairs)('%s sets %s, which splits; %s clears it, which merges', (set, flag, clear) => {
    const p = new PageLab();
    p.map(0, 6);
    expect(outcome(p.advise(2, 2, set))).toBe('ok');
    expect(p.layout).toBe('[0,2)rw [2,4)rw [4,6)rw');
    expect([p.flags(0), p.flags(2), p.flags(4)].map((f) => f.split(' ').includes(flag))).toEqual([false, true, false]);
    expect(outcome(p.advise(2, 2, clear))).toBe('ok');
    expect([p.layout, p.flags(0)]).toEqual(['[0,6)rw', 'ac']);
  });

  const exclusive: [first: Advice, then: Advice, flags: string][] = [
    ['MADV_SEQUENTIAL', 'MADV_RANDOM', 'rr ac'],
    ['MADV_RANDOM', 'MADV_SEQUENTIAL', 'sr ac'],
    ['MADV_HUGEPAGE', 'MADV_NOHUGEPAGE', 'ac nh'],
    ['MADV_NOHUGEPAGE', 'MADV_HUGEPAGE', 'ac hg'],
    ['MADV_DONTFORK', 'MADV_DONTDUMP', 'dc ac dd'],
  ];
  test.each(exclusive)('%s, then %s', (first, then, flags) => {
    const p = new PageLab();
    p.map(0, 4);
    p.advise(0, 4, first);
    p.advise(0, 4, then);
    expect(p.flags(0)).toBe(flags);
  });

  test('a hole does not stop it, and is told at the end', () => {
    const p = new PageLab();
    p.map(0, 2);
    p.map(4, 2);
    expect(outcome(p.advise(0, 6, 'MADV_DONTFORK'))).toBe('ENOMEM');
    expect([p.flags(0), p.flags(4)]).toEqual(['dc ac', 'dc ac']);
  });

  test('any other error stops it, and hides the hole', () => {
    const p = new PageLab();
    p.map(0, 2);
    p.mmap(page(4), 2, RW, SHARED);
    p.map(6, 2);
    const record = p.advise(0, 8, 'MADV_WIPEONFORK');
    expect([outcome(record), checkOf(record)]).toEqual(['EINVAL', 'madvise.wipeonfork_shared']);
    expect([p.flags(0), p.flags(4), p.flags(6)]).toEqual(['ac wf', '', 'ac']);
  });

  test('KSM has no use for shared memory, and says nothing', () => {
    const p = new PageLab();
    p.mmap(page(0), 2, RW, SHARED);
    expect([outcome(p.advise(0, 1, 'MADV_MERGEABLE')), p.flags(0), p.layout]).toEqual(['ok', '', '[0,2)rws']);
  });

  test('at vm.max_map_count no VMA is split', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.sysctl('vm.max_map_count', 1);
    expect(outcome(p.advise(0, 2, 'MADV_DONTFORK'))).toBe('ENOMEM');
    expect(outcome(p.advise(0, 4, 'MADV_DONTFORK'))).toBe('ok');
  });

  test('advice of the reader, and to fetch, changes no page', () => {
    const p = new PageLab();
    p.mapFull(0, 4);
    for (const advice of ['MADV_WILLNEED', 'MADV_COLD', 'MADV_PAGEOUT', 'MADV_RANDOM', 'MADV_FREE'] as const) expect(outcome(p.advise(0, 4, advice))).toBe('ok');
    expect([p.pages, p.word(3)]).toEqual(['[0,4)a', 0x1003]);
  });

  test('what was given up and not stored to since goes when it is paged out', () => {
    const p = new PageLab();
    p.mapFull(0, 4);
    p.advise(0, 4, 'MADV_FREE');
    p.write(1, 1);
    expect(outcome(p.advise(0, 4, 'MADV_PAGEOUT'))).toBe('ok');
    expect(p.pages).toBe('[1,2)a');
  });
});

describe('MADV_DONTNEED', () => {
  test('drops pages and nothing else', () => {
    const p = new PageLab();
    p.mapFull(0, 6);
    const anonVma = p.vma(0)?.anonVma;
    expect(outcome(p.advise(2, 2, 'MADV_DONTNEED'))).toBe('ok');
    expect([p.pages, p.layout, p.space.usage.rss]).toEqual(['[0,2)a [4,6)a', '[0,6)rw', 4]);
    expect(p.vma(0)?.anonVma).toBe(anonVma);
    p.read(2, 1);
    expect([p.pages, p.word(2)]).toEqual(['[0,2)a [2,3)z [4,6)a', 0]);
  });

  test('a locked VMA stops it, and what came before is gone', () => {
    const p = new PageLab();
    p.mapFull(0, 6);
    p.lock(2, 2);
    const record = p.advise(0, 6, 'MADV_DONTNEED');
    expect([outcome(record), checkOf(record)]).toEqual(['EINVAL', 'madvise.locked']);
    expect(p.pages).toBe('[2,6)a');
    expect(outcome(p.advise(0, 6, 'MADV_DONTNEED_LOCKED'))).toBe('ok');
    expect([p.pages, p.space.usage.lockedVm]).toEqual(['', 2]);
  });

  test.each(['MADV_FREE', 'MADV_COLD', 'MADV_PAGEOUT', 'MADV_REMOVE'] as const)('%s is not for locked memory either', (advice) => {
    const p = new PageLab();
    p.map(0, 4);
    p.lock(0, 4);
    expect(checkOf(p.advise(0, 4, advice))).toBe('madvise.locked');
  });

  test('a hole does not stop it', () => {
    const p = new PageLab();
    p.mapFull(0, 2);
    p.mapFull(4, 2);
    expect(outcome(p.advise(0, 6, 'MADV_DONTNEED'))).toBe('ENOMEM');
    expect(p.pages).toBe('');
  });

  test('the pages of a file stay in the file', () => {
    const p = new PageLab();
    p.mapFile(p.memfd(4, 0x70), 0, 4);
    p.read(0, 4);
    p.advise(0, 4, 'MADV_DONTNEED');
    expect(p.pages).toBe('');
    p.read(2, 1);
    expect(p.word(2)).toBe(0x72);
  });

  test('a private copy of a page of a file is lost, and the file seen again', () => {
    const p = new PageLab();
    p.mapFile(p.memfd(4, 0x70), 0, 4, 0, RW, MAP.MAP_PRIVATE);
    p.write(2, 1, 5);
    p.advise(2, 1, 'MADV_DONTNEED');
    p.read(2, 1);
    expect(p.word(2)).toBe(0x72);
  });

  test('MADV_FREE is for private anonymous memory', () => {
    const p = new PageLab();
    p.mmap(page(0), 2, RW, SHARED);
    expect(checkOf(p.advise(0, 2, 'MADV_FREE'))).toBe('madvise.free_shared');
  });
});

describe.each(RELEASES)('kernel %s: MADV_DONTNEED and page tables', (release) => {
  const reclaims = release === '6.18';
  /** PTE tables left of those over [0, 2 PMDs). */
  const left = (prepare: (p: PageLab) => void, ...ranges: [number, number][]): number[] => {
    const p = new PageLab(release);
    p.mapFull(0, 2 * PMD);
    prepare(p);
    return ranges.map(([at, pages]) => (p.advise(at, pages, 'MADV_DONTNEED'), p.tables[0]));
  };
  const nothing = (): void => undefined;

  test('tables that are covered whole go', () => {
    expect(left(nothing, [0, 2 * PMD])).toEqual([reclaims ? 0 : 2]);
    expect(left(nothing, [PMD, PMD])).toEqual([reclaims ? 1 : 2]);
  });

  test('a table that a part of the range empties stays, until a range covers it', () => {
    expect(left(nothing, [0, PMD + 256], [PMD + 256, 256], [PMD, PMD])).toEqual(reclaims ? [1, 1, 0] : [2, 2, 2]);
    expect(left(nothing, [1, PMD - 1], [0, 1], [0, PMD])).toEqual(reclaims ? [2, 2, 1] : [2, 2, 2]);
  });

  test('one that two VMAs share stays', () => {
    expect(left((p) => p.protect(0, 256, R), [0, PMD], [PMD, PMD])).toEqual(reclaims ? [2, 1] : [2, 2]);
  });

  test('the tables above stay', () => {
    const p = new PageLab(release);
    p.mapFull(0, PMD);
    p.advise(0, PMD, 'MADV_DONTNEED');
    expect(p.tables).toEqual([reclaims ? 0 : 1, 1, 1]);
  });

  test('MADV_DONTNEED_LOCKED does the same', () => {
    const p = new PageLab(release);
    p.mapFull(0, PMD);
    p.advise(0, PMD, 'MADV_DONTNEED_LOCKED');
    expect(p.tables[0]).toBe(reclaims ? 0 : 1);
  });
});

describe('MADV_POPULATE_READ and _WRITE', () => {
  const mapped: [what: string, map: (p: PageLab) => unknown, read: string, write: string][] = [
    ['writable', (p) => p.map(0, 4), 'ok [0,4)z', 'ok [0,4)a'],
    ['read-only', (p) => p.map(0, 4, R), 'ok [0,4)z', 'EINVAL '],
    ['write-only', (p) => p.map(0, 4, 2), 'EINVAL ', 'ok [0,4)a'],
    ['executable only', (p) => p.map(0, 4, 4), 'EINVAL ', 'EINVAL '],
    ['not accessible', (p) => p.map(0, 4, NONE), 'EINVAL ', 'EINVAL '],
    ['shared', (p) => p.mmap(page(0), 4, RW, SHARED), 'ok [0,4)f', 'ok [0,4)f'],
    ['a hole in between', (p) => (p.map(0, 2), p.map(3, 1)), 'ENOMEM [0,2)z', 'ENOMEM [0,2)a'],
    ['a file of two pages', (p) => p.mapFile(p.memfd(2, 1), 0, 4), 'EFAULT [0,2)f', 'EFAULT [0,2)f'],
    ['read-only in the middle', (p) => (p.map(0, 4), p.protect(1, 1, R)), 'ok [0,4)z', 'EINVAL [0,1)a'],
  ];
  test.each(mapped)('%s', (_, map, read, write) => {
    for (const [advice, expected] of [
      ['MADV_POPULATE_READ', read],
      ['MADV_POPULATE_WRITE', write],
    ] as const) {
      const p = new PageLab();
      map(p);
      expect(`${outcome(p.advise(0, 4, advice))} ${p.pages}`).toBe(expected);
    }
  });
});

describe('MADV_REMOVE', () => {
  test('punches a hole into the object, for everybody; private copies stay', () => {
    const p = new PageLab();
    const fd = p.memfd(8, 5);
    p.mapFile(fd, 0, 8, 0, RW, MAP.MAP_PRIVATE);
    p.mapFile(fd, 20, 8);
    p.write(1, 2, 0x77);
    p.read(0, 8);
    p.read(20, 8);
    expect(outcome(p.advise(21, 3, 'MADV_REMOVE'))).toBe('ok');
    expect(p.pages).toBe('[0,1)f [1,3)a [4,8)f [20,21)f [24,28)f');
    p.read(3, 1);
    expect([p.word(1), p.word(3), p.word(4)]).toEqual([0x77, 0, 9]);
  });

  const refused: [what: string, map: (p: PageLab) => unknown, errno: string][] = [
    ['private anonymous memory', (p) => p.map(0, 4), 'EINVAL'],
    ['a private mapping of a file', (p) => p.mapFile(p.memfd(4, 1), 0, 4, 0, RW, MAP.MAP_PRIVATE), 'EACCES'],
  ];
  test.each(refused)('not on %s', (_, map, errno) => {
    const p = new PageLab();
    map(p);
    expect(outcome(p.advise(0, 4, 'MADV_REMOVE'))).toBe(errno);
  });
});

describe('hugetlb memory', () => {
  const huge = (): PageLab => {
    const p = new PageLab();
    p.sysctl('vm.nr_hugepages', 2);
    p.mmap(page(0), 2 * PMD, RW, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED | MAP.MAP_HUGETLB);
    p.write(0, 2 * PMD);
    return p;
  };
  test('is given up from a huge page on, and to the last one that the range covers', () => {
    expect(checkOf(huge().advise(1, PMD, 'MADV_DONTNEED'))).toBe('madvise.hugetlb');
    const p = huge();
    expect(outcome(p.advise(0, PMD + 1, 'MADV_DONTNEED'))).toBe('ok');
    expect(p.pages).toBe(`[${PMD},${2 * PMD})a`);
    expect(outcome(p.advise(PMD, 1, 'MADV_DONTNEED'))).toBe('ok');
    expect(p.pages).toBe(`[${PMD},${2 * PMD})a`);
  });
  test('may be dumped, though it is special', () => {
    const p = huge();
    p.advise(0, 2 * PMD, 'MADV_DONTDUMP');
    expect([outcome(p.advise(0, 2 * PMD, 'MADV_DODUMP')), p.flags(0)]).toEqual(['ok', 'de ht']);
  });
});

test('nobody hears of pages that go from memory that nobody watches', () => {
  const p = new PageLab();
  p.mapFull(0, 4);
  for (const advice of ['MADV_FREE', 'MADV_DONTNEED'] as const) expect(p.advise(0, 4, advice).events).toEqual([]);
});

describe('guard regions', () => {
  test.each(['6.1', '6.12'])('kernel %s does not know them', (release) => {
    const p = new PageLab(release);
    p.map(0, 4);
    expect(checkOf(p.advise(0, 4, 'MADV_GUARD_INSTALL'))).toBe('madvise.advice');
    expect(checkOf(p.advise(0, 4, 'MADV_GUARD_REMOVE'))).toBe('madvise.advice');
  });

  const guarded = (): PageLab => {
    const p = new PageLab();
    p.mapFull(0, 6);
    p.advise(2, 2, 'MADV_GUARD_INSTALL');
    return p;
  };

  test('take the place of pages, split nothing, and end every access', () => {
    const p = guarded();
    expect([p.pages, p.layout, p.space.usage.rss]).toEqual(['[0,2)a [2,4)S [4,6)a', '[0,6)rw', 4]);
    expect([outcome(p.read(0, 6)), outcome(p.write(2, 1)), outcome(p.read(4, 2))]).toEqual(['SIGSEGV @2', 'SIGSEGV @2', 'ok']);
  });

  test('stay when pages go, and leave empty memory behind', () => {
    const p = guarded();
    p.advise(0, 6, 'MADV_DONTNEED');
    expect(p.pages).toBe('[2,4)S');
    expect(outcome(p.advise(0, 3, 'MADV_GUARD_REMOVE'))).toBe('ok');
    expect(p.pages).toBe('[3,4)S');
    p.read(2, 1);
    expect(p.word(2)).toBe(0);
  });

  test('only guards are removed', () => {
    const p = guarded();
    p.advise(0, 6, 'MADV_GUARD_REMOVE');
    expect(p.pages).toBe('[0,2)a [4,6)a');
  });

  test('the VMA is marked for good, and gets an anon_vma', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.advise(1, 1, 'MADV_GUARD_INSTALL');
    p.advise(0, 4, 'MADV_GUARD_REMOVE');
    expect([p.flags(0), p.vma(0)?.anonVma === null]).toEqual(['gu ac', false]);
  });

  test('the mark keeps nobody apart, and goes over to who joins', () => {
    const p = new PageLab();
    p.map(0, 4);
    p.advise(1, 1, 'MADV_GUARD_INSTALL');
    p.map(4, 4);
    expect([p.layout, p.flags(0)]).toEqual(['[0,8)rw', 'gu ac']);
    p.map(20, 2);
    p.map(22, 2, R);
    p.advise(22, 1, 'MADV_GUARD_INSTALL');
    p.protect(22, 2, RW);
    expect([p.layout, p.flags(20)]).toEqual(['[0,8)rw [20,24)rw', 'gu ac']);
    p.map(30, 2);
    p.map(34, 2);
    p.advise(34, 1, 'MADV_GUARD_INSTALL');
    p.map(32, 2);
    expect(p.flags(30)).toBe('gu ac');
  });

  test('move with their memory, at no flush of the TLB', () => {
    const p = guarded();
    const { moved } = p.move(2, 2, 20);
    expect([moved.pte, moved.flush, p.pages]).toEqual([2, 0, '[0,2)a [4,6)a [20,22)S']);
  });

  test('a child has them too, be the memory shared', () => {
    const p = guarded();
    p.mmap(page(20), 4, RW, SHARED);
    p.advise(20, 2, 'MADV_GUARD_INSTALL');
    p.fork('child');
    expect(p.pages).toBe('[0,2)A [2,4)S [4,6)A [20,22)S');
  });

  test('locked memory cannot be guarded, but lose its guards', () => {
    const p = guarded();
    expect(outcome(p.lock(0, 6))).toBe('ENOMEM');
    expect(checkOf(p.advise(0, 1, 'MADV_GUARD_INSTALL'))).toBe('madvise.locked');
    expect(outcome(p.advise(2, 2, 'MADV_GUARD_REMOVE'))).toBe('ok');
  });

  test('a table with a guard in it is not empty', () => {
    const p = new PageLab();
    p.mapFull(0, PMD);
    p.advise(5, 1, 'MADV_GUARD_INSTALL');
    p.advise(0, PMD, 'MADV_DONTNEED');
    expect([p.pages, p.tables[0]]).toEqual(['[5,6)S', 1]);
  });
});

describe('sealed memory', () => {
  const discards: Advice[] = ['MADV_DONTNEED', 'MADV_DONTNEED_LOCKED', 'MADV_FREE', 'MADV_REMOVE', 'MADV_DONTFORK', 'MADV_WIPEONFORK', 'MADV_GUARD_INSTALL'];
  const sealed = (prot: number): PageLab => {
    const p = new PageLab();
    p.map(0, 4, prot);
    p.seal(0, 4);
    return p;
  };

  test.each(discards)('%s would lose contents that nobody could write again', (advice) => {
    expect(checkOf(sealed(R).advise(0, 4, advice))).toBe('vma.sealed');
    expect(checkOf(sealed(RW).advise(0, 4, advice))).not.toBe('vma.sealed');
  });

  test.each(['MADV_RANDOM', 'MADV_DONTDUMP', 'MADV_DOFORK', 'MADV_COLD', 'MADV_POPULATE_READ', 'MADV_GUARD_REMOVE'] as const)('%s loses nothing', (advice) => {
    expect(outcome(sealed(R).advise(0, 4, advice))).toBe('ok');
  });

  test('a file has its contents again', () => {
    const p = new PageLab();
    p.mapFile(p.memfd(4, 1), 0, 4, 0, R, MAP.MAP_PRIVATE);
    p.seal(0, 4);
    expect(outcome(p.advise(0, 4, 'MADV_DONTNEED'))).toBe('ok');
  });

  test('it stops the walk, and what came before is gone', () => {
    const p = new PageLab();
    p.mapFull(0, 4);
    p.protect(2, 2, R);
    p.seal(2, 2);
    expect(outcome(p.advise(0, 4, 'MADV_DONTNEED'))).toBe('EPERM');
    expect(p.pages).toBe('[2,4)a');
  });
});
