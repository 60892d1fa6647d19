/** Flags of mmap and mprotect that programs use and few know: every answer is one that Linux 6.18.44 gave. */
import { describe, expect, test } from 'vitest';
import { MADV, MAP, MREMAP, PROT, type MmapCall, type Op } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/machine.js';

const PAGE = 4096n;
const RW = PROT.PROT_READ | PROT.PROT_WRITE;

const open = (release = '6.18'): SimulatedMachine => new SimulatedMachine({ release });
const answer = (machine: SimulatedMachine, op: Op): bigint | string => {
  const { result } = machine.perform(op);
  machine.check();
  return result.kind === 'errno' ? result.errno : result.kind === 'value' ? result.value : result.signal;
};
const mmap = (length: bigint, flags: number, of: Partial<MmapCall> = {}): MmapCall => ({
  name: 'mmap',
  addr: 0n,
  length,
  prot: RW,
  flags: flags | MAP.MAP_ANONYMOUS,
  fd: -1,
  offset: 0n,
  ...of,
});
const mprotect = (addr: bigint, length: bigint, prot: number): Op => ({ name: 'mprotect', addr, length, prot });
const vmaAt = (machine: SimulatedMachine, at: bigint): string => {
  const vma = machine.space().vmaAt(Number(at / PAGE));
  return vma === undefined ? 'nothing' : `${(vma.start * 4096).toString(16)}-${(vma.end * 4096).toString(16)} ${vma.perms} ${vma.vmFlags}`;
};

describe('MAP_DROPPABLE', () => {
  const droppable = (machine: SimulatedMachine): bigint => answer(machine, mmap(2n * PAGE, MAP.MAP_DROPPABLE | MAP.MAP_FIXED, { addr: 1n << 40n })) as bigint;
  test('takes the place of MAP_PRIVATE, and has flags of its own', () => {
    const machine = open();
    expect(vmaAt(machine, droppable(machine))).toBe('10000000000-10000002000 rw-p mr mw me nr wf dd dp');
  });
  test('may be moved and grow', () => {
    const machine = open();
    const at = droppable(machine);
    const to = answer(machine, { name: 'mremap', old_address: at, old_size: 2n * PAGE, new_size: 4n * PAGE, flags: MREMAP.MREMAP_MAYMOVE, new_address: 0n });
    expect(vmaAt(machine, to as bigint)).toContain('nr wf dd dp');
  });
  test.each([
    ['locked', MAP.MAP_LOCKED],
    ['a stack', MAP.MAP_GROWSDOWN],
  ])('is not %s', (_, flag) => {
    expect(answer(open(), mmap(PAGE, MAP.MAP_DROPPABLE | flag))).toBe('EINVAL');
  });
  test('is passed over by mlock, and keeps what it is', () => {
    const machine = open();
    const at = droppable(machine);
    expect(answer(machine, { name: 'mlock', addr: at, length: PAGE })).toBe(0n);
    for (const advice of [MADV.MADV_KEEPONFORK, MADV.MADV_DODUMP]) expect(answer(machine, { name: 'madvise', addr: at, length: PAGE, advice })).toBe('EINVAL');
    expect(vmaAt(machine, at)).toBe('10000000000-10000002000 rw-p mr mw me nr wf dd dp');
  });
  test('does not merge with private memory', () => {
    const machine = open();
    const at = droppable(machine);
    answer(machine, mmap(PAGE, MAP.MAP_PRIVATE | MAP.MAP_FIXED, { addr: at + 2n * PAGE }));
    expect(machine.space().mapCount).toBe(2);
  });
  test('is unknown to older kernels', () => {
    expect(answer(open('6.1'), mmap(PAGE, MAP.MAP_DROPPABLE))).toBe('EINVAL');
  });
});

