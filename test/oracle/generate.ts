/**
 * Random programs for the recorder: a seed and a profile give one scenario line,
 * `id|note|op arg arg;op arg;...`, always the same one. Each profile leans on other rules of the
 * kernel. Programs mostly use what they have mapped and cut it at the ends of what is there: calls
 * on empty addresses find nothing out.
 */

/** What can be done in a program, by weight. */
type Weights = Readonly<Partial<Record<OpName, number>>>;
type OpName = keyof typeof OPS;

export interface Profile {
  readonly steps: readonly [number, number];
  readonly ops: Weights;
  /** Pages that a new mapping is long, and by which ranges are cut. */
  readonly lengths: readonly number[];
  readonly cuts: readonly number[];
  /** Start pages of new mappings, from A. */
  readonly places: readonly number[];
  /** How far from a place a mapping may start, in pages. */
  readonly scatter: readonly number[];
  readonly prots?: readonly string[];
  readonly advice?: readonly string[];
  /** Added to MAP flags now and then. */
  readonly extras?: readonly string[];
  /** How mappings are placed: FIXED, FIXED_NOREPLACE, by a hint, or freely. */
  readonly placing?: readonly Placing[];
  /** Chance that a mapping is shared anonymous memory, or a file. */
  readonly shared?: number;
  readonly files?: number;
  /** Chance that an address or a length is not a multiple of a page. */
  readonly odd?: number;
  readonly strides?: readonly number[];
}

type Placing = 'fixed' | 'noreplace' | 'hint' | 'free';

const PMD = 512;
const PUD = 512 * 512;
const PAGE = 4096;

/** mulberry32 */
class Random {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From 0 up to, not including, n. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(p: number): boolean {
    return this.next() < p;
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined && items.length === 0) throw new RangeError('nothing to pick from');
    return item as T;
  }

  weighted<K extends string>(weights: Readonly<Partial<Record<K, number>>>): K {
    const entries = Object.entries(weights) as [K, number][];
    let at = this.next() * entries.reduce((sum, [, w]) => sum + w, 0);
    for (const [key, w] of entries) {
      at -= w;
      if (at < 0) return key;
    }
    return (entries[0] as [K, number])[0];
  }
}

/** An address as the recorder writes it: A, T or the result of an earlier step, and pages from there. */
interface Place {
  readonly base: string;
  readonly page: number;
}

interface Range extends Place {
  readonly pages: number;
  readonly prot?: string;
}

/** What a program believes to be mapped; the kernel may see it otherwise. */
class Program {
  readonly ops: string[] = [];
  readonly ranges: Range[] = [];
  /** Where a range was before it moved. */
  readonly origins: { from: Range; now: Range }[] = [];
  readonly files: { name: string; pages: number }[] = [];
  children = 0;
  forks = 0;
  followed = 0;
  tag = 0x1000;
  watched = false;

  constructor(
    readonly random: Random,
    readonly profile: Profile,
  ) {}

  add(range: Range): void {
    this.remove(range);
    this.ranges.push(range);
    if (this.ranges.length > 9) this.ranges.splice(this.random.below(this.ranges.length - 1), 1);
  }

  /** Nothing of the range is mapped any more, or something else is. */
  remove({ base, page, pages }: Range): void {
    for (let i = this.ranges.length - 1; i >= 0; i--) {
      const r = this.ranges[i] as Range;
      const end = r.page + r.pages;
      if (r.base !== base || r.page >= page + pages || end <= page) continue;
      const rest = [
        { ...r, pages: page - r.page },
        { ...r, page: page + pages, pages: end - page - pages },
      ].filter((part) => part.pages > 0);
      this.ranges.splice(i, 1, ...rest);
    }
  }

  /** The range has another protection from now on. */
  protect(range: Range, prot: string): void {
    const hit = this.ranges.some((r) => r.base === range.base && r.page <= range.page && r.page + r.pages >= range.page + range.pages);
    if (hit) this.add({ ...range, prot });
  }

  /** Somewhere in the profile's windows. */
  place(): Place {
    const { random, profile } = this;
    return { base: 'A', page: random.pick(profile.places) + random.pick(profile.scatter) };
  }

  length(): number {
    return this.random.pick(this.profile.lengths);
  }

  known(prot = ''): Range {
    const { random } = this;
    const fit = prot === '' || random.chance(0.1) ? this.ranges : this.ranges.filter((r) => r.prot?.includes(prot) ?? true);
    if (fit.length === 0 || random.chance(0.04)) return { ...this.place(), pages: this.length() };
    // The latest is the most interesting.
    return random.chance(0.4) ? (fit.at(-1) as Range) : random.pick(fit);
  }

