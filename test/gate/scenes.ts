/**
 * What the gate races on every release: small scenes, and for each the actors that have anything to
 * do with its objects. Each actor alone is right on every release; so must any two of them be, and
 * any three that share an object.
 */
import { MADV, MAP, MREMAP, PROT, type Op } from '../../machine/index.js';

const PAGE = 4096n;
const BLOCK = 2n << 20n;
const G = 1n << 30n;
const FIXED = MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED;
const RW = PROT.PROT_READ | PROT.PROT_WRITE;

export interface Actor {
  readonly name: string;
  readonly ops: readonly Op[];
}

export interface Scene {
  readonly name: string;
  readonly setup: readonly Op[];
  readonly actors: readonly Actor[];
  /** Names of the actors that are raced by three. */
  readonly triples: readonly string[];
}

const anonymous = (addr: bigint, length: bigint): Op => ({ name: 'mmap', addr, length, prot: RW, flags: MAP.MAP_FIXED | MAP.MAP_PRIVATE | MAP.MAP_ANONYMOUS, fd: -1, offset: 0n });
const file = (addr: bigint, length: bigint, sharing: number): Op => ({ name: 'mmap', addr, length, prot: RW, flags: MAP.MAP_FIXED | sharing, fd: 3, offset: 0n });
const memfd = (size: bigint): Op => ({ name: 'memfd', file: 'f', size });
const poke = (addr: bigint, byte: number): Op => ({ name: 'poke', addr, byte });
const peek = (addr: bigint): Op => ({ name: 'peek', addr });
const move = (from: bigint, length: bigint, to: bigint, more = 0): Op => ({
  name: 'mremap',
  old_address: from,
  old_size: length,
  new_size: length,
  flags: FIXED | more,
  new_address: to,
});
const fork: Op = { name: 'fork', follow: 'parent' };
const page = (name: 'swap_out' | 'migrate' | 'pin', addr: bigint): Op => ({ name, addr, length: PAGE });
const munmap = (addr: bigint, length: bigint): Op => ({ name: 'munmap', addr, length });
const dontneed = (addr: bigint, length: bigint): Op => ({ name: 'madvise', addr, length, advice: MADV.MADV_DONTNEED });

const protect = (addr: bigint, length: bigint, prot: number): Op => ({ name: 'mprotect', addr, length, prot });

/** Who acts on [from, from + length), which a move takes to `to`. */
function actorsOf(from: bigint, length: bigint, to: bigint): Actor[] {
  const one = (name: string, ...ops: Op[]): Actor => ({ name, ops });
  return [
    one('move', move(from, length, to)),
    one('dontunmap', move(from, length, to, MREMAP.MREMAP_DONTUNMAP)),
    one('unmap', munmap(from, length)),
    one('unmap_page', munmap(from, PAGE)),
    one('dontneed', dontneed(from, length)),
    one('free', { name: 'madvise', addr: from, length, advice: MADV.MADV_FREE }),
    one('protect', protect(from, PAGE, PROT.PROT_READ)),
    one('protect_again', protect(from, PAGE, PROT.PROT_READ), protect(from, PAGE, RW)),
    one('store', poke(from, 7)),
    one('store_too', poke(from, 6)),
    one('store_there', poke(to, 8)),
    one('load', peek(from)),
    one('load_there', peek(to)),
    one('reclaim', page('swap_out', from)),
    one('migrate', page('migrate', from)),
    one('walk', { name: 'rmap_walk', addr: from }),
    one('pin', page('pin', from)),
    one('pin_there', page('pin', to)),
    one('fork', fork),
    one('fork_store', fork, poke(from, 9)),
  ];
}

const truncation: Actor = { name: 'truncate', ops: [{ name: 'ftruncate', fd: 3, length: 0n }] };
const collapse = (addr: bigint): Actor => ({ name: 'collapse', ops: [{ name: 'collapse', addr, length: BLOCK }] });

export const SCENES: readonly Scene[] = [
  {
    name: 'page',
    setup: [anonymous(G, PAGE), poke(G, 1)],
    actors: actorsOf(G, PAGE, 2n * G),
    triples: ['move', 'unmap', 'dontneed', 'store', 'store_too', 'store_there', 'reclaim', 'migrate', 'pin', 'fork', 'fork_store'],
  },
  {
    name: 'pages',
    setup: [anonymous(G, 2n * PAGE), poke(G, 1), poke(G + PAGE, 2)],
    actors: actorsOf(G, 2n * PAGE, 2n * G),
    triples: ['move', 'unmap_page', 'store', 'reclaim', 'fork', 'protect_again', 'free'],
  },
  { name: 'unwritten', setup: [anonymous(G, 2n * PAGE)], actors: actorsOf(G, 2n * PAGE, 2n * G), triples: ['move', 'store', 'store_there', 'load', 'fork'] },
  { name: 'table', setup: [anonymous(G, BLOCK), poke(G, 1)], actors: actorsOf(G, BLOCK, 2n * G), triples: ['move', 'store', 'store_there', 'reclaim', 'dontneed'] },
  {
    name: 'middle',
    setup: [anonymous(G, 3n * PAGE), poke(G, 1), poke(G + PAGE, 2), poke(G + 2n * PAGE, 3), move(G + PAGE, PAGE, 2n * G)],
    actors: actorsOf(2n * G, PAGE, G + PAGE),
    triples: ['move', 'store', 'reclaim', 'migrate'],
  },
  {
    name: 'forked',
    setup: [anonymous(G, PAGE), poke(G, 1), fork],
    actors: actorsOf(G, PAGE, 2n * G),
    triples: ['move', 'store', 'reclaim', 'pin', 'fork', 'migrate', 'protect_again'],
  },
  {
    name: 'neighbours',
    setup: [anonymous(G, PAGE), anonymous(G + 2n * PAGE, PAGE), poke(G, 1)],
    actors: [...actorsOf(G, PAGE, 2n * G), { name: 'store_beside', ops: [poke(G + 2n * PAGE, 5)] }],
    triples: ['unmap', 'store_beside', 'reclaim'],
  },
  {
    name: 'file',
    setup: [memfd(PAGE), file(G, PAGE, MAP.MAP_SHARED), poke(G, 1)],
    actors: [...actorsOf(G, PAGE, 2n * G), truncation],
    triples: ['move', 'truncate', 'store', 'load', 'dontneed', 'migrate'],
  },
  {
    name: 'file_table',
    setup: [memfd(BLOCK), file(G, BLOCK, MAP.MAP_SHARED), poke(G, 1)],
    actors: [...actorsOf(G, BLOCK, 2n * G), truncation, collapse(G)],
    triples: ['move', 'truncate', 'store_there', 'collapse', 'pin'],
  },
  {
    name: 'private_file',
    setup: [memfd(BLOCK), file(G, BLOCK, MAP.MAP_PRIVATE), peek(G)],
    actors: [...actorsOf(G, BLOCK, 2n * G), truncation, collapse(G)],
    triples: ['move', 'truncate', 'store', 'collapse'],
  },
];

/** All pairs, an actor beside itself too, and the triples. */
export function racesOf(scene: Scene): Actor[][] {
  const races: Actor[][] = [];
  scene.actors.forEach((a, i) => scene.actors.slice(i).forEach((b) => races.push([a, b])));
  const three = scene.actors.filter(({ name }) => scene.triples.includes(name));
  three.forEach((a, i) => three.slice(i + 1).forEach((b, j) => three.slice(i + j + 2).forEach((c) => races.push([a, b, c]))));
  return races;
}
