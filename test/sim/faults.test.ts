/** What a load or a store maps: anonymous memory, copies, files with their neighbourhood, and where there is nothing. */
import { describe, expect, test } from 'vitest';
import { MAP } from '../../machine/index.js';
import { A, NONE, outcome, page, PageLab, PMD, R, RELEASES, RW, valueOf } from './lab.js';

const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;
const PRIVATE = MAP.MAP_PRIVATE;

describe.each(RELEASES)('kernel %s', (release) => {
  const process = (): PageLab => new PageLab(release);

  describe('anonymous memory', () => {
    test('F1: a load maps the zero page, and gives no anon_vma', () => {
      const p = process();
      p.map(0, 4);
      const { faults } = p.read(0, 2);
      expect([p.pages, faults, p.vma(0)?.anonVma, p.space.usage.rss]).toEqual(['[0,2)z', { read: 2, write: 0 }, null, 0]);
    });

    test('F1: a store maps a page of zeroes, and gives one', () => {
      const p = process();
      p.map(0, 4);
      const { faults } = p.do({ name: 'touch', addr: page(1), length: 8192n });
      expect([p.pages, p.word(1), faults, p.space.usage.rss]).toEqual(['[1,3)a', 0, { read: 0, write: 2 }, 2]);
      expect([p.vma(0)?.anonVma === null, p.vma(0)?.chainLength]).toEqual([false, 1]);
    });

    test('F2: a store replaces a zero page, and leaves a page of its own', () => {
      const p = process();
      p.map(0, 4);
      p.read(0, 4);
      p.write(1, 1, 7);
      expect(p.pages).toBe('[0,1)z [1,2)a [2,4)z');
      const [before] = [...p.space.pages(A + 1, A + 2)];
      expect(p.write(1, 1, 8).faults).toEqual({ read: 0, write: 0 });
      const [after] = [...p.space.pages(A + 1, A + 2)];
      expect([after?.pfn === before?.pfn, p.word(1)]).toEqual([true, 8]);
    });

    test('F2: a page that a child shares is copied, and the other side keeps the old one', () => {
      const p = process();
      p.mapFull(0, 2);
      p.fork('parent');
      expect(p.pages).toBe('[0,2)A');
      p.write(0, 1, 7);
      expect([p.pages, p.word(0), p.word(1)]).toEqual(['[0,1)a [1,2)A', 7, 0x1001]);
      p.reap();
      expect(p.pages).toBe('[0,2)a');
    });
  });

  describe('F8: no access', () => {
    const ROWS: [what: string, map: (p: PageLab) => unknown, read: string, write: string][] = [
      ['nothing mapped', () => undefined, 'SIGSEGV @0', 'SIGSEGV @0'],
      ['PROT_NONE', (p) => p.map(0, 4, NONE), 'SIGSEGV @0', 'SIGSEGV @0'],
      ['read-only', (p) => p.map(0, 4, R), 'ok', 'SIGSEGV @0'],
      ['write-only', (p) => p.map(0, 4, 2), 'ok', 'ok'],
      ['executable only', (p) => p.map(0, 4, 4), 'ok', 'SIGSEGV @0'],
      ['two pages', (p) => p.map(0, 2), 'SIGSEGV @2', 'SIGSEGV @2'],
      ['two pages writable', (p) => (p.map(0, 4), p.protect(2, 2, R)), 'ok', 'SIGSEGV @2'],
    ];
    test.each(ROWS)('%s', (_, map, read, write) => {
      for (const [access, expected] of [
        ['read', read],
        ['write', write],
      ] as const) {
        const p = process();
        map(p);
        expect(outcome(p[access](0, 4))).toBe(expected);
        if (expected === 'SIGSEGV @0') expect(p.tables).toEqual([0, 0, 0]);
      }
    });

    test('what comes before the bad page is stored', () => {
      const p = process();
      p.map(0, 2);
      const record = p.do({ name: 'memset', addr: page(1), byte: 0x55, length: 8192n });
      expect(record.result).toEqual({ kind: 'signal', signal: 'SIGSEGV', at: page(2), done: 4096n });
      expect([p.byte(page(1)), p.byte(page(2) - 1n)]).toEqual([0x55, 0x55]);
    });
  });

  describe('files and shared memory', () => {
    /** A file of 64 pages with word 0x500 + i, mapped at `start`; which page is read; what is mapped then. */
    const windows: [what: string, start: number, pages: number, fault: number, mapped: string][] = [
      ['an aligned window of 16 pages', 0, 64, 20, '[16,32)f'],
      ['its first page', 0, 64, 16, '[16,32)f'],
      ['its last page', 0, 64, 31, '[16,32)f'],
      ['from the start of the VMA, where that lies inside it', 9, 40, 11, '[9,25)f'],
      ['in the next window it is aligned again', 9, 40, 35, '[32,48)f'],
      ['to the end of the VMA', 0, 22, 20, '[16,22)f'],
      ['to the end of the PTE table', PMD - 8, 40, PMD - 3, `[${PMD - 8},${PMD})f`],
    ];
    test.each(windows)('F3: %s', (_, start, pages, fault, mapped) => {
      for (const type of [MAP.MAP_SHARED, PRIVATE]) {
        const p = process();
        p.mapFile(p.memfd(64, 0x500), start, pages, 0, R, type);
        p.read(fault, 1);
        expect([p.pages, p.word(fault), p.vma(start)?.anonVma]).toEqual([mapped, 0x500 + fault - start, null]);
      }
    });

    test('F3: the window is one of addresses, not of the file', () => {
      const p = process();
      p.mapFile(p.memfd(64, 0x500), 0, 32, 5, R);
      p.read(17, 1);
      expect([p.pages, p.word(16)]).toEqual(['[16,32)f', 0x500 + 21]);
    });

    test('F3: pages that are mapped stay as they are', () => {
      const p = process();
      p.mapFile(p.memfd(64, 0x500), 0, 16, 0, RW, PRIVATE);
      p.write(3, 1, 7);
      p.read(5, 1);
      expect([p.pages, p.word(3)]).toEqual(['[0,3)f [3,4)a [4,16)f', 7]);
    });

    test('F4: what is not in the page cache is not mapped around; the page itself is made', () => {
      const p = process();
      p.mapFile(p.memfd(64), 0, 64);
      p.read(5, 1);
      expect([p.pages, p.word(5)]).toEqual(['[5,6)f', 0]);
      p.write(9, 1, 7);
      p.advise(0, 64, 'MADV_DONTNEED');
      p.read(7, 1);
      expect(p.pages).toBe('[5,6)f [7,8)f [9,10)f');
    });

    test('F4: nor what lies beyond the end of the file', () => {
      const p = process();
      p.mapFile(p.memfd(6, 0x500), 0, 16);
      p.read(2, 1);
      expect(p.pages).toBe('[0,6)f');
    });

    test('F5: a store to shared memory maps that page alone', () => {
      const p = process();
      p.mapFile(p.memfd(64, 0x500), 0, 64);
      p.write(20, 1, 7);
      expect(p.pages).toBe('[20,21)f');
    });

    test('F5: a store to a private mapping copies, and does not map the page of the file', () => {
      const p = process();
      const fd = p.memfd(64, 0x500);
      p.mapFile(fd, 0, 64, 0, RW, PRIVATE);
      p.do({ name: 'poke', addr: page(20) + 100n, byte: 9 });
      expect([p.pages, p.word(20), p.byte(page(20) + 100n)]).toEqual(['[20,21)a', 0x514, 9]);
      p.mapFile(fd, 100, 64);
      p.read(120, 1);
      expect([p.word(120), p.byte(page(120) + 100n)]).toEqual([0x514, 0]);
    });

    test('F2: a page of a file that a load mapped is copied by a store', () => {
      const p = process();
      p.mapFile(p.memfd(4, 0x500), 0, 4, 0, RW, PRIVATE);
      p.read(0, 4);
      p.write(1, 2, 7);
      expect([p.pages, [0, 1, 2, 3].map((at) => p.word(at))]).toEqual(['[0,1)f [1,3)a [3,4)f', [0x500, 7, 8, 0x503]]);
    });

    test('F6: a store to a shared page that a load mapped keeps the page, for everybody', () => {
      const p = process();
      const fd = p.memfd(4, 0x500);
      p.mapFile(fd, 0, 4);
      p.mapFile(fd, 20, 4);
      p.read(0, 4);
      p.read(20, 4);
      p.write(1, 1, 7);
      expect([p.pages, p.word(21)]).toEqual(['[0,4)f [20,24)f', 7]);
    });

    const beyond: [what: string, access: 'read' | 'write', type: number, pages: string, tables: [number, number, number], anon: boolean][] = [
      ['a load, whose window is mapped first', 'read', MAP.MAP_SHARED, '[0,6)f', [1, 1, 1], false],
      ['a private load', 'read', PRIVATE, '[0,6)f', [1, 1, 1], false],
      ['a store', 'write', MAP.MAP_SHARED, '', [0, 1, 1], false],
      ['a private store, which had its anon_vma prepared', 'write', PRIVATE, '', [0, 1, 1], true],
    ];
    test.each(beyond)('F7: beyond the end of the file, %s', (_, access, type, pages, tables, anon) => {
      const p = process();
      p.mapFile(p.memfd(6, 0x500), 0, 16, 0, RW, type);
      expect(outcome(p[access](8, 1))).toBe('SIGBUS @8');
      expect([p.pages, p.tables, p.vma(0)?.anonVma !== null]).toEqual([pages, tables, anon]);
    });

    test('F7: up to the end of the file it works', () => {
      const p = process();
      p.mapFile(p.memfd(6, 0x500), 0, 16, 0, RW, PRIVATE);
      const record = p.write(4, 4, 7);
      expect([outcome(record), p.pages]).toEqual(['SIGBUS @6', '[4,6)a']);
    });

    test('F7: shared anonymous memory that was made longer is no longer memory', () => {
      const p = process();
      p.mmap(page(0), 4, RW, SHARED);
      p.mremap(0, 4, 8);
      expect([outcome(p.write(3, 1)), outcome(p.write(4, 1))]).toEqual(['ok', 'SIGBUS @4']);
    });
  });

  describe('a file that changes its size', () => {
    const mapped = (type: number): [PageLab, number] => {
      const p = process();
      const fd = p.memfd(8, 0x500);
      p.mapFile(fd, 0, 8, 0, RW, type);
      p.read(0, 8);
      return [p, fd];
    };
    const truncate = (p: PageLab, fd: number, bytes: bigint) => p.do({ name: 'ftruncate', fd, length: bytes });

    test('shorter: pages leave every mapping, private copies with them', () => {
      const [p, fd] = mapped(PRIVATE);
      p.write(5, 2, 7);
      p.mapFile(fd, 20, 4, 4);
      p.read(20, 4);
      expect(outcome(truncate(p, fd, 6n * 4096n))).toBe('ok');
      expect(p.pages).toBe('[0,5)f [5,6)a [20,22)f');
      expect([outcome(p.read(6, 1)), outcome(p.read(22, 1)), outcome(p.read(21, 1))]).toEqual(['SIGBUS @6', 'SIGBUS @22', 'ok']);
    });

    test('longer again: what was cut off reads as zero', () => {
      const [p, fd] = mapped(MAP.MAP_SHARED);
      truncate(p, fd, 2n * 4096n);
      truncate(p, fd, 8n * 4096n);
      p.read(0, 8);
      expect([1, 2, 7].map((at) => p.word(at))).toEqual([0x501, 0, 0]);
    });

    test('in the middle of a page: its rest reads as zero', () => {
      const [p, fd] = mapped(MAP.MAP_SHARED);
      p.do({ name: 'memset', addr: page(1), byte: 0xff, length: 4096n });
      truncate(p, fd, 4096n + 100n);
      expect([p.byte(page(1) + 99n), p.byte(page(1) + 100n)]).toEqual([0xff, 0]);
      expect(outcome(p.read(2, 1))).toBe('SIGBUS @2');
    });

    test('a closed file stays mapped; a descriptor that is not open is none', () => {
      const [p, fd] = mapped(MAP.MAP_SHARED);
      expect(outcome(p.do({ name: 'close', fd }))).toBe('ok');
      expect(outcome(p.do({ name: 'close', fd }))).toBe('EBADF');
      expect(outcome(truncate(p, fd, 0n))).toBe('EBADF');
      expect(outcome(p.mapFile(fd, 50, 1))).toBe('EBADF');
      p.write(0, 1, 7);
      expect(p.word(0)).toBe(7);
    });

    test('a negative length is none', () => {
      const [p, fd] = mapped(MAP.MAP_SHARED);
      expect(outcome(truncate(p, fd, -1n))).toBe('EINVAL');
    });

    test('descriptors are the lowest that are free', () => {
      const p = process();
      expect([p.memfd(1), p.memfd(1), p.memfd(1)]).toEqual([3, 4, 5]);
      p.do({ name: 'close', fd: 4 });
      expect(p.memfd(1)).toBe(4);
    });
  });

  describe('mappings of files', () => {
    test('merge where their offsets follow on, and are not of another file', () => {
      const p = process();
      const fd = p.memfd(16, 1);
      const other = p.memfd(16, 1);
      p.mapFile(fd, 0, 4, 0);
      p.mapFile(fd, 4, 4, 4);
      expect(p.layout).toBe('[0,8)rws');
      p.mapFile(fd, 8, 4, 0);
      p.mapFile(other, 12, 4, 4);
      expect(p.layout).toBe('[0,8)rws [8,12)rws [12,16)rws');
    });

    test('keep their offsets when they move, and so merge again', () => {
      const p = process();
      p.mapFile(p.memfd(16, 0x500), 0, 8, 2);
      p.move(4, 4, 20);
      expect([p.vma(20)?.pgoff, p.layout]).toEqual([6, '[0,4)rws [20,24)rws']);
      p.read(20, 1);
      expect(p.word(20)).toBe(0x506);
      p.move(20, 4, 4);
      expect(p.layout).toBe('[0,8)rws');
    });

    test('two of shared anonymous memory never merge', () => {
      const p = process();
      p.mmap(page(0), 4, RW, SHARED);
      p.mmap(page(4), 4, RW, SHARED);
      expect(p.layout).toBe('[0,4)rws [4,8)rws');
    });

    test('may end beyond the end of their file, but not beyond the largest offset', () => {
      const p = process();
      const fd = p.memfd(1);
      const at = (offset: bigint) => p.do({ name: 'mmap', addr: page(0), length: 4096n, prot: R, flags: MAP.MAP_SHARED | MAP.MAP_FIXED, fd, offset });
      expect(outcome(at((1n << 63n) - 8192n))).toBe('@0');
      expect(outcome(at((1n << 63n) - 4096n))).toBe('EOVERFLOW');
      expect(outcome(at(1n))).toBe('EINVAL');
    });

    test.each<[string, number, string]>([
      ['MAP_SHARED_VALIDATE is shared', 3, '[0,4)rws'],
      ['MAP_PRIVATE', 2, '[0,4)rw'],
    ])('%s', (_, type, layout) => {
      const p = process();
      p.mapFile(p.memfd(4), 0, 4, 0, RW, type);
      expect(p.layout).toBe(layout);
    });
  });
});

