/** What a userfaultfd monitor hears, as live recordings of 6.18.44 have it (docs/recording.md). */
import { expect, test } from 'vitest';
import { MAP, MREMAP, type OpRecord, type UffdFeature } from '../../machine/index.js';
import { outcome, page, PageLab, RW } from './lab.js';

const SHARED = MAP.MAP_SHARED | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED;

function watched(features: UffdFeature[], pages: number, mode: 'MISSING' | 'WP', flags?: number): PageLab {
  const p = new PageLab();
  if (flags === undefined) p.map(0, pages);
  else p.mmap(page(0), pages, RW, flags);
  p.do({ name: 'userfaultfd', features });
  register(p, 0, pages, mode);
  return p;
}

const register = (p: PageLab, at: number, pages: number, mode: 'MISSING' | 'WP'): OpRecord => p.do({ name: 'uffd_register', addr: page(at), length: BigInt(pages) * 4096n, mode });
const heard = (record: OpRecord): string[] => record.events.map((e) => e.event);

test('a mapping that replaces watched memory unmaps it', () => {
  const p = watched(['EVENT_UNMAP'], 4, 'MISSING');
  expect(p.map(2, 4).events).toEqual([{ event: 'unmap', start: page(2), end: page(6) }]);
});

test('a shrinking move is told before the tail that it unmapped first', () => {
  const p = watched(['EVENT_REMAP', 'EVENT_UNMAP'], 2, 'WP');
  const moved = p.mremap(0, 2, 1, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, 10);
  expect(moved.events).toMatchObject([{ event: 'remap' }, { event: 'unmap', start: page(1) }, { event: 'unmap', start: page(0) }]);
});

test('what the destination was unmapped for is told first', () => {
  const p = watched(['EVENT_REMAP', 'EVENT_UNMAP'], 4, 'WP');
  p.map(10, 1);
  register(p, 10, 1, 'WP');
  const moved = p.mremap(0, 4, 2, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, 10);
  expect(moved.events).toMatchObject([{ event: 'unmap', start: page(10) }, { event: 'remap' }, { event: 'unmap', start: page(2) }, { event: 'unmap', start: page(0) }]);
});

test.each([
  ['6.1', 8192n],
  ['6.12', 8192n],
  ['6.15', 4096n],
  ['6.18', 4096n],
] as const)('a shrinking move on %s is told with a length of %s bytes: before 6.15 that was the one asked for', (release, length) => {
  const p = new PageLab(release);
  p.map(0, 2);
  p.do({ name: 'userfaultfd', features: ['EVENT_REMAP'] });
  register(p, 0, 2, 'WP');
  expect(p.mremap(0, 2, 1, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, 10).events).toEqual([{ event: 'remap', from: page(0), to: page(10), length }]);
});

test('giving pages up is told as dropping them is', () => {
  const p = watched(['EVENT_REMOVE'], 4, 'WP');
  expect(heard(p.advise(0, 4, 'MADV_FREE'))).toEqual(['remove']);
  expect(heard(p.advise(0, 2, 'MADV_DONTNEED'))).toEqual(['remove']);
});

test('what an object has is not missing, and beyond its end nothing is', () => {
  const p = watched([], 2, 'MISSING', SHARED);
  p.mmap(page(10), 2, RW, MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED);
  expect(heard(p.read(0, 1))).toEqual(['fault-missing']);
  p.mremap(0, 0, 2, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, 20);
  register(p, 20, 2, 'MISSING');
  expect(heard(p.read(20, 1))).toEqual([]);
  p.mremap(20, 2, 3, MREMAP.MREMAP_MAYMOVE);
  register(p, 20, 3, 'MISSING');
  expect(outcome(p.read(22, 1))).toMatch(/^SIGBUS/);
});

test('ranges of several mappings, and of none', () => {
  const p = watched([], 4, 'WP');
  p.write(0, 1);
  p.do({ name: 'uffd_unregister', addr: page(2), length: 0x2000n });
  // Up to the part that is not watched, the protection holds.
  expect(outcome(p.do({ name: 'uffd_writeprotect', addr: page(0), length: 0x4000n, protect: true }))).toBe('ENOENT');
  expect(p.pages).toBe('[0,1)w');
  expect(outcome(p.do({ name: 'uffd_unregister', addr: page(100), length: 0x1000n }))).toBe('EINVAL');
});

test('a write-protected zero page, and page of an object, have letters of their own', () => {
  const p = watched([], 2, 'WP');
  p.read(0, 1);
  p.do({ name: 'uffd_writeprotect', addr: page(0), length: 0x1000n, protect: true });
  expect(p.pages).toBe('[0,1)y');
});
