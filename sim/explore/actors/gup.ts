/** Pinning a page for I/O: gup_fast() without any lock, then the slow way through a fault; mm/gup.c. */
import type { Vpn } from '../../../machine/index.js';
import { frameOf, isTable, mapsFrame, NONE, tableOf, WRITE } from '../entries.js';
import { FREED } from '../world.js';
import { faultSteps } from './fault.js';
import { finish, RESULT, type Kit } from './kit.js';

/** pin_user_pages_fast(FOLL_WRITE) of one page. */
export function pinPage(kit: Kit, at: Vpn): void {
  const { b, w, mm } = kit;
  const [table, entry] = [b.reg(), b.reg()];
  const [again, slow, noVma, done] = [b.label(), b.label(), b.label(), b.label()];
  const place = w.hex(at);
  const on = (w_: typeof w, cpu: number): number => w_.irqOff(cpu);

  b.mark(again);
  b.step('gup_fast', `interrupts off; walk to the entry of ${place}`, (c) => {
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    if (!isTable(pmd)) return slow;
    const found = c.get(w.pte(tableOf(pmd), w.offsetOf(at)));
    if (!mapsFrame(found) || (found & WRITE) === 0) return slow;
    c.set(on(w, c.actor.index), 1);
    c.setReg(table, tableOf(pmd) + 1);
    c.setReg(entry, found);
    return undefined;
  });
  b.step('try_grab_folio', 'count the pin, unless the page is on its way out', (c) => {
    const f = frameOf(c.reg(entry));
    if (c.get(w.frame(f, 'state')) === FREED) {
      c.set(on(w, c.actor.index), 0);
      return slow;
    }
    c.add(w.frame(f, 'pins'), 1);
    return undefined;
  });
  b.step('gup_fast_pte_range', `${place} has the same entry still: interrupts on, pinned`, (c) => {
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    const now = isTable(pmd) ? c.get(w.pte(tableOf(pmd), w.offsetOf(at))) : NONE;
    const f = frameOf(c.reg(entry));
    c.set(on(w, c.actor.index), 0);
    const unchanged = now === c.reg(entry) && isTable(pmd) && tableOf(pmd) + 1 === c.reg(table);
    c.setReg(table, 0);
    c.setReg(entry, 0);
    if (unchanged) {
      finish(kit, c, RESULT.ok);
      return done;
    }
    c.add(w.frame(f, 'pins'), -1);
    return slow;
  });
  b.mark(slow);
  faultSteps(kit, { at, write: true, retry: again, noVma });
  b.mark(noVma);
  b.step('gup', `nothing to pin at ${place}`, (c) => finish(kit, c, RESULT.EFAULT));
  b.mark(done);
}

/** unpin_user_page() of what an address maps now. */
export function unpinPage(kit: Kit, at: Vpn): void {
  const { b, w, mm } = kit;
  b.step('unpin_user_page', `drop the pin of the page at ${w.hex(at)}`, (c) => {
    const cell = w.pteCell(c, mm, at);
    const entry = cell < 0 ? NONE : c.get(cell);
    const pinned = mapsFrame(entry) && c.get(w.frame(frameOf(entry), 'pins')) > 0;
    if (pinned) c.add(w.frame(frameOf(entry), 'pins'), -1);
    finish(kit, c, pinned ? RESULT.ok : RESULT.EINVAL);
  });
}
