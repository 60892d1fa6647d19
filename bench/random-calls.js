/** Random memory calls in an arena of 256 MiB: as operations of the model, as lines for driver.c, and as a log of strace. */

export const PAGE = 4096n;
const ARENA = 1n << 40n;
const ARENA_PAGES = 65536;
/** Long enough that the arena holds hundreds of mappings, not thousands. */
const MOST_PAGES = 256;

const RW = 3;
const FIXED = 0x32; // MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS
const POPULATE = 0x8000;
const DONTNEED = 4;
const POPULATE_WRITE = 23;

/** A linear congruential generator: the same calls on every machine. */
function generator(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 8) % n;
  };
}

/**
 * Every other mapping is populated at once, and ranges are populated later on: as by a program that
 * stores to them. The first call says that the arena is empty, which a log could not show otherwise.
 */
export function randomCalls(count, { seed = 12345 } = {}) {
  const below = generator(seed);
  const page = () => ARENA + BigInt(below(ARENA_PAGES)) * PAGE;
  const empty = { name: 'munmap', addr: ARENA, length: BigInt(ARENA_PAGES + MOST_PAGES) * PAGE };
  const calls = Array.from({ length: count - 1 }, () => {
    const addr = page();
    const length = BigInt(1 + below(MOST_PAGES)) * PAGE;
    switch (below(6)) {
      case 0:
        return { name: 'mmap', addr, length, prot: RW, flags: below(2) ? FIXED : FIXED | POPULATE, fd: -1, offset: 0n };
      case 1:
        return { name: 'munmap', addr, length };
      case 2:
        return { name: 'mprotect', addr, length, prot: below(2) ? 1 : RW };
      case 3:
        return { name: 'madvise', addr, length, advice: DONTNEED };
      case 4:
        return { name: 'madvise', addr, length, advice: POPULATE_WRITE };
      default:
        return { name: 'mremap', old_address: addr, old_size: length, new_size: length, flags: 3, new_address: page() };
    }
  });
  return [empty, ...calls];
}

const hex = (x) => x.toString(16);

/** What driver.c reads. */
export function driverLine(op) {
  const rest = { mmap: [op.prot, op.flags, 0], munmap: [0, 0, 0], mprotect: [op.prot, 0, 0], madvise: [op.advice, 0, 0] }[op.name];
  const args = rest === undefined ? [op.old_address, op.old_size, op.new_size, op.flags, op.new_address] : [op.addr, op.length, ...rest];
  return `${op.name} ${args.map(hex).join(' ')}`;
}

const ERRNO = { 12: 'ENOMEM (Cannot allocate memory)', 14: 'EFAULT (Bad address)', 22: 'EINVAL (Invalid argument)' };

/** The name of the errno in a result of the driver; null for a success. */
export const errnoOf = (result) => (result >= 0n ? null : (ERRNO[-result]?.split(' ')[0] ?? `errno ${-result}`));

const address = (x) => `0x${hex(x)}`;
const prot = (bits) => (bits === 1 ? 'PROT_READ' : 'PROT_READ|PROT_WRITE');

/** The line that strace prints for a call and its result. */
export function straceLine(op, result) {
  const returned = result < 0n ? `-1 ${ERRNO[-result]}` : op.name === 'mmap' || op.name === 'mremap' ? address(result) : `${result}`;
  return `${call(op)} = ${returned}`;
}

function call(op) {
  switch (op.name) {
    case 'mmap':
      return `mmap(${address(op.addr)}, ${op.length}, ${prot(op.prot)}, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS${op.flags & POPULATE ? '|MAP_POPULATE' : ''}, -1, 0)`;
    case 'munmap':
      return `munmap(${address(op.addr)}, ${op.length})`;
    case 'mprotect':
      return `mprotect(${address(op.addr)}, ${op.length}, ${prot(op.prot)})`;
    case 'madvise':
      return `madvise(${address(op.addr)}, ${op.length}, ${op.advice === DONTNEED ? 'MADV_DONTNEED' : 'MADV_POPULATE_WRITE'})`;
    default:
      return `mremap(${address(op.old_address)}, ${op.old_size}, ${op.new_size}, MREMAP_MAYMOVE|MREMAP_FIXED, ${address(op.new_address)})`;
  }
}