describe('loads and stores', () => {
  test('of any stride, over page boundaries', () => {
    const p = new PageLab();
    p.map(0, 4);
    const record = p.do({ name: 'store_words', addr: page(0) + 4090n, length: 4096n * 2n, value: 0x0102030405060708n, stride: 4096n });
    expect(valueOf(record)).toBe(2n);
    expect([...Array(8).keys()].map((i) => p.byte(page(0) + 4090n + BigInt(i)))).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(p.byte(page(1) + 4090n)).toBe(9);
    p.do({ name: 'store_words', addr: page(2), length: 24n, value: 5n, stride: 8n });
    expect([0n, 8n, 16n, 24n].map((o) => p.byte(page(2) + o))).toEqual([5, 6, 7, 0]);
    expect(valueOf(p.do({ name: 'load_words', addr: page(0), length: 4096n * 4n, stride: 512n }))).toBe(32n);
  });

  test('stop where they fault, and say how many were made', () => {
    const p = new PageLab();
    p.map(0, 2);
    const record = p.do({ name: 'load_words', addr: page(0), length: 4096n * 4n, stride: 2048n });
    expect(record.result).toEqual({ kind: 'signal', signal: 'SIGSEGV', at: page(2), done: 4n });
  });

  test('one store after the other: what goes to a file through one mapping is in the copy that a later store makes', () => {
    for (const store of [
      (p: PageLab) => p.do({ name: 'memset', addr: page(0), byte: 7, length: 4096n + 5n }),
      (p: PageLab) => p.do({ name: 'store_words', addr: page(0) + 8n, length: 8192n, value: 0x0707n, stride: 4096n }),
    ]) {
      const p = new PageLab();
      const fd = p.memfd(4, 0x500);
      p.mapFile(fd, 0, 1, 2);
      p.mapFile(fd, 1, 1, 2, RW, MAP.MAP_PRIVATE);
      store(p);
      expect([p.pages, p.byte(page(0) + 9n), p.byte(page(1) + 9n), p.byte(page(1) + 4095n)]).toEqual(['[0,1)f [1,2)a', 7, 7, p.byte(page(0) + 4095n)]);
    }
  });

  test('peek and poke', () => {
    const p = new PageLab();
    p.map(0, 1);
    expect(valueOf(p.do({ name: 'peek', addr: page(0) + 5n }))).toBe(0n);
    p.do({ name: 'poke', addr: page(0) + 5n, byte: 0xab });
    expect(valueOf(p.do({ name: 'peek', addr: page(0) + 5n }))).toBe(0xabn);
    expect(outcome(p.do({ name: 'peek', addr: page(1) }))).toBe('SIGSEGV @1');
  });
});

