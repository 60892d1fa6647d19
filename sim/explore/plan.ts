/** From the operations of a race to the pages that they are about, and to the programs that carry them out. */
import { MADV, MREMAP, PROT, RACE_CALLS, SetupError, toVpn, type Bytes, type Geometry, type Op, type Vpn } from '../../machine/index.js';
import { alignUp } from '../vma/page-align.js';
import { collapse } from './actors/collapse.js';
import { decideReading, decideWriting, type Deciding } from './actors/decide.js';
import { pinPage, unpinPage } from './actors/gup.js';
import type { Ending, Kit } from './actors/kit.js';
import { migratePage } from './actors/migrate.js';
import { lookAtPage, swapOutPage } from './actors/reclaim.js';
import { truncate } from './actors/truncate.js';
import { userAccess, type Access } from './actors/user.js';
import type { Kind } from './program.js';

/** What one operation of a race does: one thing to one range, or to one page after the other. */
export type Plan =
  | { readonly kind: 'access'; readonly pages: readonly Vpn[]; readonly does: Access['does']; readonly ending?: Ending }
  | { readonly kind: 'pin' | 'unpin' | 'swap_out' | 'migrate' | 'rmap_walk'; readonly pages: readonly Vpn[] }
  | { readonly kind: 'munmap' | 'dontneed' | 'mprotect'; readonly from: Vpn; readonly to: Vpn }
  | {
      readonly kind: 'mremap';
      readonly from: Vpn;
      readonly oldPages: number;
      readonly newPages: number;
      /** Where it is to go, if the call says so. */
      readonly to: Vpn | null;
      readonly relocates: boolean;
    }
  | { readonly kind: 'fork'; readonly child: number }
  | { readonly kind: 'exec_stack'; readonly start: Vpn; readonly end: Vpn; readonly shift: number; readonly builds: boolean }
  | { readonly kind: 'truncate'; readonly fd: number; readonly pages: number }
  | { readonly kind: 'collapse'; readonly at: Vpn };

/** The most pages that an operation may take one by one: with more, there are too many orders to explore. */
const MOST_PAGES_OF_AN_ACCESS = 4;

