/**
 * Memory as a program sees it, and nothing of how a kernel keeps it: a page is a few bytes, a mapping
 * says which page is where, a file is pages that many may see. It takes the model's word for which
 * call succeeds and where a mapping went, and for nothing else.
 */
import { MADV, MAP, MREMAP, type AddressSpace, type Op, type OpRecord } from '../../machine/index.js';

const PAGE = 4096;
/** The bytes of each page that are looked at: its first word, and where stores begin and end. */
export const SAMPLES = [0, 1, 7, 8, 2048, 4095] as const;
type Cell = number[];

const zeroes = (): Cell => SAMPLES.map(() => 0);

class File {
  private readonly cells = new Map<number, Cell>();

  constructor(public size: number) {}

  /** Undefined beyond the end. */
  at(offset: number): Cell | undefined {
    if (offset >= this.size) return undefined;
    let cell = this.cells.get(offset);
    if (cell === undefined) this.cells.set(offset, (cell = zeroes()));
    return cell;
  }

  drop(from: number, to: number): void {
    for (const offset of this.cells.keys()) if (offset >= from && offset < to) this.cells.delete(offset);
  }
}

/** What is at a page: memory of one's own, or a page of a file, with the copy that a private mapping made of it. */
interface Place {
  readonly file: File | null;
  readonly offset: number;
  readonly shared: boolean;
  own: Cell | null;
}

type Memory = Map<number, Place>;

export class Bytes {
  private memory: Memory = new Map();
  private readonly files = new Map<number, File>();
  private readonly byObject = new Map<number, File>();

  /** What a load would find at a page: undefined where nothing is known, or nothing is there. */
  seen(page: number): Cell | undefined {
    const place = this.memory.get(page);
    if (place === undefined) return undefined;
    if (place.own !== null) return place.own;
    return place.file === null ? zeroes() : place.file.at(place.offset);
  }

  /** A page of a file that was copied before anybody stored to it (populated, or locked) is as the file was then. */
  copied(page: number): void {
    const place = this.memory.get(page);
    if (place !== undefined && place.file !== null && !place.shared && place.own === null) place.own = [...(place.file.at(place.offset) ?? zeroes())];
  }

  /** Pages whose contents would be lost with them. */
  *precious(): Generator<number> {
    for (const [page, { own }] of this.memory) if (own?.some((byte) => byte !== 0) === true) yield page;
  }

  apply(record: OpRecord): void {
    const { op, result, before, after } = record;
    const done = result.kind === 'value';
    switch (op.name) {
      case 'mmap':
        if (done) this.map(op, Number(result.value) / PAGE, after);
        break;
      case 'munmap':
        break;
      case 'mremap':
        if (done) this.move(op, Number(result.value) / PAGE, before);
        else this.relearn(after, [op.old_address, op.old_size], ...((op.flags & MREMAP.MREMAP_FIXED) !== 0 ? [[op.new_address, op.new_size] as const] : []));
        break;
      case 'store_words': {
        const count = result.kind === 'value' ? Number(result.value) : result.kind === 'signal' ? Number(result.done) : 0;
        for (let i = 0; i < count; i++) {
          for (let b = 0; b < 8; b++) this.store(op.addr + BigInt(i) * op.stride + BigInt(b), Number(((op.value + BigInt(i)) >> BigInt(8 * b)) & 0xffn));
        }
        break;
      }
      case 'memset':
      case 'poke': {
        const length = op.name === 'poke' ? (done ? 1n : 0n) : result.kind === 'value' ? op.length : result.kind === 'signal' ? result.done : 0n;
        this.fill(op.addr, op.addr + length, op.byte);
        break;
      }
      case 'madvise':
        this.advise(op, before, after);
        break;
      case 'memfd': {
        const file = new File(Number(op.size) / PAGE);
        for (let i = 0; op.word !== undefined && i < file.size; i++) word(file.at(i) ?? [], op.word + BigInt(i));
        if (done) this.files.set(Number(result.value), file);
        break;
      }
      case 'ftruncate':
        if (done) this.truncate(this.files.get(op.fd), op.length);
        break;
      case 'close':
        if (done) this.files.delete(op.fd);
        break;
      case 'fork':
        if (op.follow === 'child') this.fork(before, after);
        break;
      default:
        break;
    }
    // What is no longer mapped is gone; what grew, or the heap, begins as zeroes.
    for (const page of this.memory.keys()) if (after.vmaAt(page) === undefined) this.memory.delete(page);
  }

  private map(op: Op & { name: 'mmap' }, start: number, after: AddressSpace): void {
    const pages = Math.ceil(Number(op.length) / PAGE);
    const shared = (op.flags & 0x0f) === MAP.MAP_SHARED;
    const file = (op.flags & MAP.MAP_ANONYMOUS) !== 0 ? (shared ? new File(pages) : null) : (this.files.get(op.fd) ?? null);
    const object = after.vmaAt(start)?.object ?? null;
    if (file !== null && object !== null) this.byObject.set(object, file);
    for (let i = 0; i < pages; i++) this.memory.set(start + i, { file, offset: Number(op.offset) / PAGE + i, shared, own: null });
  }