describe('what counts as a fault', () => {
  const ROWS: [what: string, prepare: (p: PageLab) => unknown, call: (p: PageLab) => { faults: object }, read: number, write: number][] = [
    ['a zero page replaced', (p) => (p.map(0, 4), p.read(0, 4)), (p) => p.write(1, 2), 0, 2],
    ['pages that are there', (p) => p.mapFull(0, 4), (p) => p.write(0, 4), 0, 0],
    ['stores to a file', (p) => p.mapFile(p.memfd(4), 0, 4), (p) => p.write(0, 4), 0, 4],
    ['a load of a file, which brings its neighbours', (p) => p.mapFile(p.memfd(8, 1), 0, 8), (p) => p.read(0, 8), 1, 0],
    ['loads of holes, one by one', (p) => p.mapFile(p.memfd(8), 0, 8), (p) => p.read(0, 8), 8, 0],
    ['stores to a private file', (p) => p.mapFile(p.memfd(4, 1), 0, 4, 0, RW, PRIVATE), (p) => p.write(0, 3), 0, 3],
    ['stores to pages of a private file that were loaded', (p) => (p.mapFile(p.memfd(4, 1), 0, 4, 0, RW, PRIVATE), p.read(0, 4)), (p) => p.write(0, 3), 0, 3],
    ['pages that come back from swap', (p) => (p.mapFull(0, 4), p.do({ name: 'swap_out', addr: page(0), length: 8192n })), (p) => p.read(0, 4), 2, 0],
  ];
  test.each(ROWS)('%s', (_, prepare, call, read, write) => {
    const p = new PageLab();
    prepare(p);
    expect(call(p).faults).toEqual({ read, write });
  });
});