  /** A part of something mapped: whole, its head, its tail, from inside, or over its end. */
  part(prot = ''): Range {
    const { random, profile } = this;
    const whole = this.known(prot);
    const cut = random.pick(profile.cuts);
    const second = random.pick(profile.cuts);
    switch (random.weighted({ whole: 8, head: 3, tail: 4, middle: 4, over: 1, before: 0.5, span: 1.2 })) {
      case 'whole':
        return whole;
      case 'head':
        return { ...whole, pages: Math.max(1, cut < whole.pages ? cut : whole.pages - cut) };
      case 'tail': {
        const n = Math.max(1, Math.min(cut, whole.pages));
        return { ...whole, page: whole.page + whole.pages - n, pages: n };
      }
      case 'middle': {
        const from = Math.min(cut, whole.pages - 1);
        return { ...whole, page: whole.page + from, pages: Math.max(1, Math.min(second, whole.pages - from)) };
      }
      case 'over':
        return { ...whole, pages: whole.pages + cut };
      case 'before':
        return { ...whole, page: whole.page - cut, pages: cut + Math.min(second, whole.pages) };
      case 'span': {
        // Up to the end of something else that is mapped.
        const other = this.known();
        if (other.base !== whole.base) return whole;
        const page = Math.min(whole.page, other.page);
        const end = Math.max(whole.page + whole.pages, other.page + other.pages);
        return end - page > 8 * Math.max(...profile.lengths) ? whole : { base: whole.base, page, pages: end - page };
      }
    }
  }

  address({ base, page }: Place): string {
    const { random, profile } = this;
    const odd = random.chance((profile.odd ?? 0) / 3) ? random.pick([1, 8, 0x800, 0xfff, 0x1001]) : 0;
    const bytes = page * PAGE + odd;
    if (base === '') return `0x${Math.max(0, bytes).toString(16)}`;
    return bytes === 0 && base !== 'A' ? base : `${base}${bytes < 0 ? '-' : '+'}0x${Math.abs(bytes).toString(16)}`;
  }

  bytes(pages: number): string {
    const { random, profile } = this;
    const odd = random.chance(profile.odd ?? 0) ? random.pick([-0xfff, -0x800, -1, 1, 0x800]) : 0;
    return `0x${Math.max(0, pages * PAGE + odd).toString(16)}`;
  }

  emit(...words: readonly string[]): void {
    this.ops.push(words.join(' '));
  }

  /** What the step emitted last returned. */
  lastResult(): string {
    return `R${this.ops.length - 1}`;
  }
}

const PROTS = ['rw', 'rw', 'rw', 'rw', 'rw', 'rw', 'r', 'r', '-', '-', 'rwx', 'rx', 'w'];
const PLAIN_ADVICE = ['NORMAL', 'RANDOM', 'SEQUENTIAL', 'DONTNEED', 'DONTNEED', 'FREE', 'COLD', 'DONTFORK', 'DOFORK', 'WIPEONFORK', 'KEEPONFORK', 'DONTDUMP', 'DODUMP', 'WILLNEED', 'POPULATE_READ', 'POPULATE_WRITE', 'DONTNEED_LOCKED', 'PAGEOUT', 'NOHUGEPAGE'];
const GUARDS = ['GUARD_INSTALL', 'GUARD_INSTALL', 'GUARD_INSTALL', 'GUARD_REMOVE'];

function mmap(p: Program): void {
  const { random, profile } = p;
  const prot = random.pick(profile.prots ?? PROTS);
  const placing = random.pick(profile.placing ?? ['fixed']);
  const kind = random.chance(profile.shared ?? 0.1) ? 'SHARED|ANON' : random.chance(profile.files ?? 0) ? 'file' : 'PRIVATE|ANON';
  let pages = p.length();
  const file = kind === 'file' ? fileFor(p) : null;
  const flags = [file === null ? kind : random.chance(0.5) ? 'SHARED' : 'PRIVATE'];
  if (random.chance(0.25)) flags.push(...(profile.extras === undefined ? [] : [random.pick(profile.extras)]));
  if (placing === 'fixed') flags.push('FIXED');
  if (placing === 'noreplace') flags.push('FIXED_NOREPLACE');
  let at: Place = nextTo(p, pages);
  if (placing === 'free') at = { base: '', page: 0 };
  const offset = file === null ? 0 : random.chance(0.5) ? 0 : random.below(file.pages + 2);
  if (file !== null && random.chance(0.5)) pages = Math.max(1, file.pages - offset);
  p.emit('mmap', p.address(at), p.bytes(pages), prot, flags.join('|'), ...(file === null ? [] : [file.name, `0x${(offset * PAGE).toString(16)}`]));
  p.add(placing === 'fixed' || placing === 'noreplace' ? { ...at, pages, prot } : { base: p.lastResult(), page: 0, pages, prot });
}

