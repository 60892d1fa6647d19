/** An actor that runs alone, on the part of a machine that its race was cut down to, leaves what the machine itself leaves. */
import { describe, expect, test } from 'vitest';
import { MADV, MAP, MREMAP, PROT, type AddressSpace, type Op } from '../../../machine/index.js';
import { SimulatedMachine } from '../../../sim/machine.js';

const G = 1n << 30n;
const P = 4096n;
const M = 1n << 20n;
const FIXED = MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED;

const map = (addr: bigint, length: bigint): Op => ({
  name: 'mmap',
  addr,
  length,
  prot: PROT.PROT_READ | PROT.PROT_WRITE,
  flags: MAP.MAP_FIXED | MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS,
  fd: -1,
  offset: 0n,
});
const shared = (addr: bigint, length: bigint): Op => ({
  name: 'mmap',
  addr,
  length,
  prot: PROT.PROT_READ | PROT.PROT_WRITE,
  flags: MAP.MAP_FIXED | MAP.MAP_SHARED,
  fd: 3,
  offset: 0n,
});
const poke = (addr: bigint, byte: number): Op => ({ name: 'poke', addr, byte });
const move = (from: bigint, length: bigint, to: bigint, more = 0): Op => ({
  name: 'mremap',
  old_address: from,
  old_size: length,
  new_size: length,
  flags: FIXED | more,
  new_address: to,
});

const MIDDLE_AWAY: readonly Op[] = [map(G, 3n * P), poke(G, 1), poke(G + P, 2), poke(G + 2n * P, 3), move(G + P, P, 2n * G)];

const CASES: readonly (readonly [string, readonly Op[], Op])[] = [
  ['a page moves', [map(G, P), poke(G, 1)], move(G, P, 2n * G)],
  ['a page within a mapping moves', [map(G, 3n * P), poke(G + P, 1), poke(G, 2)], move(G + P, P, 2n * G)],
  ['a page comes back between its neighbours', MIDDLE_AWAY, move(2n * G, P, G + P)],
  ['a table moves', [map(G, 2n * M), poke(G, 1), poke(G + P, 2)], move(G, 2n * M, 2n * G)],
  ['a move over what is there', [map(G, P), poke(G, 1), map(2n * G, P), poke(2n * G, 9)], move(G, P, 2n * G)],
  ['a move that shrinks', [map(G, 4n * P), poke(G, 1), poke(G + 3n * P, 2)], { name: 'mremap', old_address: G, old_size: 4n * P, new_size: P, flags: FIXED, new_address: 2n * G }],
  ['a move of memory never written', [map(G, P)], move(G, P, 2n * G)],
  ['DONTUNMAP', [map(G, P), poke(G, 1)], move(G, P, 2n * G, MREMAP.MREMAP_DONTUNMAP)],
  ['DONTUNMAP of a part', [map(G, 2n * P), poke(G, 1)], move(G, P, 2n * G, MREMAP.MREMAP_DONTUNMAP)],
  ['a shared file moves', [{ name: 'memfd', file: 'f', size: 2n * P }, shared(G, 2n * P), poke(G, 1)], move(G, 2n * P, 2n * G)],
  ['nothing there to move', [map(G, P)], move(G + P, P, 2n * G)],
  ['munmap', [map(G, 2n * P), poke(G, 1), poke(G + P, 2)], { name: 'munmap', addr: G, length: P }],
  ['munmap of a middle', [map(G, 3n * P), poke(G, 1), poke(G + P, 2)], { name: 'munmap', addr: G + P, length: P }],
  ['MADV_DONTNEED', [map(G, 2n * P), poke(G, 1), poke(G + P, 2)], { name: 'madvise', addr: G, length: P, advice: MADV.MADV_DONTNEED }],
  ['mprotect', [map(G, 2n * P), poke(G, 1), poke(G + P, 2)], { name: 'mprotect', addr: G, length: P, prot: PROT.PROT_READ }],
  ['mprotect of memory never written', [map(G, 2n * P)], { name: 'mprotect', addr: G, length: 2n * P, prot: PROT.PROT_READ }],
  ['MADV_FREE', [map(G, 2n * P), poke(G, 1), poke(G + P, 2)], { name: 'madvise', addr: G, length: P, advice: MADV.MADV_FREE }],
  ['a store after MADV_FREE', [map(G, P), poke(G, 1), { name: 'madvise', addr: G, length: P, advice: MADV.MADV_FREE }], poke(G, 3)],
  ['a first store', [map(G, P)], poke(G, 5)],
  ['a load of nothing', [map(G, P)], { name: 'peek', addr: G }],
  ['a store after a load', [map(G, P), { name: 'peek', addr: G }], poke(G, 5)],
  ['a store after fork', [map(G, P), poke(G, 1), { name: 'fork', follow: 'parent' }], poke(G, 5)],
  ['migration', [map(G, P), poke(G, 1)], { name: 'migrate', addr: G, length: P }],
  ['truncation', [{ name: 'memfd', file: 'f', size: 2n * P }, shared(G, 2n * P), poke(G, 1), poke(G + P, 2)], { name: 'ftruncate', fd: 3, length: P }],
  ['the stack of execve', [], { name: 'exec_stack', start: G, end: G + 2n * P, shift: 16n * P }],
];

/** VMAs and pages, in the terms that both have: no identities, only who is like whom. */
function seen(space: AddressSpace, pages: readonly number[]): unknown {
  return {
    vmas: [...space.vmas()].map((v) => ({
      start: v.start,
      end: v.end,
      pgoff: v.pgoff,
      perms: `${v.perms.slice(0, 2)}${v.perms.slice(3)}`,
      anonymous: v.object === null,
      faulted: v.anonVma !== null,
      chain: v.chainLength,
    })),
    pages: pages.map((p) => [...space.pages(p, p + 1)].map((run) => ({ at: p, kind: run.kind, byte: space.byteAt(BigInt(p) * P) }))),
    total: space.usage.totalVm,
  };
}

describe.each(['6.1', '6.12', '6.17', '6.18'])('on %s', (release) => {
  test.each(CASES)('%s', (_, setup, op) => {
    const machine = new SimulatedMachine({ release });
    for (const before of setup) machine.perform(before);
    const exploration = machine.explore({ name: 'alone', threads: [{ name: 'one', ops: [op] }] });
    let turn = exploration.next();
    while (turn.done !== true) turn = exploration.next();
    const report = turn.value;
    expect(report.finals).toHaveLength(1);
    const [final] = report.finals;
    expect(final?.broken).toEqual([]);
    const record = machine.perform(op);
    const pages = report.pages.map((p) => Number(p / P));
    expect(seen(final?.space() ?? machine.space(), pages)).toEqual(seen(machine.space(), pages));
    if (record.result.kind === 'errno') expect(final?.results[0]?.[0]).toEqual({ kind: 'errno', errno: record.result.errno });
    machine.check();
  });
});
