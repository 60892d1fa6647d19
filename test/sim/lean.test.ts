import { describe, expect, test } from 'vitest';
import { MAP, MREMAP, PROT, type Op, type OpRecord } from '../../machine/index.js';
import { createMachines } from '../../sim/index.js';
import { SimulatedMachine } from '../../sim/machine.js';

const G = 1n << 30n;
const map = (addr: bigint, length: bigint): Op => ({
  name: 'mmap',
  addr,
  length,
  prot: PROT.PROT_READ | PROT.PROT_WRITE,
  flags: MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS | MAP.MAP_FIXED,
  fd: -1,
  offset: 0n,
});
const ops: readonly Op[] = [
  map(G, 1n << 22n),
  { name: 'touch', addr: G, length: 1n << 22n },
  { name: 'mprotect', addr: G, length: 8192n, prot: PROT.PROT_READ },
  { name: 'mremap', old_address: G + 8192n, old_size: 1n << 21n, new_size: 1n << 21n, flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, new_address: 2n * G + 8192n },
  { name: 'munmap', addr: G, length: 1n << 20n },
  { name: 'munmap', addr: G + 1n, length: 1n << 20n },
  { name: 'brk', addr: 0n, place: 0x55d0a1b2c000n },
  { name: 'brk', addr: 0x55d0a1b4c000n },
];

/** What a record says beside the address space before and after. */
const told = ({ op, seq, result, moved, moves, tables, faults, events, log }: OpRecord): object => ({ op, seq, result, moved, moves, tables, faults, events, log });

describe('lean machines', () => {
  test('answer as others do', () => {
    const machines = createMachines();
    const [full, lean] = [machines.open({ release: '6.18' }), machines.open({ release: '6.18' }, { steps: false, records: 'lean' })];
    for (const op of ops) expect(told(lean.perform(op) as OpRecord)).toEqual(told(full.perform(op) as OpRecord));
    expect([...lean.space().vmas()]).toEqual([...full.space().vmas()]);
    expect([...lean.space().pages()]).toEqual([...full.space().pages()]);
  });

  test('let the heap begin where a log has it, until it has grown', () => {
    const machine = new SimulatedMachine({ release: '6.18' }, { records: 'lean' });
    const brk = (addr: bigint, place?: bigint): unknown => machine.perform({ name: 'brk', addr, ...(place !== undefined && { place }) }).result;
    expect(brk(0n, 0x1e4b000n)).toEqual({ kind: 'value', value: 0x1e4b000n });
    expect(brk(0x1e6c000n)).toEqual({ kind: 'value', value: 0x1e6c000n });
    expect(brk(0n, 0x1000000n)).toEqual({ kind: 'value', value: 0x1e6c000n });
    machine.check();
  });

  test('have children that go their own way, on the same kernel', () => {
    const machine = new SimulatedMachine({ release: '6.18' }, { records: 'lean' });
    machine.perform(map(G, 8192n));
    machine.perform({ name: 'memset', addr: G, byte: 7, length: 8192n });
    const child = machine.child();
    expect(child.perform({ name: 'peek', addr: G }).result).toEqual({ kind: 'value', value: 7n });
    child.perform({ name: 'memset', addr: G, byte: 9, length: 1n });
    expect(machine.perform({ name: 'peek', addr: G }).result).toEqual({ kind: 'value', value: 7n });
    machine.perform({ name: 'munmap', addr: G, length: 8192n });
    expect(child.perform({ name: 'peek', addr: G }).result).toEqual({ kind: 'value', value: 9n });
    machine.check();
    child.exit();
    machine.check();
  });
});
