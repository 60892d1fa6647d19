/** What a move came to, in the words people count it in. */
import { count, MOVE_KINDS, size, toBytes, type AddressSpace, type Geometry, type MoveKind, type MoveStretch } from '../machine/index.js';

export interface Total {
  readonly steps: number;
  readonly entries: number;
  readonly pages: number;
}

export type Totals = Readonly<Record<MoveKind, Total>>;

export function moveTotals(moves: Iterable<{ readonly kind: MoveKind } & Total>): Totals {
  const totals = new Map<MoveKind, { steps: number; entries: number; pages: number }>();
  for (const kind of MOVE_KINDS) totals.set(kind, { steps: 0, entries: 0, pages: 0 });
  for (const m of moves) {
    const t = totals.get(m.kind);
    if (t === undefined) continue;
    t.steps += m.steps;
    t.entries += m.entries;
    t.pages += m.pages;
  }
  return Object.fromEntries(totals) as unknown as Totals;
}

/** Tables below the root, of every level: one more than VmPTE counts where P4D tables exist. */
export const tableCount = ({ usage }: AddressSpace): number => Object.values(usage.tables).reduce((a, b) => a + b);

export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

/** `512 PTEs in 2 steps, 0 PMDs, 0 PUDs`; refusals and skips only where there were any. */
export function totalsText(totals: Totals): string {
  const parts = [totals.pte.entries === 0 ? '0 PTEs' : `${plural(totals.pte.entries, 'PTE')} in ${plural(totals.pte.steps, 'step')}`];
  parts.push(plural(totals.pmd.entries, 'PMD'), plural(totals.pud.entries, 'PUD'));
  if (totals.huge_pmd.entries > 0) parts.push(plural(totals.huge_pmd.entries, 'huge PMD'));
  if (totals.split.steps > 0) parts.push(plural(totals.split.steps, 'huge PMD split', 'huge PMDs split'));
  const refused = totals.pmd_refused.steps + totals.pud_refused.steps + totals.huge_pmd_refused.steps;
  if (refused > 0) parts.push(`${count(refused)} refused`);
  const skipped = totals.skip_pmd.steps + totals.skip_pud.steps;
  if (skipped > 0) parts.push(`${plural(skipped, 'hole')} skipped`);
  return parts.join(', ');
}

export const hasMoved = (moves: readonly MoveStretch[]): boolean => moves.some((m) => m.kind !== 'start' && m.kind !== 'realign');

export const pagesSize = (g: Geometry, pages: number): string => size(toBytes(g, pages));
