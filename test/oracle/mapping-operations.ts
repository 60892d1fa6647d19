/** Operations on mappings: each adds one step, on what the program believes to be mapped. */
import { PAGE, PMD } from './profile.js';
import type { Place, Program } from './program.js';

const PROTS = ['rw', 'rw', 'rw', 'rw', 'rw', 'rw', 'r', 'r', '-', '-', 'rwx', 'rx', 'w'];
export const PLAIN_ADVICE = [
  'NORMAL',
  'RANDOM',
  'SEQUENTIAL',
  'DONTNEED',
  'DONTNEED',
  'FREE',
  'COLD',
  'DONTFORK',
  'DOFORK',
  'WIPEONFORK',
  'KEEPONFORK',
  'DONTDUMP',
  'DODUMP',
  'WILLNEED',
  'POPULATE_READ',
  'POPULATE_WRITE',
  'DONTNEED_LOCKED',
  'PAGEOUT',
  'NOHUGEPAGE',
];
const GUARDS = ['GUARD_INSTALL', 'GUARD_INSTALL', 'GUARD_INSTALL', 'GUARD_REMOVE'];

export function mmap(p: Program): void {
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

export function munmap(p: Program): void {
  const part = p.part();
  p.emit('munmap', p.address(part), p.bytes(part.pages));
  p.remove(part);
}

export function mprotect(p: Program): void {
  const part = p.part();
  const prot = p.random.pick(p.profile.prots ?? PROTS);
  p.emit('mprotect', p.address(part), p.bytes(part.pages), prot);
  p.protect(part, prot);
}

export function madvise(p: Program): void {
  const part = p.part();
  p.emit('madvise', p.address(part), p.bytes(part.pages), p.random.pick(p.profile.advice ?? PLAIN_ADVICE));
}

export function guard(p: Program): void {
  const part = p.part();
  p.emit('madvise', p.address(part), p.bytes(part.pages), p.random.pick(GUARDS));
}

export function discard(p: Program): void {
  const part = p.part();
  p.emit('madvise', p.address(part), p.bytes(part.pages), p.random.pick(['DONTNEED', 'DONTNEED', 'DONTNEED_LOCKED', 'FREE', 'REMOVE']));
}

export function lock(p: Program): void {
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

export function mseal(p: Program): void {
  const part = p.part();
  p.emit('mseal', p.address(part), p.bytes(part.pages));
}

export function mremap(p: Program): void {
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
      const aligned = random.chance(0.4) && to.base === part.base ? { base: to.base, page: to.page - ((((to.page - part.page) % PMD) + PMD) % PMD) } : to;
      p.emit('mremap', old, p.bytes(keeps ? pages : oldPages), p.bytes(pages), keeps ? 'MAYMOVE|FIXED|DONTUNMAP' : 'MAYMOVE|FIXED', p.address(aligned));
      const now = { ...part, ...aligned, pages };
      if (!keeps && oldPages > 0) p.remove(part);
      p.origins.push({ from: part, now });
      p.add(now);
    }
  }
}

/** Calls that no sane program makes. */
export function wild(p: Program): void {
  const { random } = p;
  const part = p.part();
  const huge = (): string =>
    random.pick(['0x0', '0x1', '0x7ffffffff000', '0x800000000000', '0xfffffffffffff000', '0xffffffffffffffff', '0x8000000000000000', '0x7fffffffffffffff']);
  const anyAddress = (): string => random.pick(['0x0', '0x1000', '0xf000', 'A+0x0', 'T-0x40000', '0x7ffffffff000', '0xfffffffffffff000', p.address(part), p.address(nextTo(p, 1))]);
  const anyLength = (): string => (random.chance(0.5) ? p.bytes(part.pages) : huge());
  switch (random.weighted({ mremap: 6, mmap: 2, munmap: 1, mprotect: 1, madvise: 1, mlock: 1, mseal: 1 })) {
    case 'mremap':
      p.emit(
        'mremap',
        random.chance(0.7) ? p.address(part) : anyAddress(),
        anyLength(),
        anyLength(),
        random.pick(['0', 'MAYMOVE', 'MAYMOVE|FIXED', 'MAYMOVE|DONTUNMAP', 'MAYMOVE|FIXED|DONTUNMAP', 'FIXED', 'DONTUNMAP', '8', 'FIXED|DONTUNMAP']),
        anyAddress(),
      );
      break;
    case 'mmap':
      // A huge one that fits would replace the recorder's own memory.
      p.emit(
        'mmap',
        anyAddress(),
        random.chance(0.7) ? p.bytes(part.pages) : huge().replace('0x7ffffffff000', '0x800000000000'),
        'r',
        random.pick([
          'PRIVATE|ANON|FIXED',
          'PRIVATE|ANON|FIXED_NOREPLACE',
          'SHARED|ANON',
          'PRIVATE|ANON',
          'SHARED|ANON|GROWSDOWN',
          'ANON',
          'SHARED_VALIDATE|ANON',
          'PRIVATE|SHARED|ANON',
        ]),
      );
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
