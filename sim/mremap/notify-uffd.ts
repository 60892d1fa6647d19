/** notify_uffd(), mm/mremap.c: what a userfaultfd's monitor is told once the lock is dropped: what the destination lost, the move, what the source lost. */
import { toBytes, type Range } from '../../machine/index.js';
import { isRefused, type Outcome } from '../refusal.js';
import { tell } from '../uffd.js';
import { atByte, bytes } from '../values.js';
import type { Mm } from '../vma/mm.js';
import type { Vrm } from './vrm.js';

export function completeUffd(mm: Mm, vrm: Vrm, outcome: Outcome): void {
  tellUnmapped(mm, vrm.ufUnmapEarly, 'told the monitor what was unmapped at the destination');
  if (vrm.uf !== null && !isRefused(outcome)) {
    // Up to v6.14 mremap_to() shortens a length of its own: the event has the one that was asked for.
    const length = toBytes(mm.geometry, mm.behaviours.uffd_move_length === 'asked' ? vrm.askedLen : vrm.oldLen);
    const from = toBytes(mm.geometry, vrm.addr);
    tell(mm, { event: 'remap', from, to: outcome.value, length });
    mm.recorder.step(mm.functions.uffdRemapComplete, 'done', 'uffd.told_remap', 'told the monitor of the move', () => [
      atByte('from', from),
      atByte('to', outcome.value),
      bytes('len', length),
    ]);
  }
  tellUnmapped(mm, vrm.ufUnmap, 'told the monitor what was unmapped of the source');
}

function tellUnmapped(mm: Mm, ranges: readonly Range[], text: string): void {
  for (const { start, end } of ranges) {
    tell(mm, { event: 'unmap', start, end });
    mm.recorder.step(mm.functions.uffdUnmapComplete, 'done', 'uffd.told_unmap', text, () => [atByte('start', start), atByte('end', end)]);
  }
}
