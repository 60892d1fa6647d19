/** What reclaim does to a page: shrink_folio_list(), mm/vmscan.c, and a look at its references, as in v6.1 to v6.18. */
import type { Vpn } from '../../../machine/index.js';
import { VM } from '../../vma/vm-flags.js';
import { frameOf, mapsFrame } from '../entries.js';
import { dropWrite, tryWrite } from '../locks.js';
import { freeFrame, isMapped, putFolio } from '../memory.js';
import type { Run } from '../program.js';
import { FILE_MAPPING, KSM_MAPPING, SWAP_CACHE, type World } from '../world.js';
import { finish, tally, type Kit } from './kit.js';
import { isolateFolio, rmapWalk } from './rmap-walk.js';

/** shrink_folio_list() for one page: the result is how many pages went. */
export function swapOutPage(kit: Kit, at: Vpn): void {
  const { b, w } = kit;
  const folio = b.reg();
  const [none, keep, keepLocked, end] = [b.label(), b.label(), b.label(), b.label()];
  const frame = (c: Run): number => c.reg(folio) - 1;
  isolateFolio(kit, at, folio, none);
  b.step('shrink_folio_list', 'folio_trylock()', (c) => (tryWrite(c, w.folioLock(frame(c))) ? undefined : keep));
  if (w.anyLocked) {
    b.step('folio_check_references', 'is it in a mapping that is locked?', (c) => (isLocked(w, c, frame(c)) ? keepLocked : undefined));
  }
  b.step('add_to_swap', 'not pinned: into the swap cache, so that faults find it', (c) => {
    const mapping = c.get(w.frame(frame(c), 'mapping'));
    if (mapping === 0 || mapping >= FILE_MAPPING || mapping === KSM_MAPPING) return undefined;
    // What MADV_FREE gave up needs no place in swap.
    if (c.get(w.frame(frame(c), 'lazy')) !== 0) return undefined;
    if (c.get(w.frame(frame(c), 'pins')) > 0) return keepLocked;
    c.set(w.frame(frame(c), 'cached'), SWAP_CACHE);
    return undefined;
  });
  rmapWalk(kit, { kind: 'unmap', folio });
  b.step('shrink_folio_list', 'is it mapped still?', (c) => (isMapped(w, c, frame(c)) ? keepLocked : undefined));
  b.step('__remove_mapping', 'nobody else has it: free the page; unlock it', (c) => {
    const f = frame(c);
    const cached = c.get(w.frame(f, 'cached'));
    const alone = c.get(w.frame(f, 'refs')) === 1 && c.get(w.frame(f, 'pins')) === 0 && !isMapped(w, c, f) && (cached === 0 || cached === SWAP_CACHE);
    if (!alone) return keepLocked;
    c.add(w.frame(f, 'refs'), -1);
    c.set(w.frame(f, 'cached'), 0);
    freeFrame(w, c, f);
    dropWrite(c, w.folioLock(f));
    tally(kit, c, 1);
    c.setReg(folio, 0);
    return end;
  });
  b.mark(keepLocked);
  b.step('shrink_folio_list', 'it stays: unlock it', (c) => dropWrite(c, w.folioLock(frame(c))));
  b.mark(keep);
  b.step('putback_lru_folio', 'leave it, and drop the reference', (c) => {
    putFolio(w, c, frame(c));
    c.setReg(folio, 0);
  });
  b.mark(none);
  b.step('shrink_folio_list', 'nothing to do', (c) => tally(kit, c, 0));
  b.mark(end);
}

/**
 * folio_referenced(): a reverse-map walk that only looks. Reclaim has locked the folio (shrink_folio_list());
 * up to v6.18 who ages the active list has not locked anonymous ones (shrink_active_list()).
 */
export function lookAtPage(kit: Kit, at: Vpn): void {
  const { b, w } = kit;
  const [folio, found] = [b.reg(), b.reg()];
  const [none, keep, end] = [b.label(), b.label(), b.label()];
  isolateFolio(kit, at, folio, none);
  const locks = w.behaviours.walk_folio_lock === 'yes';
  if (locks) b.step('shrink_folio_list', 'folio_trylock()', (c) => (tryWrite(c, w.folioLock(c.reg(folio) - 1)) ? undefined : keep));
  rmapWalk(kit, { kind: 'referenced', folio, count: found });
  if (locks) b.step('folio_referenced', 'unlock the folio', (c) => dropWrite(c, w.folioLock(c.reg(folio) - 1)));
  b.mark(keep);
  b.step('folio_referenced', 'drop the reference', (c) => {
    putFolio(w, c, c.reg(folio) - 1);
    c.setReg(folio, 0);
    finish(kit, c, c.reg(found));
    c.setReg(found, 0);
    return end;
  });
  b.mark(none);
  b.step('folio_referenced', 'nothing to look at', (c) => finish(kit, c, 'EFAULT'));
  b.mark(end);
}

/** folio_referenced_one(): a VMA with VM_LOCKED that maps the page keeps it. */
function isLocked(w: World, c: Run, frame: number): boolean {
  for (let mm = 0; mm < w.sizes.mms; mm++) {
    for (const at of w.pages) {
      const vma = w.vmaAt(c, mm, at);
      if (vma < 0 || (w.shapeOf(c, vma).flags & VM.LOCKED) === 0) continue;
      const entry = w.entryAt(c, mm, at);
      if (mapsFrame(entry) && frameOf(entry) === frame) return true;
    }
  }
  return false;
}