describe('a file whose pages came one after the other', () => {
  /** Pages 2 and 3 exist before 0 and 1 do. */
  const file = (): [PageLab, number] => {
    const p = new PageLab();
    const fd = p.memfd(6);
    p.mapFile(fd, 40, 6);
    p.write(42, 2, 0x70);
    p.write(40, 2, 0x50);
    return [p, fd];
  };
  test.each([
    ['shared', MAP.MAP_SHARED],
    ['private', PRIVATE],
  ] as const)('%s', (_, type) => {
    const [p, fd] = file();
    p.mapFile(fd, 0, 6, 0, RW, type);
    expect(outcome(p.advise(0, 6, 'MADV_POPULATE_WRITE'))).toBe('ok');
    expect([0, 1, 2, 3, 4, 5].map((at) => p.word(at))).toEqual([0x50, 0x51, 0x70, 0x71, 0, 0]);
  });
});

test('what is populated ends where it was asked to, though the VMA goes on', () => {
  const p = new PageLab();
  p.map(-4, 4);
  p.map(4, 4);
  p.map(0, 4, RW, MAP.MAP_POPULATE);
  expect([p.layout, p.pages]).toEqual(['[-4,8)rw', '[0,4)a']);
});

test('zero pages that are given up are gone; a load does not take back what MADV_FREE gave up', () => {
  const p = new PageLab();
  p.map(0, 4);
  p.read(0, 4);
  p.advise(1, 2, 'MADV_DONTNEED');
  expect(p.pages).toBe('[0,1)z [3,4)z');
  p.mapFull(10, 4);
  p.advise(10, 4, 'MADV_FREE');
  p.read(10, 4);
  p.write(13, 1);
  p.advise(10, 4, 'MADV_PAGEOUT');
  expect(p.pages).toBe('[0,1)z [3,4)z [13,14)a');
});
