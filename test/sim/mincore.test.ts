/** mincore(2): what it checks, and which pages it finds in memory; the rows were seen on a live 6.18. */
import { describe, expect, test } from 'vitest';
import { MAP, opText, type OpRecord } from '../../machine/index.js';
import { checkOf, errnoOf, page, PageLab, RW } from './lab.js';

const P = 4096n;
const ask = (p: PageLab, at: number, pages: number): OpRecord => p.do({ name: 'mincore', addr: page(at), length: BigInt(pages) * P, vec: 0n });

/** How many pages it finds in memory; the check that refuses it otherwise. */
function resident(record: OpRecord): number | string {
  if (errnoOf(record) !== null) return `${errnoOf(record)} ${checkOf(record)}`;
  const found = record.steps.find((s) => s.code === 'mincore.counted')?.values.find((v) => v.name === 'in memory')?.value;
  return Number(found);
}

describe('checks, the first that fails wins', () => {
  test.each<[string, bigint, bigint, string]>([
    ['a misaligned address, before the length', page(0) + 1n, 0n, 'EINVAL mincore.misaligned'],
    ['a length that wraps', page(0), (1n << 64n) - 1n, 'ENOMEM mincore.beyond'],
    ['an address that is none', 1n << 62n, P, 'ENOMEM mincore.beyond'],
    ['a hole', page(2), 4n * P, 'ENOMEM mincore.hole'],
    ['a length of 0, where nothing is mapped', page(90), 0n, 'ok'],
    ['a length that is rounded up', page(3), 1n, 'ok'],
  ])('%s', (_, addr, length, expected) => {
    const p = new PageLab();
    p.map(0, 4);
    const record = p.do({ name: 'mincore', addr, length, vec: 0n });
    expect(errnoOf(record) === null ? 'ok' : `${errnoOf(record)} ${checkOf(record)}`).toBe(expected);
  });
});

describe('finds in memory', () => {
  test.each<[string, (p: PageLab) => void, number]>([
    ['nothing that was never touched', (p) => p.map(0, 8), 0],
    ['what was written, and what was read', (p) => (p.map(0, 8), p.write(0, 2), p.read(3, 1)), 3],
    ['no guard', (p) => (p.map(0, 8), p.write(0, 4), p.advise(1, 2, 'MADV_GUARD_INSTALL')), 2],
    ['what nobody may touch but was written before', (p) => (p.mapFull(0, 8), p.protect(0, 8, 0)), 8],
    ['nothing that was swapped out', (p) => (p.mapFull(0, 8), p.do({ name: 'swap_out', addr: page(0), length: 3n * P })), 5],
    ['a huge page whole', (p) => (p.do({ name: 'thp', enabled: 'always' }), p.map(0, 512), p.write(0, 1)), 8],
    [
      'what another mapping of the file has brought into the page cache',
      (p) => {
        const fd = p.memfd(16);
        p.mapFile(fd, 100, 4, 2);
        p.write(100, 3);
        p.mapFile(fd, 0, 8, 0);
      },
      3,
    ],
    [
      'the same behind a private mapping, once with a copy of its own',
      (p) => {
        const fd = p.memfd(16);
        p.mapFile(fd, 100, 4);
        p.write(100, 3);
        p.mapFile(fd, 0, 8, 0, RW, MAP.MAP_PRIVATE);
        p.write(2, 3);
      },
      5,
    ],
  ])('%s', (_, build, expected) => {
    const p = new PageLab('6.18');
    build(p);
    expect(resident(ask(p, 0, 8))).toBe(expected);
  });
});

test('changes nothing, and prints like the other calls', () => {
  const p = new PageLab();
  p.mapFull(0, 4);
  const record = ask(p, 0, 4);
  expect(record.after.usage).toEqual(record.before.usage);
  expect(record.faults).toEqual({ read: 0, write: 0 });
  expect(opText(record.op)).toBe('mincore(0x10000000000, 16384, 0x0)');
});
