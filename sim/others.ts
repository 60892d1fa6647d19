/** What others do to the pages of a process: devices that pin them, khugepaged, whoever asks the reverse map. */
import { toVpn, type OthersOp } from '../machine/index.js';
import { pinUserPages, unpinUserPages } from './gup.js';
import { khugepaged } from './khugepaged.js';
import { refuse, type Outcome } from './refusal.js';
import { frameAt, rmapWalk } from './rmap/walk.js';
import { atPage, number } from './values.js';
import type { Mm } from './vma/mm.js';

export function others(mm: Mm, op: OthersOp): Outcome {
  switch (op.name) {
    case 'pin':
      return pinUserPages(mm, op);
    case 'unpin':
      return unpinUserPages(mm, op);
    case 'collapse':
      return { value: khugepaged(mm, op) };
    case 'rmap_walk':
      return walk(mm, toVpn(mm.geometry, op.addr));
  }
}

/** The value is how many entries map the page. */
function walk(mm: Mm, at: number): Outcome {
  const frame = frameAt(mm, at);
  if (frame === undefined) return refuse(mm, mm.functions.rmapWalk, 'EFAULT', 'rmap_walk.no_page', 'no page that the reverse map knows is present there', [atPage(mm, 'at', at)]);
  const visits = rmapWalk(mm.kernel, frame.value.pfn);
  mm.recorder.visits = visits;
  for (const v of visits) {
    mm.recorder.step(
      mm.functions.rmapWalk,
      v.found ? 'done' : 'passed',
      v.found ? 'rmap_walk.found' : 'rmap_walk.not_found',
      v.found ? 'an entry of this VMA maps the page' : 'no entry of this VMA maps the page',
      () => [number('process', v.process), atPage(mm, 'vm_start', v.start), number('vm_pgoff', v.pgoff), atPage(mm, 'address', v.at)],
    );
  }
  return { value: BigInt(visits.filter((v) => v.found).length) };
}