/** Right above, right below or over something mapped, or anywhere. */
function nextTo(p: Program, pages: number): Place {
  const { random, profile } = p;
  const near = p.known();
  switch (random.weighted({ anywhere: 5, above: 3, below: 2, over: 2, gap: 1 })) {
    case 'anywhere':
      return p.place();
    case 'above':
      return { base: near.base, page: near.page + near.pages };
    case 'below':
      return { base: near.base, page: near.page - pages };
    case 'over':
      return { base: near.base, page: near.page + random.pick(profile.cuts) };
    case 'gap':
      return { base: near.base, page: near.page + near.pages + random.pick(profile.cuts) };
  }
}

function fileFor(p: Program): { name: string; pages: number } {
  const { random } = p;
  if (p.files.length > 0 && (p.files.length > 2 || random.chance(0.7))) return random.pick(p.files);
  const name = `f${p.files.length}`;
  const pages = Math.min(p.length(), 600) + random.below(3);
  const tagged = random.chance(0.7);
  const odd = random.chance(p.profile.odd ?? 0) ? random.pick([1, 8, 0x800, 0xfff]) : 0;
  p.emit('memfd', name, `0x${(pages * PAGE + odd).toString(16)}`, ...(tagged ? [`0x${(0x500 + 0x10000 * p.files.length).toString(16)}`] : []));
  const file = { name, pages };
  p.files.push(file);
  return file;
}

function munmap(p: Program): void {
  const part = p.part();
  p.emit('munmap', p.address(part), p.bytes(part.pages));
  p.remove(part);
}

function mprotect(p: Program): void {
  const part = p.part();
  const prot = p.random.pick(p.profile.prots ?? PROTS);
  p.emit('mprotect', p.address(part), p.bytes(part.pages), prot);
  p.protect(part, prot);
}

function madvise(p: Program): void {
  const part = p.part();
  p.emit('madvise', p.address(part), p.bytes(part.pages), p.random.pick(p.profile.advice ?? PLAIN_ADVICE));
}

function guard(p: Program): void {
  const part = p.part();
  p.emit('madvise', p.address(part), p.bytes(part.pages), p.random.pick(GUARDS));
}

function discard(p: Program): void {
  const part = p.part();
  p.emit('madvise', p.address(part), p.bytes(part.pages), p.random.pick(['DONTNEED', 'DONTNEED', 'DONTNEED_LOCKED', 'FREE', 'REMOVE']));
}

function lock(p: Program): void {
  const part = p.part();
  switch (p.random.weighted({ mlock: 4, mlock2: 3, munlock: 3 })) {
    case 'mlock':
      p.emit('mlock', p.address(part), p.bytes(part.pages));
      break;
    case 'mlock2':
      p.emit('mlock2', p.address(part), p.bytes(part.pages), p.random.pick(['0', '1', '1']));
      break;
    case 'munlock':
      p.emit('munlock', p.address(part), p.bytes(part.pages));
      break;
  }
}

function mseal(p: Program): void {
  const part = p.part();
  p.emit('mseal', p.address(part), p.bytes(part.pages));
}

