/** The folio of a page, counted out: who maps a large one, and how, is asked of the reverse map. */
import type { FolioInfo } from '../../machine/index.js';
import type { Kernel } from '../kernel.js';
import type { Mm } from '../vma/mm.js';
import { isPresent } from '../pagetable/page-tables.js';
import type { Folio } from './folio.js';
import { ksmMappers, mappers } from './walk.js';

/** GUP_PIN_COUNTING_BIAS (include/linux/mm.h): what a pin adds to the references of a small folio. */
const PIN_BIAS = 1024;

export function folioInfo(kernel: Kernel<Mm>, pfn: number): FolioInfo | undefined {
  const { memory } = kernel;
  const folio = memory.folio(pfn);
  if (folio === undefined) return undefined;
  const order = folio.order ?? 0;
  const size = 2 ** order;
  const head = pfn - (pfn % size);
  let mapcount = 0;
  let pins = 0;
  for (const run of memory.runs(head, size)) {
    // A small one knows, even where relocation made the reverse map lose it.
    mapcount += order === 0 && !('ksm' in run.value.mapping) ? run.value.mapcount : entriesOf(kernel, run.start, run.count, run.value);
    pins += (run.value.pins ?? 0) * run.count;
  }
  const { mapping } = folio;
  const cached = 'object' in mapping ? size : 0;
  return {
    pfn,
    order,
    index: folio.index,
    mapping:
      'anonVma' in mapping ? { kind: 'anon_vma', id: mapping.anonVma } : 'object' in mapping ? { kind: 'file', id: mapping.object } : { kind: 'ksm' in mapping ? 'ksm' : 'none' },
    mapcount,
    // A large folio counts its pins apart, and each as one reference (_pincount).
    refcount: mapcount + cached + pins * (order > 0 ? 1 : PIN_BIAS),
    pins,
    exclusive: 'anonVma' in mapping && folio.shared !== true,
  };
}

/** Entries that map frames of a run; a huge one counts once for all it maps. */
function entriesOf(kernel: Kernel<Mm>, pfn: number, count: number, folio: Folio): number {
  if ('ksm' in folio.mapping) return [...ksmMappers(kernel, pfn)].length;
  let n = 0;
  for (const { mm, start, count: mapped, pte } of mappers(kernel, pfn, count, folio)) {
    if (!isPresent(pte)) continue;
    const huge = mm.pageTables.hugeAt(start) !== undefined;
    // Runs of frames part inside a huge page where one of them is pinned: its first frame stands for it.
    n += huge ? Math.ceil((pte.pfn + mapped) / mm.pageTables.tableSpan(0)) - Math.ceil(pte.pfn / mm.pageTables.tableSpan(0)) : mapped;
  }
  return n;
}