/** @throws SetupError for what is not modelled in races */
export function planOf(g: Geometry, op: Op, forks: () => number): Plan {
  const page = (at: Bytes): Vpn => toVpn(g, at);
  const end = (addr: Bytes, length: Bytes): Vpn => page(addr) + alignUp(g, length);
  /** @param bytewise whether every page counts that has a byte of the range, or as many as the length has */
  const each = (addr: Bytes, length: Bytes, bytewise = true): Vpn[] => {
    const [from, to] = [page(addr), page(addr) + alignUp(g, length + (bytewise ? addr % (1n << BigInt(g.pageShift)) : 0n))];
    if (to <= from) throw new SetupError(`${op.name} of nothing in a race`, 'give it a length');
    if (to - from > MOST_PAGES_OF_AN_ACCESS)
      throw new SetupError(`${op.name} of ${to - from} pages in a race`, `take at most ${MOST_PAGES_OF_AN_ACCESS}: each is a few steps that others can come between`);
    return Array.from({ length: to - from }, (_, i) => from + i);
  };
  switch (op.name) {
    case 'peek':
      return { kind: 'access', pages: [page(op.addr)], does: 'load' };
    case 'poke':
      return { kind: 'access', pages: [page(op.addr)], does: { store: op.byte }, ending: 1 };
    case 'memset':
      return { kind: 'access', pages: each(op.addr, op.length), does: { store: op.byte }, ending: op.length };
    case 'touch': {
      const pages = each(op.addr, op.length);
      return { kind: 'access', pages, does: 'touch', ending: pages.length };
    }
    case 'rmap_walk':
      return { kind: op.name, pages: [page(op.addr)] };
    case 'pin': {
      const pages = each(op.addr, op.length);
      // All of them or none: one that cannot be had lets go of those before it.
      if (pages.length > 1) throw new SetupError(`pin of ${pages.length} pages in a race`, 'pin them one by one');
      return { kind: op.name, pages };
    }
    case 'unpin':
      return { kind: op.name, pages: each(op.addr, op.length) };
    case 'swap_out':
    case 'migrate':
      return { kind: op.name, pages: each(op.addr, op.length, false) };
    case 'munmap':
      return { kind: 'munmap', from: page(op.addr), to: end(op.addr, op.length) };
    case 'madvise':
      if (op.advice !== MADV.MADV_DONTNEED && op.advice !== MADV.MADV_FREE) throw notModelled('madvise with other advice than MADV_DONTNEED and MADV_FREE');
      return { kind: 'dontneed', from: page(op.addr), to: end(op.addr, op.length) };
    case 'mprotect':
      if (op.prot !== PROT.PROT_READ && op.prot !== (PROT.PROT_READ | PROT.PROT_WRITE)) throw notModelled('mprotect to other than PROT_READ and PROT_READ|PROT_WRITE');
      return { kind: 'mprotect', from: page(op.addr), to: end(op.addr, op.length) };
    case 'mremap': {
      const relocates = (op.flags & (MREMAP.MREMAP_RELOCATE_ANON | MREMAP.MREMAP_MUST_RELOCATE_ANON)) !== 0;
      const to = op.flags & MREMAP.MREMAP_FIXED ? page(op.new_address) : null;
      return { kind: 'mremap', from: page(op.old_address), oldPages: alignUp(g, op.old_size), newPages: alignUp(g, op.new_size), to, relocates };
    }
    case 'fork':
      return { kind: 'fork', child: forks() };
    case 'exec_stack':
      return {
        kind: 'exec_stack',
        start: page(op.start),
        end: page(op.end),
        shift: page(op.shift),
        // What the call refuses is never built.
        builds: op.start < op.end && op.shift <= op.start && [op.start, op.end, op.shift].every((x) => x % (1n << BigInt(g.pageShift)) === 0n),
      };
    case 'ftruncate':
      return { kind: 'truncate', fd: op.fd, pages: alignUp(g, op.length) };
    case 'collapse':
      return { kind: 'collapse', at: page(op.addr) };
    default:
      throw notModelled(op.name);
  }
}

const notModelled = (what: string): SetupError => new SetupError(`${what} is not modelled in races`, `a thread may do ${[...RACE_CALLS].join(', ')}`);

/** Pages that an operation names one by one. */
export function namedPages(plan: Plan): readonly Vpn[] {
  if ('pages' in plan && typeof plan.pages === 'object') return plan.pages;
  if (plan.kind === 'collapse') return [plan.at];
  return [];
}

/** The range whose pages an operation concerns, where it names none. */
export function rangeOf(plan: Plan): { readonly from: Vpn; readonly to: Vpn } | null {
  switch (plan.kind) {
    case 'munmap':
    case 'dontneed':
    case 'mprotect':
      return { from: plan.from, to: plan.to };
    case 'mremap':
      return { from: plan.from, to: plan.from + Math.max(plan.oldPages, plan.newPages) };
    case 'exec_stack':
      return { from: plan.start, to: plan.end };
    default:
      return null;
  }
}

/** Where a page goes, or comes from, when an operation moves it. */
export function images(plan: Plan, at: Vpn): Vpn[] {
  if (plan.kind === 'exec_stack') return at >= plan.start && at < plan.end ? [at - plan.shift] : [];
  if (plan.kind !== 'mremap' || plan.to === null) return [];
  const pages = Math.min(plan.oldPages, plan.newPages);
  const found: Vpn[] = [];
  if (at >= plan.from && at < plan.from + pages) found.push(at - plan.from + plan.to);
  if (at >= plan.to && at < plan.to + pages) found.push(at - plan.to + plan.from);
  return found;
}

/** The facts about a race that decide how much a plan can allocate. */
export interface Room {
  readonly pages: number;
  readonly blocks: number;
  readonly vmas: number;
  /** How many mremaps there are: each can take the anon_vma of a VMA away, for a fault to make another. */
  readonly moves: number;
}