function mremap(p: Program): void {
  const { random, profile } = p;
  const part = random.chance(0.45) ? p.known() : p.part();
  const other = random.pick(profile.cuts);
  const resized = random.weighted({ same: 6, grow: 4, shrink: 3, none: 0.3 });
  const newPages = resized === 'same' ? part.pages : resized === 'grow' ? part.pages + other : Math.max(1, part.pages - other);
  const oldPages = resized === 'none' ? 0 : part.pages;
  const form = random.weighted({ fixed: 8, dontunmap: 2, fixedDontunmap: 3, maymove: 4, inPlace: 3, back: 3 });
  if (form === 'back' && p.origins.length > 0) {
    const { from, now } = random.pick(p.origins);
    p.emit('mremap', p.address(now), p.bytes(now.pages), p.bytes(now.pages), random.chance(0.8) ? 'MAYMOVE|FIXED' : 'MAYMOVE|FIXED|DONTUNMAP', p.address(from));
    p.remove(now);
    p.add({ ...now, ...from });
    return;
  }
  const old = p.address(part);
  switch (form) {
    case 'inPlace':
      p.emit('mremap', old, p.bytes(oldPages), p.bytes(newPages), '0');
      p.remove(part);
      p.add({ ...part, pages: newPages });
      return;
    case 'maymove':
      p.emit('mremap', old, p.bytes(oldPages), p.bytes(newPages), 'MAYMOVE');
      if (oldPages > 0) p.remove(part);
      p.add({ ...part, base: p.lastResult(), page: 0, pages: newPages });
      return;
    case 'dontunmap':
      p.emit('mremap', old, p.bytes(part.pages), p.bytes(part.pages), 'MAYMOVE|DONTUNMAP', ...(random.chance(0.6) ? [p.address(nextTo(p, part.pages))] : []));
      p.add({ ...part, base: p.lastResult(), page: 0, pages: part.pages });
      return;
    default: {
      const keeps = form === 'fixedDontunmap';
      const pages = keeps ? part.pages : newPages;
      const to = nextTo(p, pages);
      // Mutually aligned as often as not.
      const aligned = random.chance(0.4) && to.base === part.base ? { base: to.base, page: to.page - (((to.page - part.page) % PMD) + PMD) % PMD } : to;
      p.emit('mremap', old, p.bytes(keeps ? pages : oldPages), p.bytes(pages), keeps ? 'MAYMOVE|FIXED|DONTUNMAP' : 'MAYMOVE|FIXED', p.address(aligned));
      const now = { ...part, ...aligned, pages };
      if (!keeps && oldPages > 0) p.remove(part);
      p.origins.push({ from: part, now });
      p.add(now);
    }
  }
}

/** Calls that no sane program makes. */
function wild(p: Program): void {
  const { random } = p;
  const part = p.part();
  const huge = (): string => random.pick(['0x0', '0x1', '0x7ffffffff000', '0x800000000000', '0xfffffffffffff000', '0xffffffffffffffff', '0x8000000000000000', '0x7fffffffffffffff']);
  const anyAddress = (): string => random.pick(['0x0', '0x1000', '0xf000', 'A+0x0', 'T-0x40000', '0x7ffffffff000', '0xfffffffffffff000', p.address(part), p.address(nextTo(p, 1))]);
  const anyLength = (): string => (random.chance(0.5) ? p.bytes(part.pages) : huge());
  switch (random.weighted({ mremap: 6, mmap: 2, munmap: 1, mprotect: 1, madvise: 1, mlock: 1, mseal: 1 })) {
    case 'mremap':
      p.emit('mremap', random.chance(0.7) ? p.address(part) : anyAddress(), anyLength(), anyLength(), random.pick(['0', 'MAYMOVE', 'MAYMOVE|FIXED', 'MAYMOVE|DONTUNMAP', 'MAYMOVE|FIXED|DONTUNMAP', 'FIXED', 'DONTUNMAP', '8', 'FIXED|DONTUNMAP']), anyAddress());
      break;
    case 'mmap':
      // A huge one that fits would replace the recorder's own memory.
      p.emit('mmap', anyAddress(), random.chance(0.7) ? p.bytes(part.pages) : huge().replace('0x7ffffffff000', '0x800000000000'), 'r', random.pick(['PRIVATE|ANON|FIXED', 'PRIVATE|ANON|FIXED_NOREPLACE', 'SHARED|ANON', 'PRIVATE|ANON', 'SHARED|ANON|GROWSDOWN', 'ANON', 'SHARED_VALIDATE|ANON', 'PRIVATE|SHARED|ANON']));
      break;
    case 'munmap':
      p.emit('munmap', p.address(part), anyLength());
      break;
    case 'mprotect':
      p.emit('mprotect', p.address(part), random.chance(0.5) ? p.bytes(part.pages) : random.pick(['0x0', '0xfffffffffffff000', '0xffffffffffffffff']), 'r');
      break;
    case 'madvise':
      p.emit('madvise', p.address(part), random.pick(['0x0', '0xfffffffffffff000', '0xffffffffffffffff']), random.pick([...PLAIN_ADVICE, ...GUARDS]));
      break;
    case 'mlock':
      p.emit(random.pick(['mlock', 'munlock']), p.address(part), random.pick(['0x0', '0x1', '0xfffffffffffff000', '0xffffffffffffffff']));
      break;
    case 'mseal':
      p.emit('mseal', p.address(part), random.pick(['0x0', '0xfffffffffffff000', '0xffffffffffffffff']));
      break;
  }
}

