/** What kernel threads do to a page: reclaim (mm/vmscan.c), migration (mm/migrate.c), a look at its references. */
import type { Vpn } from '../../../machine/index.js';
import { dropWrite, tryWrite } from '../locks.js';
import { allocateFrame, freeFrame, putFolio } from '../memory.js';
import { KSM_MAPPING } from '../world.js';
import { finish, lockWrite, type Kit } from './kit.js';
import { isolateFolio, rmapWalk } from './rmap-walk.js';

/** shrink_folio_list() for one page: the result is how many pages went. */
export function swapOutPage(kit: Kit, at: Vpn): void {
  const { b, w } = kit;
  const folio = b.reg();
  const [none, keep, end] = [b.label(), b.label(), b.label()];
  isolateFolio(kit, at, folio, none);
  b.step('shrink_folio_list', 'folio_trylock()', (c) => (tryWrite(c, w.folioLock(c.reg(folio) - 1)) ? undefined : keep));
  rmapWalk(kit, { kind: 'unmap', folio });
  b.step('__remove_mapping', 'nobody else has it: free the page; unlock it', (c) => {
    const f = c.reg(folio) - 1;
    const alone = c.get(w.frame(f, 'refs')) === 1 && c.get(w.frame(f, 'pins')) === 0 && c.get(w.frame(f, 'mapcount')) === 0 && c.get(w.frame(f, 'cached')) === 0;
    c.set(w.frame(f, 'refs'), c.get(w.frame(f, 'refs')) - 1);
    if (alone) freeFrame(w, c, f);
    dropWrite(c, w.folioLock(f));
    finish(kit, c, alone ? 1 : 0);
    c.setReg(folio, 0);
    return end;
  });
  b.mark(keep);
  b.step('putback_lru_folio', 'the folio is locked: leave it', (c) => {
    putFolio(w, c, c.reg(folio) - 1);
    c.setReg(folio, 0);
  });
  b.mark(none);
  b.step('shrink_folio_list', 'nothing to do', (c) => finish(kit, c, 0));
  b.mark(end);
}

/** migrate_folio_unmap(), migrate_folio_move() for one page. */
export function migratePage(kit: Kit, at: Vpn): void {
  const { b, w } = kit;
  const [folio, copy] = [b.reg(), b.reg()];
  const [none, undo, end] = [b.label(), b.label(), b.label()];
  isolateFolio(kit, at, folio, none);
  lockWrite(kit, 'migrate_folio_unmap', 'folio_lock()', (c) => w.folioLock(c.reg(folio) - 1));
  rmapWalk(kit, { kind: 'migrate', folio });
  b.step('migrate_folio_move', 'no entry maps it and nobody else has it: copy it to another frame', (c) => {
    const f = c.reg(folio) - 1;
    const busy = c.get(w.frame(f, 'mapcount')) !== 0 || c.get(w.frame(f, 'refs')) !== 1 || c.get(w.frame(f, 'pins')) !== 0;
    if (busy || c.get(w.frame(f, 'mapping')) === KSM_MAPPING) return undo;
    const to = allocateFrame(w, c, c.get(w.frame(f, 'mapping')), w.number(c.get(w.frame(f, 'index'))));
    c.set(w.frame(to, 'data'), c.get(w.frame(f, 'data')));
    c.set(w.frame(to, 'cached'), c.get(w.frame(f, 'cached')));
    c.set(w.frame(to, 'refs'), 1);
    c.set(w.frame(f, 'cached'), 0);
    c.setReg(copy, to + 1);
    return undefined;
  });
  rmapWalk(kit, { kind: 'restore', folio: copy, old: folio });
  b.step('migrate_folio_done', 'unlock the old page and free it', (c) => {
    const f = c.reg(folio) - 1;
    dropWrite(c, w.folioLock(f));
    putFolio(w, c, f);
    c.set(w.frame(c.reg(copy) - 1, 'refs'), 0);
    c.setReg(folio, 0);
    c.setReg(copy, 0);
    finish(kit, c, 1);
    return end;
  });
  b.mark(undo);
  rmapWalk(kit, { kind: 'restore', folio, old: folio });
  b.step('migrate_folio_undo_src', 'it stays where it is: unlock it', (c) => {
    const f = c.reg(folio) - 1;
    dropWrite(c, w.folioLock(f));
    putFolio(w, c, f);
    c.setReg(folio, 0);
  });
  b.mark(none);
  b.step('migrate_pages', 'nothing migrated', (c) => finish(kit, c, 0));
  b.mark(end);
}

/** folio_referenced(): a reverse-map walk that only looks. */
export function lookAtPage(kit: Kit, at: Vpn): void {
  const { b, w } = kit;
  const folio = b.reg();
  const [none, end] = [b.label(), b.label()];
  isolateFolio(kit, at, folio, none);
  const locks = w.behaviours.walk_folio_lock === 'yes';
  if (locks) lockWrite(kit, 'folio_referenced', 'folio_lock()', (c) => w.folioLock(c.reg(folio) - 1));
  rmapWalk(kit, { kind: 'referenced', folio });
  b.step('folio_referenced', locks ? 'unlock the folio' : 'return', (c) => {
    const f = c.reg(folio) - 1;
    if (locks) dropWrite(c, w.folioLock(f));
    putFolio(w, c, f);
    c.setReg(folio, 0);
    finish(kit, c, 1);
    return end;
  });
  b.mark(none);
  b.step('folio_referenced', 'nothing to look at', (c) => finish(kit, c, 0));
  b.mark(end);
}
