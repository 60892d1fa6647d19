/** A load or store of user code: through the TLB where it holds the page, else by walking the page tables. */
import type { Vpn } from '../../../machine/index.js';
import { BAD_TABLE, DIRTY, frameOf, isDevmap, isPresent, isTable, mapsFrame, tableOf, WRITE } from '../entries.js';
import { touchTable } from '../rcu.js';
import { FREED } from '../world.js';
import { faultSteps } from './fault.js';
import { finish, type Kit } from './kit.js';

/** @param byte what is stored; null for a load, whose result is the byte */
export function userAccess(kit: Kit, at: Vpn, byte: number | null): void {
  const { b, w, mm } = kit;
  const [walk, fault, segv, sigbus, done] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const page = w.pageId(at) ?? -1;
  const store = byte !== null;
  const place = w.hex(at);
  /** A store through a clean translation walks the tables again, to make the entry dirty. */
  const suffices = (entry: number): boolean => isPresent(entry) && (!store || (entry & (WRITE | DIRTY)) === (WRITE | DIRTY));

  b.mark(walk);
  b.step('user', `translate ${place}: from the TLB, or by a walk that fills it`, (c) => {
    const cell = w.tlb(c.actor.index, page);
    if (suffices(c.get(cell))) return undefined;
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    if ((pmd & BAD_TABLE) !== 0) {
      w.break(c, 'bad_table');
      return segv;
    }
    if (!isTable(pmd) && !isDevmap(pmd)) return fault;
    if (isTable(pmd)) touchTable(w, c, tableOf(pmd));
    const entry = w.entryAt(c, mm, at);
    if (!isPresent(entry) || (store && (entry & WRITE) === 0)) return fault;
    // Hardware does this in one go with the walk, or not at all.
    const dirty = store ? entry | DIRTY : entry;
    if (dirty !== entry && isTable(pmd)) c.set(w.pte(tableOf(pmd), w.offsetOf(at)), dirty);
    c.set(cell, dirty);
    return undefined;
  });
  b.step('user', store ? `store ${byte} at ${place}, through the TLB` : `load from ${place}, through the TLB`, (c) => {
    const entry = c.get(w.tlb(c.actor.index, page));
    if (!suffices(entry)) return walk;
    if (!mapsFrame(entry)) {
      finish(kit, c, 0);
      return done;
    }
    const frame = frameOf(entry);
    if (c.get(w.frame(frame, 'state')) === FREED) w.break(c, 'use_after_free');
    if (store) c.set(w.frame(frame, 'data'), byte);
    finish(kit, c, store ? 0 : c.get(w.frame(frame, 'data')));
    return done;
  });
  b.mark(fault);
  faultSteps(kit, { at, write: store, retry: walk, noVma: segv, beyondFile: sigbus });
  b.mark(segv);
  b.step('user', `SIGSEGV at ${place}`, (c) => {
    finish(kit, c, 'SIGSEGV');
    return done;
  });
  b.mark(sigbus);
  b.step('user', `SIGBUS at ${place}`, (c) => finish(kit, c, 'SIGBUS'));
  b.mark(done);
}
