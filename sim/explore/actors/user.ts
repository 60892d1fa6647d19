/** A load or store of user code: through the TLB where it holds the page, else by walking the page tables. */
import type { Vpn } from '../../../machine/index.js';
import { BAD_TABLE, DIRTY, frameOf, isDevmap, isPresent, isTable, mapsFrame, tableOf, WRITE } from '../entries.js';
import { touchTable } from '../rcu.js';
import { FREED } from '../world.js';
import { faultSteps } from './fault.js';
import type { Label, Run } from '../program.js';
import { finish, type Ending, type Kit } from './kit.js';

export interface Access {
  readonly at: Vpn;
  /** A load, whose result is the byte; a store; a store that changes nothing. */
  readonly does: 'load' | 'touch' | { readonly store: number };
  /** What the operation returns when its last page is done. */
  readonly ending?: Ending;
  /** Where it goes on after a signal: no further page is tried. */
  readonly out: Label;
}

export function userAccess(kit: Kit, { at, does, ending, out }: Access): void {
  const { b, w, mm } = kit;
  const [walk, fault, segv, sigbus, done] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const page = w.pageId(at) ?? -1;
  const store = does !== 'load';
  const byte = typeof does === 'string' ? null : does.store;
  const finishWith = (c: Run, loaded: number): void => {
    if (does === 'load') finish(kit, c, loaded);
    else if (ending !== undefined) finish(kit, c, ending);
  };
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
  b.step('user', store ? `store ${byte ?? 'what is there'} at ${place}, through the TLB` : `load from ${place}, through the TLB`, (c) => {
    const entry = c.get(w.tlb(c.actor.index, page));
    if (!suffices(entry)) return walk;
    if (!mapsFrame(entry)) {
      finishWith(c, 0);
      return done;
    }
    const frame = frameOf(entry);
    if (c.get(w.frame(frame, 'state')) === FREED) w.break(c, 'use_after_free');
    if (byte !== null) c.set(w.frame(frame, 'data'), byte);
    finishWith(c, does === 'load' ? c.get(w.frame(frame, 'data')) : 0);
    return done;
  });
  b.mark(fault);
  faultSteps(kit, { at, write: store, retry: walk, noVma: segv, beyondFile: sigbus });
  b.mark(segv);
  b.step('user', `SIGSEGV at ${place}`, (c) => {
    finish(kit, c, 'SIGSEGV');
    return out;
  });
  b.mark(sigbus);
  b.step('user', `SIGBUS at ${place}`, (c) => {
    finish(kit, c, 'SIGBUS');
    return out;
  });
  b.mark(done);
}
