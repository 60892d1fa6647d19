/** mseal(2), since 6.10: what it checks, and which calls a seal turns down. */
import { describe, expect, test } from 'vitest';
import { MAP, MREMAP } from '../../machine/index.js';
import { checkOf, errnoOf, outcome, page, PageLab, R, RW, type Lab } from './lab.js';

const { MREMAP_MAYMOVE: MAY } = MREMAP;

test('6.1 has no such call', () => {
  const p = new PageLab('6.1');
  p.map(0, 4);
  expect(checkOf(p.seal(0, 4))).toBe('mseal.absent');
});

describe('checks, the first that fails wins', () => {
  const ROWS: [what: string, addr: bigint, length: bigint, flags: number, expected: string][] = [
    ['flags, before the address', page(0) + 1n, 4096n, 1, 'EINVAL mseal.flags'],
    ['a misaligned address', page(0) + 1n, 0n, 0, 'EINVAL mseal.misaligned'],
    ['a length that wraps to 0', page(0), (1n << 64n) - 1n, 0, 'EINVAL mseal.wraps'],
    ['an end beyond 64 bits', page(1), (1n << 64n) - page(0), 0, 'EINVAL mseal.wraps'],
    ['a length of 0, where nothing is mapped', page(90), 0n, 0, 'ok'],
    ['a hole at the start', page(-1), 4096n * 2n, 0, 'ENOMEM mseal.hole'],
    ['a hole at the end', page(3), 4097n, 0, 'ENOMEM mseal.hole'],
    ['a length that is rounded up', page(3), 1n, 0, 'ok'],
  ];
  test.each(ROWS)('%s', (_, addr, length, flags, expected) => {
    const p = new PageLab();
    p.map(0, 4);
    const record = p.do({ name: 'mseal', addr, length, flags });
    expect(errnoOf(record) === null ? 'ok' : `${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
  });
});

test('a seal splits, and two seals merge', () => {
  const p = new PageLab();
  p.map(0, 6);
  p.seal(2, 2);
  expect(p.layout).toBe('[0,2)rw [2,4)rw [4,6)rw');
  expect([p.flags(0), p.flags(2)]).toEqual(['ac', 'ac sl']);
  p.seal(1, 4);
  expect(p.layout).toBe('[0,1)rw [1,5)rw [5,6)rw');
});

test('with a hole in the range nothing is sealed', () => {
  const p = new PageLab();
  p.map(0, 2);
  p.map(4, 2);
  expect(outcome(p.seal(0, 6))).toBe('ENOMEM');
  expect([p.flags(0), p.flags(4)]).toEqual(['ac', 'ac']);
});

test('at vm.max_map_count no VMA is split', () => {
  const p = new PageLab();
  p.map(0, 4);
  p.sysctl('vm.max_map_count', 1);
  expect(outcome(p.seal(0, 2))).toBe('ENOMEM');
  expect(outcome(p.seal(0, 4))).toBe('ok');
});

describe.each(['6.12', '6.18'])('kernel %s: sealed memory', (release) => {
  const sealed = (): PageLab => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.seal(0, 4);
    return p;
  };
  const ROWS: [what: string, call: (p: PageLab) => ReturnType<Lab['do']>, expected: string][] = [
    ['munmap', (p) => p.unmap(0, 4), 'EPERM'],
    ['munmap of a part', (p) => p.unmap(1, 1), 'EPERM'],
    ['munmap of more', (p) => p.unmap(-2, 8), 'EPERM'],
    ['mmap over it', (p) => p.map(2, 4), 'EPERM'],
    ['mprotect', (p) => p.protect(0, 4, R), 'EPERM'],
    ['mprotect to what it is', (p) => p.protect(0, 4, RW), 'EPERM'],
    ['mremap in place', (p) => p.mremap(0, 4, 4), 'EPERM'],
    ['shrinking', (p) => p.mremap(0, 4, 2), 'EPERM'],
    ['growing', (p) => p.mremap(0, 4, 8, MAY), 'EPERM'],
    ['moving', (p) => p.move(0, 4, 20), 'EPERM'],
    ['moving with DONTUNMAP', (p) => p.dontUnmap(0, 4, 20), 'EPERM'],
    ['moving something onto it', (p) => (p.map(20, 4), p.move(20, 4, 2)), 'EPERM'],
    ['mmap beside it', (p) => p.mmap(page(2), 4), 'elsewhere'],
    ['mlock', (p) => p.lock(0, 4), 'ok'],
    ['munlock', (p) => p.unlock(0, 4), 'ok'],
    ['a store', (p) => p.write(0, 4), 'ok'],
    ['another seal', (p) => p.seal(0, 4), 'ok'],
    ['a new mapping that replaces nothing', (p) => p.map(4, 4), '@4'],
  ];
  test.each(ROWS)('%s', (_, call, expected) => {
    const p = sealed();
    const record = call(p);
    expect(expected === 'elsewhere' ? errnoOf(record) : outcome(record)).toBe(expected === 'elsewhere' ? null : expected);
    expect(p.vma(0)?.vmFlags).toContain('sl');
  });

  test('a new mapping beside it is not sealed with it', () => {
    const p = sealed();
    p.map(4, 4);
    expect(p.layout).toBe('[0,4)rw [4,8)rw');
  });

  test('unmapping over a seal unmaps nothing, but a split at the start of the range stays', () => {
    const p = new PageLab(release);
    p.map(0, 4);
    p.map(4, 4, R);
    p.seal(4, 4);
    expect(outcome(p.unmap(2, 4))).toBe('EPERM');
    expect(p.layout).toBe('[0,2)rw [2,4)rw [4,8)r');
  });

  test('no split where the first VMA itself is sealed', () => {
    const p = sealed();
    p.unmap(2, 8);
    expect(p.layout).toBe('[0,4)rw');
  });

  test('a child inherits the seal', () => {
    const p = sealed();
    p.fork('child');
    expect(outcome(p.unmap(0, 4))).toBe('EPERM');
  });
});

test('MAP_FIXED_NOREPLACE sees the mapping, not the seal', () => {
  const p = new PageLab();
  p.map(0, 4);
  p.seal(0, 4);
  expect(outcome(p.map(0, 4, RW, MAP.MAP_FIXED_NOREPLACE))).toBe('EEXIST');
});