/** What a plan can allocate at most. */
export function needs(plan: Plan, { pages, blocks, vmas, moves }: Room): Readonly<Record<Kind, number>> {
  switch (plan.kind) {
    case 'access':
    case 'pin':
      // A page that goes away between fault and access is faulted in again.
      return { frame: 4 * plan.pages.length, vma: 0, anonVma: 1 + moves, table: 3 * plan.pages.length };
    case 'migrate':
      return { frame: plan.pages.length, vma: 0, anonVma: 0, table: 0 };
    case 'munmap':
    case 'mprotect':
      return { frame: 0, vma: 2, anonVma: 0, table: 0 };
    case 'mremap':
      return { frame: 0, vma: plan.relocates ? 6 : 5, anonVma: plan.relocates ? 1 : 0, table: blocks };
    case 'fork':
      return { frame: pages, vma: vmas, anonVma: vmas, table: blocks };
    case 'exec_stack':
      return { frame: 0, vma: 0, anonVma: 0, table: blocks };
    default:
      return { frame: 0, vma: 0, anonVma: 0, table: 0 };
  }
}

/** The part of a program that carries one operation out. */
export function write(
  kit: Kit,
  plan: Plan,
  deciding: Omit<Deciding, 'child'>,
  fileOf: (fd: number) => { readonly file: number; readonly indices: readonly number[] },
  blockOfFile: (at: Vpn) => { readonly file: number; readonly first: number; readonly indices: readonly number[] } | null,
): void {
  switch (plan.kind) {
    case 'access':
      {
        const out = kit.b.label();
        plan.pages.forEach((at, i) => userAccess(kit, { at, does: plan.does, out, ...(i === plan.pages.length - 1 && plan.ending !== undefined && { ending: plan.ending }) }));
        kit.b.mark(out);
      }
      return;
    case 'pin':
      for (const at of plan.pages) pinPage(kit, at);
      return;
    case 'unpin':
      plan.pages.forEach((at, i) => unpinPage(kit, at, i === plan.pages.length - 1));
      return;
    case 'swap_out':
      for (const at of plan.pages) swapOutPage(kit, at);
      return;
    case 'migrate':
      for (const at of plan.pages) migratePage(kit, at);
      return;
    case 'rmap_walk':
      for (const at of plan.pages) lookAtPage(kit, at);
      return;
    case 'munmap':
      decideWriting(kit, { ...deciding, child: -1 }, { lockFn: 'vm_munmap' });
      return;
    case 'mprotect':
      decideWriting(kit, { ...deciding, child: -1 }, { lockFn: 'do_mprotect_pkey' });
      return;
    case 'dontneed':
      decideReading(kit, { ...deciding, child: -1 }, plan);
      return;
    case 'mremap':
      decideWriting(kit, { ...deciding, child: -1 }, { lockFn: 'mremap', look: { fn: 'vma_lookup', say: `the VMA of ${kit.w.hex(plan.from)}` } });
      return;
    case 'fork':
      decideWriting(kit, { ...deciding, child: plan.child }, { lockFn: 'dup_mmap' });
      return;
    case 'exec_stack':
      decideWriting(kit, { ...deciding, child: -1 }, { lockFn: 'setup_arg_pages' });
      return;
    case 'truncate': {
      const { file, indices } = fileOf(plan.fd);
      truncate(kit, file, plan.pages, indices.filter((i) => i >= plan.pages)); // prettier-ignore
      return;
    }
    case 'collapse': {
      const block = blockOfFile(plan.at);
      if (block === null) throw new SetupError('collapse of private memory in a race', 'only files are collapsed here');
      collapse(kit, block.file, block.first, block.indices);
    }
  }
}

/** Whether an operation is decided by the machine's own code, and carried out afterwards. */
export const decides = (plan: Plan): boolean => ['munmap', 'mremap', 'mprotect', 'dontneed', 'fork', 'exec_stack'].includes(plan.kind);

/** Kernel threads have no address space of their own loaded. */
export const runsInProcess = (plan: Plan): boolean => !['swap_out', 'migrate', 'rmap_walk', 'collapse'].includes(plan.kind);