/** Not more accesses than this in a step: a page is memory, and every one is read back. */
const MOST_ACCESSES = 600;

function access(p: Program, write: boolean): void {
  const { random, profile } = p;
  const part = p.part(write ? 'w' : 'r');
  const length = part.pages * PAGE;
  const stride = Math.max(random.pick(profile.strides ?? [PAGE]), Math.ceil(length / MOST_ACCESSES / PAGE) * (length / PAGE > MOST_ACCESSES ? PAGE : 1));
  const strided = stride === PAGE ? [] : [`0x${stride.toString(16)}`];
  if (write) {
    p.emit('write', p.address(part), p.bytes(part.pages), `0x${p.tag.toString(16)}`, ...strided);
    p.tag += 0x1000;
  } else {
    p.emit('read', p.address(part), p.bytes(part.pages), ...strided);
  }
}

function truncate(p: Program): void {
  const { random } = p;
  if (p.files.length === 0) return mmap(p);
  const i = random.below(p.files.length);
  const file = p.files[i] as { name: string; pages: number };
  const pages = random.weighted({ less: 5, more: 4, nothing: 1 });
  const to = pages === 'nothing' ? 0 : pages === 'less' ? random.below(file.pages + 1) : file.pages + random.pick(p.profile.cuts);
  const odd = random.chance(0.2) && to > 0 ? -random.pick([1, 8, 0x800, 0xff8]) : 0;
  p.emit('ftruncate', file.name, `0x${(to * PAGE + odd).toString(16)}`);
  p.files[i] = { ...file, pages: to };
}

function fork(p: Program): void {
  const { random } = p;
  switch (random.weighted({ fork: 5, forkchild: 3, reap: p.children > 0 ? 4 : 0 })) {
    case 'fork':
      if (p.forks >= 3) return access(p, true);
      p.children = 1;
      p.forks += 1;
      p.emit('fork');
      break;
    case 'forkchild':
      if (p.followed >= 2) return access(p, true);
      p.followed += 1;
      p.children = 0;
      p.emit('forkchild');
      break;
    case 'reap':
      // Only the latest child is anybody's to reap.
      p.children = 0;
      p.emit('reap');
      break;
  }
}

function limit(p: Program): void {
  const { random, profile } = p;
  const room = (): string => `+0x${(random.pick([0, 1, 2, 3, ...profile.cuts]) * PAGE + (random.chance(0.2) ? 0x800 : 0)).toString(16)}`;
  switch (random.weighted({ AS: 4, DATA: 4, MEMLOCK: 4, STACK: 1, IPC_LOCK: 4, free: 2 })) {
    case 'AS':
      p.emit('rlimit', 'AS', room());
      break;
    case 'DATA':
      p.emit('rlimit', 'DATA', room());
      break;
    case 'MEMLOCK':
      p.emit('rlimit', 'MEMLOCK', random.chance(0.15) ? '0x0' : room());
      break;
    case 'STACK':
      p.emit('rlimit', 'STACK', `0x${(random.pick([1, 4, 16, 64, 300, 2048]) * PAGE).toString(16)}`);
      break;
    case 'IPC_LOCK':
      p.emit('dropcap', random.chance(0.85) ? 'IPC_LOCK' : 'SYS_RAWIO');
      break;
    case 'free':
      p.emit('rlimit', random.pick(['AS', 'DATA']), '0x1000000000000');
      break;
  }
}

/** Below something that may grow down. */
function stackAccess(p: Program): void {
  const { random } = p;
  const known = p.known();
  const down = random.pick([1, 2, 3, 8, 40, 255, 256, 257, 300, 600, 2100]);
  const at = { base: known.base, page: known.page - down };
  if (random.chance(0.7)) {
    p.emit('write', p.address(at), '0x1000', `0x${p.tag.toString(16)}`);
    p.tag += 0x1000;
  } else {
    p.emit('read', p.address(at), '0x1000');
  }
}