describe('MAP_32BIT', () => {
  const low = (length: bigint, of?: Partial<MmapCall>): MmapCall => mmap(length, MAP.MAP_PRIVATE | MAP.MAP_32BIT, { prot: PROT.PROT_NONE, ...of });
  test('fills the second GiB from the bottom up', () => {
    const machine = open();
    expect(answer(machine, low(16n * PAGE))).toBe(0x4000_0000n);
    expect(answer(machine, low(16n * PAGE))).toBe(0x4001_0000n);
    expect(answer(machine, low(1n << 31n))).toBe('ENOMEM');
    expect(answer(machine, low(1n << 30n))).toBe('ENOMEM');
    expect(answer(machine, low(PAGE, { addr: 0x5000_0000_0000n }))).toBe(0x4002_0000n);
    expect(answer(machine, low(4n << 20n, { prot: RW }))).toBe(0x4020_0000n);
  });
  test('is not remembered: what grows leaves', () => {
    const machine = open();
    const at = answer(machine, low(16n * PAGE)) as bigint;
    answer(machine, mmap(PAGE, MAP.MAP_PRIVATE | MAP.MAP_FIXED, { addr: at + 16n * PAGE, prot: PROT.PROT_READ }));
    expect(answer(machine, { name: 'mremap', old_address: at, old_size: 16n * PAGE, new_size: 32n * PAGE, flags: MREMAP.MREMAP_MAYMOVE, new_address: 0n })).toBeGreaterThan(
      1n << 32n,
    );
  });
});

describe('mprotect', () => {
  const STACK = 0x7e00_0000_0000n;
  const stack = (): SimulatedMachine => {
    const machine = open();
    answer(machine, mmap(0x21000n, MAP.MAP_PRIVATE | MAP.MAP_GROWSDOWN | MAP.MAP_FIXED, { addr: STACK }));
    return machine;
  };
  test('with PROT_GROWSDOWN begins where the stack does', () => {
    const machine = stack();
    expect(answer(machine, mprotect(STACK + 0x20000n, PAGE, RW | PROT.PROT_EXEC | PROT.PROT_GROWSDOWN))).toBe(0n);
    expect(vmaAt(machine, STACK)).toBe('7e0000000000-7e0000021000 rwxp mr mw me gd ac');
  });
  test('with PROT_GROWSDOWN from below the stack changes no more than was asked for', () => {
    const machine = stack();
    expect(answer(machine, mprotect(STACK - PAGE, 2n * PAGE, PROT.PROT_READ | PROT.PROT_GROWSDOWN))).toBe(0n);
    expect(vmaAt(machine, STACK)).toBe('7e0000000000-7e0000001000 r--p mr mw me gd');
  });
  test.each([
    ['up, which nothing does here', STACK + 0x20000n, PROT.PROT_GROWSUP],
    ['both ways', STACK + 0x20000n, PROT.PROT_GROWSUP | PROT.PROT_GROWSDOWN],
  ])('refuses to grow %s', (_, at, grows) => {
    expect(answer(stack(), mprotect(at, PAGE, RW | grows))).toBe('EINVAL');
  });
  test('refuses PROT_GROWSDOWN where nothing grows', () => {
    const machine = open();
    const at = answer(machine, mmap(PAGE, MAP.MAP_PRIVATE)) as bigint;
    expect(answer(machine, mprotect(at, PAGE, PROT.PROT_READ | PROT.PROT_GROWSDOWN))).toBe('EINVAL');
    expect(answer(machine, mprotect(1n << 40n, PAGE, PROT.PROT_READ | PROT.PROT_GROWSDOWN))).toBe('ENOMEM');
  });
  test('ignores PROT_SEM', () => {
    const machine = open();
    const at = answer(machine, mmap(PAGE, MAP.MAP_PRIVATE)) as bigint;
    expect(answer(machine, mprotect(at, PAGE, PROT.PROT_READ | PROT.PROT_SEM))).toBe(0n);
    expect(vmaAt(machine, at)).toContain('r--p mr mw me');
  });
});