  private move(op: Op & { name: 'mremap' }, to: number, before: AddressSpace): void {
    const from = Number(op.old_address) / PAGE;
    const [oldPages, newPages] = [Number(op.old_size) / PAGE, Number(op.new_size) / PAGE];
    if ((op.flags & MREMAP.MREMAP_FIXED) === 0 && oldPages === newPages && to === from) return;
    const first = this.memory.get(from);
    const taken = new Map<number, Place>();
    for (let i = 0; i < Math.min(oldPages, newPages); i++) {
      const place = this.memory.get(from + i);
      if (place !== undefined) taken.set(to + i, place);
    }
    if (to !== from) {
      for (let i = 0; i < oldPages; i++) {
        const place = this.memory.get(from + i);
        // DONTUNMAP leaves the mapping without what it held.
        if ((op.flags & MREMAP.MREMAP_DONTUNMAP) !== 0 && place !== undefined) this.memory.set(from + i, { ...place, own: null });
        else this.memory.delete(from + i);
      }
      // One that moves to a smaller size loses its tail, and a hole of the source leaves the destination alone.
      for (let i = 0; i < newPages; i++) if (oldPages !== newPages || before.vmaAt(from + i) !== undefined) this.memory.delete(to + i);
    }
    for (const [page, place] of taken) this.memory.set(page, place);
    // What is new follows on, in a file too.
    for (let i = Math.min(oldPages, newPages); i < newPages; i++) {
      if (first !== undefined) this.memory.set(to + i, { ...first, offset: first.offset + i, own: null });
    }
  }

  private fill(from: bigint, to: bigint, byte: number): void {
    for (let page = Number(from / BigInt(PAGE)); page * PAGE < Number(to); page++) {
      for (const offset of SAMPLES) {
        const at = BigInt(page * PAGE + offset);
        if (at >= from && at < to) this.store(at, byte);
      }
    }
  }

  private store(at: bigint, byte: number): void {
    const page = Number(at / BigInt(PAGE));
    let place = this.memory.get(page);
    // A stack that grew, or the heap.
    if (place === undefined) this.memory.set(page, (place = { file: null, offset: 0, shared: false, own: null }));
    if (!place.shared && place.own === null) place.own = [...(place.file?.at(place.offset) ?? zeroes())];
    const cell = place.shared ? place.file?.at(place.offset) : place.own;
    const sample = SAMPLES.indexOf(Number(at % BigInt(PAGE)) as (typeof SAMPLES)[number]);
    if (cell !== undefined && cell !== null && sample >= 0) cell[sample] = byte;
  }

  private advise(op: Op & { name: 'madvise' }, before: AddressSpace, after: AddressSpace): void {
    const drops: readonly number[] = [MADV.MADV_DONTNEED, MADV.MADV_DONTNEED_LOCKED, MADV.MADV_GUARD_INSTALL];
    if (!drops.includes(op.advice) && op.advice !== MADV.MADV_REMOVE) return;
    const start = Number(op.addr) / PAGE;
    const end = start + Math.ceil(Number(op.length) / PAGE);
    if (op.advice !== MADV.MADV_REMOVE) {
      // It stops where it must: whether a page went is the model's to say, that no other changed is not.
      for (let page = start; page < end; page++) {
        const place = this.memory.get(page);
        if (place !== undefined && !isPresent(after, page)) place.own = null;
      }
      return;
    }
    for (const vma of before.vmas(start, end)) {
      for (let page = Math.max(start, vma.start); page < Math.min(end, vma.end); page++) {
        const place = this.memory.get(page);
        if (!vma.vmFlags.split(' ').includes('sh') || vma.vmFlags.split(' ').includes('lo')) return;
        place?.file?.drop(place.offset, place.offset + 1);
      }
    }
  }

  private truncate(file: File | undefined, length: bigint): void {
    if (file === undefined) return;
    const pages = Math.ceil(Number(length) / PAGE);
    const rest = Number(length) % PAGE;
    if (rest !== 0 && pages <= file.size) SAMPLES.forEach((offset, i) => offset >= rest && ((file.at(pages - 1) ?? [])[i] = 0));
    if (pages < file.size) {
      file.drop(pages, file.size);
      for (const place of this.memory.values()) if (place.file === file && place.offset >= pages) place.own = null;
    }
    file.size = pages;
  }

  private fork(before: AddressSpace, after: AddressSpace): void {
    const child: Memory = new Map();
    for (const [page, place] of this.memory) {
      const wiped = before.vmaAt(page)?.vmFlags.split(' ').includes('wf') === true;
      if (after.vmaAt(page) !== undefined) child.set(page, { ...place, own: wiped || place.own === null ? null : [...place.own] });
    }
    this.memory = child;
  }

  /** A call that failed halfway: which mapping is where, and what private pages hold, is taken as found. */
  private relearn(after: AddressSpace, ...ranges: (readonly [bigint, bigint])[]): void {
    for (const [addr, size] of ranges) {
      const start = Number(addr / BigInt(PAGE));
      for (let page = start; page < start + Number(size) / PAGE; page++) {
        this.memory.delete(page);
        const vma = after.vmaAt(page);
        if (vma === undefined) continue;
        const file = vma.object === null ? null : (this.byObject.get(vma.object) ?? null);
        const shared = vma.vmFlags.split(' ').includes('sh');
        const [run] = [...after.pages(page, page + 1)];
        const own = !shared && (run?.kind === 'a' || run?.kind === 'A');
        this.memory.set(page, { file, offset: vma.pgoff + (page - vma.start), shared, own: own ? SAMPLES.map((offset) => after.byteAt(BigInt(page * PAGE + offset)) ?? 0) : null });
      }
    }
  }
}

const isPresent = (space: AddressSpace, page: number): boolean => space.byteAt(BigInt(page * PAGE)) !== undefined;

function word(cell: Cell, value: bigint): void {
  SAMPLES.forEach((offset, i) => {
    if (offset < 8) cell[i] = Number((value >> BigInt(8 * offset)) & 0xffn);
  });
}
