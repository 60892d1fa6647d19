/** A machine to test with: calls in few words, invariants checked after every one of them. */
import {
  MADV,
  MAP,
  MREMAP,
  PROT,
  toBytes,
  type AddressSpace,
  type Capability,
  type Errno,
  type MachineOptions,
  type ModelSpec,
  type Op,
  type OpRecord,
  type Pages,
  type Resource,
  type Sysctl,
  type Vma,
  type Vpn,
} from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/index.js';

export const RELEASES = ['6.1', '6.12', '6.18'] as const;

export const K = 1024n;
export const M = 1024n * K;
export const G = 1024n * M;

export const R = PROT.PROT_READ;
export const RW = PROT.PROT_READ | PROT.PROT_WRITE;
export const RWX = RW | PROT.PROT_EXEC;
export const NONE = PROT.PROT_NONE;

const ANON = MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS;

class Process {
  readonly machine: SimulatedMachine;
  readonly records: OpRecord[] = [];

  constructor(model: string | ModelSpec = '6.18', options: MachineOptions = {}) {
    this.machine = new SimulatedMachine(typeof model === 'string' ? { release: model } : model, options);
  }

  do(op: Op): OpRecord {
    const record = this.machine.perform(op);
    this.machine.check();
    this.records.push(record);
    return record;
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

  /** Pages charged against the commit limit, which no file of /proc/PID shows. */
  get committed(): Pages {
    return this.machine['mm'].committed;
  }

  cap(capability: Capability, held: boolean): OpRecord {
    return this.do({ name: 'capability', capability, held });
  }

  sysctl(key: Sysctl, value: number): OpRecord {
    return this.do({ name: 'sysctl', key, value: BigInt(value) });
  }

  /** In pages; null is RLIM_INFINITY. */
  limit(resource: Resource, pages: Pages | null): OpRecord {
    return this.do({ name: 'setrlimit', resource, limit: pages === null ? null : toBytes(this.machine.geometry, pages) });
  }

  fork(follow: 'parent' | 'child'): OpRecord {
    return this.do({ name: 'fork', follow });
  }

  reap(): OpRecord {
    return this.do({ name: 'reap' });
  }
}

/** Everything in bytes. */
export class Lab extends Process {
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
}

/** A page in the middle of nowhere, on a boundary of every level below the root. */
export const A: Vpn = 2 ** 28;
export const PMD: Pages = 512;
export const PUD: Pages = 512 * PMD;

/** The byte address of page n from A. */
export const page = (n: number): bigint => BigInt(A + n) * 4096n;

/** Everything in pages, and addresses counted from A. */
export class PageLab extends Process {
  /** Private anonymous memory at a fixed place. */
  map(at: number, pages: Pages, prot: number = RW, flags = 0): OpRecord {
    return this.mmap(page(at), pages, prot, ANON | MAP.MAP_FIXED | flags);
  }

  /** The same, and every page written. */
  mapFull(at: number, pages: Pages, prot: number = RW, flags = 0): OpRecord {
    this.map(at, pages, prot, flags);
    return this.write(at, pages);
  }

  /** At an address in bytes, or 0n for none: where the kernel likes. */
  mmap(addr: bigint, pages: Pages, prot: number = RW, flags: number = ANON, fd = -1, offset = 0): OpRecord {
    return this.do({ name: 'mmap', addr, length: BigInt(pages) * 4096n, prot, flags, fd, offset: BigInt(offset) * 4096n });
  }

  /** Part of a file, at a fixed place. */
  mapFile(fd: number, at: number, pages: Pages, offset = 0, prot: number = RW, type: number = MAP.MAP_SHARED): OpRecord {
    return this.mmap(page(at), pages, prot, type | MAP.MAP_FIXED, fd, offset);
  }

  /** A memory file; page i starts with the word `word + i`, or the whole file is a hole. */
  memfd(pages: Pages, word?: number): number {
    return Number(valueOf(this.do({ name: 'memfd', file: 'f', size: BigInt(pages) * 4096n, ...(word === undefined ? {} : { word: BigInt(word) }) })));
  }

  write(at: number, pages: Pages, word = 0x1000): OpRecord {
    return this.do({ name: 'store_words', addr: page(at), length: BigInt(pages) * 4096n, value: BigInt(word), stride: 4096n });
  }

  read(at: number, pages: Pages): OpRecord {
    return this.do({ name: 'load_words', addr: page(at), length: BigInt(pages) * 4096n, stride: 4096n });
  }