/** A userfaultfd over parts of what is mapped. */
function uffd(p: Program): void {
  const { random } = p;
  if (!p.watched) {
    p.watched = true;
    p.emit('uffd', random.pick(['0', 'EVENT_REMAP', 'EVENT_UNMAP', 'EVENT_REMOVE', 'EVENT_REMAP|EVENT_UNMAP|EVENT_REMOVE', 'PAGEFAULT_FLAG_WP', 'PAGEFAULT_FLAG_WP|EVENT_REMAP']));
  }
  const part = p.part();
  switch (random.weighted({ register: 6, unregister: 2, protect: 2, close: 0.5 })) {
    case 'register':
      p.emit('uffdreg', p.address(part), p.bytes(part.pages), random.pick(['MISSING', 'MISSING', 'WP']));
      break;
    case 'unregister':
      p.emit('uffdunreg', p.address(part), p.bytes(part.pages));
      break;
    case 'protect':
      p.emit('uffdwp', p.address(part), p.bytes(part.pages), random.pick(['0', '1', '1']));
      break;
    case 'close':
      p.watched = false;
      p.emit('uffdclose');
      break;
  }
}

const OPS = {
  mmap,
  munmap,
  mprotect,
  madvise,
  guard,
  discard,
  lock,
  mseal,
  mremap,
  wild,
  read: (p: Program) => access(p, false),
  write: (p: Program) => access(p, true),
  truncate,
  fork,
  limit,
  stackAccess,
  uffd,
} as const satisfies Record<string, (p: Program) => void>;

/** The last pages of a PMD and the first of the next one; the second pair is across a PUD, the third shares the first one's offsets. */
const DENSE = { places: [0x1f0, 0x1f4, 0x1f8, 0x1fc, 0x200, 0x204, 0x208, -0x10, -8, 0x3f0, 0x3f8, 0x400], scatter: [0, 0, 0, 1, 2, 3, 4, 6], lengths: [1, 2, 3, 4, 4, 6, 8, 8, 12, 16], cuts: [1, 1, 2, 2, 3, 4, 5, 8] } as const;
const SMALL: Pick<Profile, 'steps'> = { steps: [8, 24] };
const FREELY: readonly Placing[] = ['fixed', 'fixed', 'fixed', 'noreplace', 'hint', 'free'];

