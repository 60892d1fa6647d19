/** khugepaged (mm/khugepaged.c) looking at a range: blocks of small pages that become huge ones. */
import { toVpn, type CollapseOp, type Pages, type Vpn } from '../machine/index.js';
import { collapseBlock } from './pagetable/collapse.js';
import { wantsHugePages } from './pagetable/huge.js';
import { isFrame, PTE } from './pagetable/page-tables.js';
import { ZERO_PFN } from './rmap/folio.js';
import { atPage, number } from './values.js';
import type { Mm } from './vma/mm.js';
import { alignUp } from './vma/page-align.js';
import type { VmArea } from './vma/vm-area.js';

/** How many pages of a block may be in swap, and how many shared with other processes (max_ptes_swap, max_ptes_shared). */
const MOST_SWAPPED = 1 / 8;
const MOST_SHARED = 1 / 2;

/** The value is how many blocks were collapsed; one that cannot be is passed over, as khugepaged does, and the path says why. */
export function khugepaged(mm: Mm, op: CollapseOp): bigint {
  const block = mm.pageTables.tableSpan(0);
  const from = toVpn(mm.geometry, op.addr);
  const to = from + alignUp(mm.geometry, op.length);
  let done = 0;
  for (const vma of mm.range(from, to)) {
    const end = Math.min(to, vma.end);
    for (let at = Math.ceil(Math.max(from, vma.start) / block) * block; at + block <= end; at += block) {
      const obstacle = scanPmd(mm, vma, at);
      if (obstacle !== null)
        mm.recorder.step(mm.functions.collapse, 'refused', `collapse.${obstacle.code}`, obstacle.why, () => [
          atPage(mm, 'block', at),
          ...(obstacle.at === undefined ? [] : [atPage(mm, 'page', obstacle.at)]),
        ]);
      else if (collapseBlock(mm, vma, at)) {
        mm.recorder.step(mm.functions.collapse, 'done', 'collapse.done', 'copied the pages of a block into a huge one', () => [atPage(mm, 'block', at), number('pages', block)]);
        done += 1;
      }
    }
  }
  return BigInt(done);
}

interface Obstacle {
  /** As enum scan_result has it: `exceed_swap_pte`. */
  readonly code: string;
  readonly why: string;
  readonly at?: Vpn;
}

/** hpage_collapse_scan_pmd(): what keeps a block from becoming a huge page. */
function scanPmd(mm: Mm, vma: VmArea, start: Vpn): Obstacle | null {
  const { pageTables, memory } = mm;
  const block: Pages = pageTables.tableSpan(0);
  if (!wantsHugePages(mm, vma) || vma.anonVma === null) return { code: 'vma_check', why: 'the mapping cannot have huge pages' };
  if (pageTables.hugeAt(start) !== undefined) return { code: 'pmd_mapped', why: 'a huge page maps the block already' };
  if (!pageTables.hasTable(0, start)) return { code: 'pmd_null', why: 'the block has no page table' };
  let [present, swapped, shared] = [0, 0, 0];
  for (const run of pageTables.entries.runs(start, start + block)) {
    if (run.value.pfn < ZERO_PFN) return { code: 'pte_marker', why: 'an entry is a marker, and no page', at: run.start };
    if (run.value.flags === PTE.UFFD_WP) return { code: 'pte_uffd_wp', why: 'a page is write-protected by a userfaultfd', at: run.start };
    if (run.value.flags === PTE.SWAP) swapped += run.count;
    if (!isFrame(run.value) || run.value.flags === PTE.SWAP) continue;
    present += run.count;
    if (run.value.flags === PTE.KSM) shared += run.count;
    else for (const folios of memory.runs(run.value.pfn, run.count)) if (folios.value.mapcount > 1) shared += folios.count;
  }
  const pinned = firstPinned(mm, start, start + block);
  if (pinned !== undefined) return { code: 'page_count', why: 'a page has more references than mappings: it is pinned', at: pinned };
  if (present === 0) return { code: 'lack_referenced_page', why: 'no page of the block was used lately' };
  if (swapped > block * MOST_SWAPPED) return { code: 'exceed_swap_pte', why: 'too many pages of the block are in swap' };
  if (shared > block * MOST_SHARED) return { code: 'exceed_shared_pte', why: 'too many pages of the block are shared with other processes' };
  return null;
}

/** is_refcount_suitable(): the first page of the range that somebody holds a reference to without mapping it. */
export function firstPinned(mm: Mm, from: Vpn, to: Vpn): Vpn | undefined {
  for (const run of mm.pageTables.entries.runs(from, to)) {
    if (!isFrame(run.value) || run.value.flags === PTE.SWAP || run.value.flags === PTE.KSM) continue;
    for (const folios of mm.memory.runs(run.value.pfn, run.count)) if (mm.memory.isPinned(folios.start)) return run.start + (folios.start - run.value.pfn);
  }
  return undefined;
}