  unmap(at: number, pages: Pages): OpRecord {
    return this.do({ name: 'munmap', addr: page(at), length: BigInt(pages) * 4096n });
  }

  mremap(old: number, oldPages: Pages, newPages: Pages, flags = 0, to?: number): OpRecord {
    return this.do({
      name: 'mremap',
      old_address: page(old),
      old_size: BigInt(oldPages) * 4096n,
      new_size: BigInt(newPages) * 4096n,
      flags,
      new_address: to === undefined ? 0n : page(to),
    });
  }

  move(from: number, pages: Pages, to: number): OpRecord {
    return this.mremap(from, pages, pages, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, to);
  }

  dontUnmap(from: number, pages: Pages, to: number): OpRecord {
    return this.mremap(from, pages, pages, MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED | MREMAP.MREMAP_DONTUNMAP, to);
  }

  protect(at: number, pages: Pages, prot: number): OpRecord {
    return this.do({ name: 'mprotect', addr: page(at), length: BigInt(pages) * 4096n, prot });
  }

  advise(at: number, pages: Pages, advice: keyof typeof MADV): OpRecord {
    return this.do({ name: 'madvise', addr: page(at), length: BigInt(pages) * 4096n, advice: MADV[advice] });
  }

  lock(at: number, pages: Pages): OpRecord {
    return this.do({ name: 'mlock', addr: page(at), length: BigInt(pages) * 4096n });
  }

  lock2(at: number, pages: Pages, flags: number): OpRecord {
    return this.do({ name: 'mlock2', addr: page(at), length: BigInt(pages) * 4096n, flags });
  }

  unlock(at: number, pages: Pages): OpRecord {
    return this.do({ name: 'munlock', addr: page(at), length: BigInt(pages) * 4096n });
  }

  seal(at: number, pages: Pages): OpRecord {
    return this.do({ name: 'mseal', addr: page(at), length: BigInt(pages) * 4096n, flags: 0 });
  }

  /** Every VMA from A on in pages: `[0,4)rw [4,8)r`. */
  get layout(): string {
    return [...this.space.vmas(0)].map((v) => `${span(v.start, v.end)}${shortPerms(v.perms)}`).join(' ');
  }

  /** What is present, in pages and kinds: `[0,4)a [9,10)z`. */
  get pages(): string {
    const runs: { start: Vpn; end: Vpn; kind: string }[] = [];
    for (const { start, count, kind } of this.space.pages()) {
      const last = runs.at(-1);
      if (last !== undefined && last.end === start && last.kind === kind) last.end += count;
      else runs.push({ start, end: start + count, kind });
    }
    return runs.map((r) => `${span(r.start, r.end)}${r.kind}`).join(' ');
  }

  /** The first word of a page; null where none is present. */
  word(at: number): number | null {
    const [run] = [...this.space.pages(A + at, A + at + 1)];
    return run === undefined ? null : Number(run.word);
  }

  vma(at: number): Vma | undefined {
    return this.space.vmaAt(A + at);
  }

  /** The flags of the VMA at a page that are not in its permissions; MAYREAD and its like left out. */
  flags(at: number): string {
    return (this.vma(at)?.vmFlags ?? 'unmapped').replace(/\b(mr|mw|me|ms|sh)\b ?/g, '').trim();
  }

  /** Table pages: of PTEs, of PMDs, of PUDs. */
  get tables(): [pte: number, pmd: number, pud: number] {
    const { pte, pmd, pud } = this.space.usage.tables;
    return [pte, pmd, pud];
  }
}

const span = (start: Vpn, end: Vpn): string => `[${start - A},${end - A})`;
const shortPerms = (perms: string): string => perms.replace(/p$/, '').replace(/-/g, '') || '-';

/** In a word: `ok`, `@4` (an address, in pages from A), an errno, or a signal and its page. */
export function outcome({ op, result }: OpRecord): string {
  switch (result.kind) {
    case 'errno':
      return result.errno;
    case 'signal':
      return `${result.signal} @${Number(result.at / 4096n) - A}`;
    case 'value':
      return op.name === 'mmap' || op.name === 'mremap' ? `@${Number(result.value / 4096n) - A}` : 'ok';
  }
}

export const errnoOf = (record: OpRecord): Errno | null => (record.result.kind === 'errno' ? record.result.errno : null);
export const checkOf = (record: OpRecord): string | null => (record.result.kind === 'errno' ? record.result.refusal.check : null);
export const valueOf = (record: OpRecord): bigint | null => (record.result.kind === 'value' ? record.result.value : null);