export const PROFILES: Readonly<Record<string, Profile>> = {
  /** VMAs and their merges. */
  dense: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 10, munmap: 4, mprotect: 6, madvise: 6, lock: 2, mremap: 14, read: 3, write: 9, fork: 1 },
    placing: FREELY,
    extras: ['NORESERVE', 'LOCKED', 'POPULATE', 'STACK', 'NORESERVE|POPULATE'],
    shared: 0.12,
    files: 0.1,
    odd: 0.05,
  },
  locks: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 8, munmap: 2, mprotect: 4, madvise: 4, lock: 9, mremap: 10, read: 2, write: 4, fork: 1, limit: 3, truncate: 1 },
    advice: ['DONTNEED', 'DONTNEED_LOCKED', 'FREE', 'COLD', 'POPULATE_READ', 'POPULATE_WRITE', 'GUARD_INSTALL', 'WIPEONFORK', 'NORMAL', 'RANDOM'],
    placing: ['fixed', 'fixed', 'free'],
    extras: ['LOCKED', 'LOCKED', 'LOCKED|POPULATE', 'NORESERVE'],
    shared: 0.15,
    files: 0.15,
    odd: 0.05,
  },
  limits: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 10, munmap: 3, mprotect: 5, lock: 3, mremap: 12, write: 4, limit: 8, stackAccess: 1, fork: 1 },
    placing: ['fixed', 'fixed', 'fixed', 'free'],
    extras: ['LOCKED', 'NORESERVE', 'GROWSDOWN'],
    shared: 0.15,
    files: 0.05,
  },
  guards: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 8, munmap: 3, mprotect: 4, madvise: 4, guard: 10, discard: 3, lock: 2, mremap: 10, read: 3, write: 7, fork: 2, mseal: 1 },
    shared: 0.15,
    files: 0.15,
    extras: ['LOCKED', 'POPULATE'],
  },
  seals: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 9, munmap: 4, mprotect: 5, madvise: 6, guard: 2, discard: 3, lock: 3, mseal: 6, mremap: 12, read: 2, write: 5, fork: 2 },
    advice: [...PLAIN_ADVICE, 'REMOVE', 'GUARD_INSTALL'],
    shared: 0.15,
    files: 0.15,
    odd: 0.05,
  },
  files: {
    ...DENSE,
    ...SMALL,
    lengths: [1, 2, 4, 8, 16, 17, 20, 33, 40],
    cuts: [1, 2, 3, 4, 8, 15, 16, 17],
    ops: { mmap: 9, munmap: 2, mprotect: 3, madvise: 4, discard: 4, lock: 2, mremap: 10, read: 8, write: 8, truncate: 6, fork: 2 },
    placing: ['fixed', 'fixed', 'fixed', 'noreplace', 'hint', 'free'],
    extras: ['POPULATE', 'LOCKED', 'NORESERVE'],
    shared: 0.2,
    files: 0.75,
    odd: 0.08,
    strides: [PAGE, PAGE, PAGE, 0x3000, 0x808, 0x10000],
  },
  forks: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 7, munmap: 3, mprotect: 4, madvise: 5, guard: 1, lock: 1, mremap: 12, read: 2, write: 9, fork: 7, truncate: 1 },
    advice: ['DONTFORK', 'DOFORK', 'WIPEONFORK', 'KEEPONFORK', 'DONTNEED', 'FREE', 'POPULATE_WRITE', 'POPULATE_READ'],
    shared: 0.1,
    files: 0.15,
  },
  /** Where mappings go that nobody places. */
  placement: {
    ...DENSE,
    ...SMALL,
    lengths: [1, 2, 4, 16, 64, 256, 511, 512, 513, 1024],
    cuts: [1, 2, 4, 16, 255, 256, 257, 512],
    ops: { mmap: 14, munmap: 5, mprotect: 2, mremap: 10, write: 2, stackAccess: 2, madvise: 1 },
    placing: ['free', 'free', 'free', 'hint', 'hint', 'noreplace', 'fixed'],
    extras: ['GROWSDOWN', 'GROWSDOWN', 'NORESERVE', 'STACK'],
    shared: 0.15,
    files: 0.1,
    odd: 0.05,
    strides: [PAGE, 0x10000],
  },
  stacks: {
    ...DENSE,
    ...SMALL,
    places: [0x1f0, 0x200, 0x400, 0x600, 0x700, 0x800],
    ops: { mmap: 9, munmap: 3, mprotect: 4, mremap: 8, write: 4, stackAccess: 12, lock: 2, madvise: 2, fork: 1, limit: 1, guard: 1 },
    placing: ['fixed', 'fixed', 'fixed', 'fixed', 'hint', 'free'],
    extras: ['GROWSDOWN', 'GROWSDOWN', 'GROWSDOWN|LOCKED', 'GROWSDOWN|NORESERVE'],
    shared: 0.05,
    prots: ['rw', 'rw', 'rw', 'rw', 'r', '-'],
  },
  /** Page tables around PMD boundaries. */
  tables: {
    ...SMALL,
    places: [0, PMD, 2 * PMD, 3 * PMD, 4 * PMD, 6 * PMD, -PMD, -2 * PMD],
    scatter: [0, 0, 0, 1, 255, 256, 511, -1],
    lengths: [1, 255, 256, 257, 511, 512, 512, 513, 768, 1024, 1024, 1025, 1536],
    cuts: [1, 255, 256, 256, 511, 512, 512, 513, 1024],
    ops: { mmap: 10, munmap: 5, mprotect: 3, madvise: 5, guard: 1, mremap: 16, read: 3, write: 9, fork: 2, lock: 1 },
    advice: ['DONTNEED', 'DONTNEED', 'DONTNEED', 'DONTNEED_LOCKED', 'NORMAL', 'RANDOM', 'DONTFORK', 'WIPEONFORK', 'POPULATE_READ', 'POPULATE_WRITE'],
    prots: ['rw', 'rw', 'rw', 'rw', 'rw', 'r', '-'],
    shared: 0.15,
    files: 0.1,
    placing: ['fixed', 'fixed', 'fixed', 'fixed', 'free'],
    strides: [0x10000, 0x40000, 0x100000, 0x200000, 0x1ff000, 0x201000, 0xff808],
  },
  /** The same around PUD boundaries. */
  puds: {
    ...SMALL,
    places: [0, PUD, 2 * PUD, -PUD, 4 * PUD],
    scatter: [0, 0, 1, 256, PMD, -1, -PMD, PUD / 2, PUD - 1],
    lengths: [1, PMD, PMD + 1, PUD / 2, PUD - PMD, PUD - 1, PUD, PUD, PUD + 1, PUD + PMD, 2 * PUD],
    cuts: [1, 256, PMD, PUD / 2, PUD - PMD, PUD, PUD + 1],
    ops: { mmap: 10, munmap: 5, mprotect: 3, madvise: 4, mremap: 16, read: 2, write: 9, fork: 2 },
    advice: ['DONTNEED', 'DONTNEED', 'NORMAL', 'RANDOM', 'DONTFORK', 'WIPEONFORK'],
    prots: ['rw', 'rw', 'rw', 'r', '-'],
    extras: ['NORESERVE'],
    shared: 0.1,
    strides: [0x10000000, 0x3ff00000, 0x40000000, 0x8000000, 0x40001000],
  },
  /** Memory that somebody else watches. */
  watched: {
    ...DENSE,
    ...SMALL,
    lengths: [1, 2, 4, 4, 8, 8, 16],
    ops: { mmap: 7, munmap: 3, mprotect: 2, madvise: 3, mremap: 10, read: 4, write: 8, uffd: 7, lock: 1, discard: 1 },
    advice: ['DONTNEED', 'DONTNEED', 'NORMAL', 'RANDOM'],
    prots: ['rw', 'rw', 'rw', 'r'],
    shared: 0.1,
  },
  /** Huge pages. */
  huge: {
    ...SMALL,
    places: [0, PMD, 2 * PMD, 3 * PMD, 4 * PMD, 6 * PMD, -2 * PMD],
    scatter: [0, 0, 0, 0, 1, 256, 511],
    lengths: [PMD, PMD, PMD + 1, 2 * PMD, 2 * PMD, 3 * PMD, 768, 256],
    cuts: [1, 255, 256, 511, 512, 512, 513, 1024],
    ops: { mmap: 8, munmap: 4, mprotect: 4, madvise: 9, mremap: 14, read: 4, write: 9, fork: 2, lock: 1 },
    advice: ['HUGEPAGE', 'HUGEPAGE', 'HUGEPAGE', 'HUGEPAGE', 'HUGEPAGE', 'NOHUGEPAGE', 'DONTNEED', 'DONTNEED', 'COLLAPSE', 'POPULATE_READ', 'POPULATE_WRITE', 'NORMAL', 'WIPEONFORK'],
    prots: ['rw', 'rw', 'rw', 'rw', 'rw', 'rw', 'r', '-'],
    extras: ['POPULATE', 'NORESERVE', 'STACK'],
    placing: ['fixed', 'fixed', 'fixed', 'fixed', 'free'],
    shared: 0.05,
    strides: [0x10000, 0x40000, 0x100000, 0x200000, 0x1ff000],
  },
  /** Arguments that something is wrong with. */
  wild: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 7, munmap: 2, mprotect: 2, madvise: 2, lock: 1, mremap: 8, wild: 14, write: 4, read: 1, mseal: 1, limit: 1 },
    placing: FREELY,
    shared: 0.25,
    files: 0.15,
    odd: 0.25,
  },
  /** Stores of eight bytes anywhere, pages apart or not. */
  strides: {
    ...DENSE,
    ...SMALL,
    ops: { mmap: 8, munmap: 2, mprotect: 4, madvise: 2, guard: 1, mremap: 8, read: 4, write: 14, truncate: 2, fork: 2 },
    strides: [8, 0x808, 0x1008, 0x1ff8, 0xffc, 0x3000, 0x2004, 0x801],
    odd: 0.3,
    shared: 0.2,
    files: 0.25,
  },
};

/**
 * What lies above T belongs to the recorder and must be left alone. Below it goes a mapping that is
 * larger than what a program can reach over the end of one the kernel placed.
 */
function ceiling(p: Program): void {
  const pages = 8 * Math.max(...p.profile.lengths) + p.random.pick([0, 0, 1, 3, 300]);
  const size = `0x${(pages * PAGE).toString(16)}`;
  p.emit('mmap', `T-${size}`, size, '-', 'SHARED|ANON|FIXED|NORESERVE');
}

/** The scenario line of one program. */
export function generate(profile: string, seed: number): string {
  const chosen = PROFILES[profile];
  if (chosen === undefined) throw new RangeError(`no profile is called ${profile}; there are: ${Object.keys(PROFILES).join(', ')}`);
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ hash(profile));
  const program = new Program(random, chosen);
  const steps = random.between(...chosen.steps);
  ceiling(program);
  mmap(program);
  while (program.ops.length < steps) OPS[random.weighted<OpName>(chosen.ops)](program);
  return `${profile}_${seed}|seed ${seed}|${program.ops.join(';')}`;
}

/** FNV-1a: profiles with the same seed start apart. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (const c of text) h = Math.imul(h ^ c.charCodeAt(0), 0x01000193);
  return h;
}
