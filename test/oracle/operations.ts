/** All operations: those on mappings, and what programs do with memory, files, processes and limits. */
import { discard, guard, lock, madvise, mmap, mprotect, mremap, mseal, munmap, wild } from './mapping-operations.js';
import { PAGE } from './profile.js';
import type { Program } from './program.js';

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

export const OPS = {
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

export type OpName = keyof typeof OPS;
