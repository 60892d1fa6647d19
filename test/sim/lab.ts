/** A machine to test with: calls in few words, invariants checked after every one of them. */
import { MAP, MREMAP, PROT, type Errno, type Op, type OpRecord, type ModelSpec, type AddressSpace } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/index.js';

export const RELEASES = ['6.1', '6.12', '6.18'] as const;

export const K = 1024n;
export const M = 1024n * K;
export const G = 1024n * M;

const RW = PROT.PROT_READ | PROT.PROT_WRITE;
const ANON = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS;

export class Lab {
  readonly machine: SimulatedMachine;
  readonly records: OpRecord[] = [];

  constructor(model: string | ModelSpec = '6.18') {
    this.machine = new SimulatedMachine(typeof model === 'string' ? { release: model } : model);
  }

  do(op: Op): OpRecord {
    const record = this.machine.perform(op);
    this.machine.check();
    this.records.push(record);
    return record;
  }

  /** Private anonymous memory at a fixed address. */
  map(addr: bigint, length: bigint, prot: number = RW): OpRecord {
    return this.do({ name: 'mmap', addr, length, prot, flags: ANON | MAP.MAP_FIXED, fd: -1, offset: 0n });
  }

  /** The same, written page by page. */
  mapFull(addr: bigint, length: bigint): OpRecord {
    this.map(addr, length);
    return this.write(addr, length);
  }

  mmap(addr: bigint, length: bigint, flags: number = ANON, prot: number = RW): OpRecord {
    return this.do({ name: 'mmap', addr, length, prot, flags, fd: -1, offset: 0n });
  }

  write(addr: bigint, length: bigint, value = 0x1000n, stride = 4096n): OpRecord {
    return this.do({ name: 'store_words', addr, length, value, stride });
  }

  read(addr: bigint, length: bigint): OpRecord {
    return this.do({ name: 'load_words', addr, length, stride: 4096n });
  }

  unmap(addr: bigint, length: bigint): OpRecord {
    return this.do({ name: 'munmap', addr, length });
  }

  mremap(old_address: bigint, old_size: bigint, new_size: bigint, flags = 0, new_address = 0n): OpRecord {
    return this.do({ name: 'mremap', old_address, old_size, new_size, flags, new_address });
  }

  /** A FIXED move of the whole range. */
  move(from: bigint, length: bigint, to: bigint): OpRecord {
    return this.mremap(from, length, length, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, to);
  }

  get space(): AddressSpace {
    return this.machine.space();
  }

  /** VMAs as `start-end perms`, in hex bytes. */
  get vmas(): string[] {
    return [...this.space.vmas()].map((v) => `${(v.start * 4096).toString(16)}-${(v.end * 4096).toString(16)} ${v.perms}`);
  }

  byte(at: bigint): number | undefined {
    return this.space.byteAt(at);
  }
}

export const errnoOf = (record: OpRecord): Errno | null => (record.result.kind === 'errno' ? record.result.errno : null);
export const checkOf = (record: OpRecord): string | null => (record.result.kind === 'errno' ? record.result.refusal.check : null);
export const valueOf = (record: OpRecord): bigint | null => (record.result.kind === 'value' ? record.result.value : null);
