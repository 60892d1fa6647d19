/** Migration of a page: migrate_folio_unmap(), migrate_folio_move(), mm/migrate.c, as in v6.1 to v6.18. */
import type { Vpn } from '../../../machine/index.js';
import { putAnonVma } from '../anon.js';
import { dropWrite, tryWrite } from '../locks.js';
import { allocateFrame, isMapped, putFolio } from '../memory.js';
import type { Label, Run } from '../program.js';
import { KSM_MAPPING } from '../world.js';
import { tally, lockWrite, type Kit } from './kit.js';
import { getAnonVma } from './lock-reverse-map.js';
import { isolateFolio, rmapWalk } from './rmap-walk.js';

export function migratePage(kit: Kit, at: Vpn): void {
  const { b, w } = kit;
  const [folio, copy, anonVma, wasMapped, data] = [b.reg(), b.reg(), b.reg(), b.reg(), b.reg()];
  const [none, move, undo, moved, left, end] = [b.label(), b.label(), b.label(), b.label(), b.label(), b.label()];
  const frame = (c: Run): number => c.reg(folio) - 1;
  isolateFolio(kit, at, folio, none);
  lockWrite(kit, 'migrate_folio_unmap', 'folio_lock()', (c) => w.folioLock(frame(c)));
  getAnonVma(kit, folio, anonVma);
  b.step('migrate_folio_unmap', 'is it mapped?', (c): Label | undefined => {
    const mapping = c.get(w.frame(frame(c), 'mapping'));
    // Cut off from its file meanwhile, or freed by all but us.
    if (mapping === 0 || mapping === KSM_MAPPING) return left;
    if (!isMapped(w, c, frame(c))) return move;
    c.setReg(wasMapped, 1);
    return undefined;
  });
  rmapWalk(kit, { kind: 'migrate', folio });
  b.mark(move);
  b.step('folio_migrate_mapping', 'no entry maps it and nobody else has it: copy it to another frame', (c) => {
    const f = frame(c);
    const busy = isMapped(w, c, f) || c.get(w.frame(f, 'refs')) !== 1 || c.get(w.frame(f, 'pins')) !== 0;
    if (busy) return c.reg(wasMapped) === 0 ? left : undo;
    const mapping = c.get(w.frame(f, 'mapping'));
    const to = allocateFrame(w, c, mapping, w.number(c.get(w.frame(f, 'index'))));
    c.setReg(data, c.get(w.frame(f, 'data')));
    c.set(w.frame(to, 'data'), c.reg(data));
    c.set(w.frame(to, 'cached'), c.get(w.frame(f, 'cached')));
    // Its entries say whose it is.
    c.set(w.frame(to, 'exclusive'), 0);
    c.set(w.frame(to, 'refs'), 1);
    c.set(w.frame(f, 'cached'), 0);
    tryWrite(c, w.folioLock(to));
    c.setReg(copy, to + 1);
    return c.reg(wasMapped) === 0 ? moved : undefined;
  });
  rmapWalk(kit, { kind: 'restore', folio: copy, old: folio });
  b.mark(moved);
  b.step('migrate_folio_done', 'unlock the old page and free it; drop the anon_vma', (c) => {
    const f = frame(c);
    // Nobody can have written it through an entry of its own; the new one may have been written already.
    if (c.get(w.frame(f, 'data')) !== c.reg(data)) w.break(c, 'lost_store');
    c.setReg(data, 0);
    drop(c);
    dropWrite(c, w.folioLock(f));
    putFolio(w, c, f);
    dropWrite(c, w.folioLock(c.reg(copy) - 1));
    putFolio(w, c, c.reg(copy) - 1);
    c.setReg(folio, 0);
    c.setReg(copy, 0);
    tally(kit, c, 1);
    return end;
  });
  b.mark(undo);
  rmapWalk(kit, { kind: 'restore', folio, old: folio });
  b.mark(left);
  b.step('migrate_folio_undo_src', 'it stays where it is: drop the anon_vma, unlock it', (c) => {
    const f = frame(c);
    drop(c);
    dropWrite(c, w.folioLock(f));
    putFolio(w, c, f);
    c.setReg(folio, 0);
  });
  b.mark(none);
  b.step('migrate_pages', 'nothing migrated', (c) => tally(kit, c, 0));
  b.mark(end);

  function drop(c: Run): void {
    if (c.reg(anonVma) !== 0) putAnonVma(w, c, c.reg(anonVma) - 1);
    c.setReg(anonVma, 0);
    c.setReg(wasMapped, 0);
  }
}
