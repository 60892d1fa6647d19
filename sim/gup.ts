/** Pins (FOLL_PIN): pages that a device reads and writes by their frames, whatever becomes of the mapping (mm/gup.c). */
import { toVpn, type Bytes, type Vpn } from '../machine/index.js';
import { faultRange } from './pagetable/fault.js';
import { isFrame, isPresent } from './pagetable/page-tables.js';
import { refuse, type Outcome } from './refusal.js';
import { atPage, number } from './values.js';
import type { Mm } from './vma/mm.js';
import { alignUp } from './vma/page-align.js';
import { VM } from './vma/vm-flags.js';

interface Range {
  readonly addr: Bytes;
  readonly length: Bytes;
}

const pagesIn = (mm: Mm, { addr, length }: Range): [Vpn, Vpn] => {
  const start = toVpn(mm.geometry, addr);
  return [start, length === 0n ? start : start + alignUp(mm.geometry, (addr % (1n << BigInt(mm.geometry.pageShift))) + length)];
};

/**
 * pin_user_pages() with FOLL_WRITE, as those call it that register a buffer: every page is faulted in
 * for a store, so that anonymous ones are the process's own, and then held. All of them, or none.
 */
export function pinUserPages(mm: Mm, op: Range): Outcome {
  const where = mm.functions.pin;
  const [start, end] = pagesIn(mm, op);
  for (let at = start; at < end;) {
    const vma = mm.lookup(at);
    if (vma === undefined || vma.image) return refuse(mm, where, 'EFAULT', 'pin.not_mapped', 'part of the range is not mapped', [atPage(mm, 'at', at)]);
    if ((vma.flags & VM.WRITE) === 0)
      return refuse(mm, where, 'EFAULT', 'pin.not_writable', 'the mapping cannot be written, and a pin is taken for writing', [atPage(mm, 'vm_start', vma.start)]);
    const to = Math.min(end, vma.end);
    const stop = faultRange(mm, at, to, true);
    if (stop !== null) return refuse(mm, where, 'EFAULT', 'pin.fault', 'a page of the range cannot be faulted in', [atPage(mm, 'at', stop.at)]);
    at = to;
  }
  for (const run of mm.pageTables.leafRuns(start, end)) {
    if (!isFrame(run.value) || !isPresent(run.value)) continue;
    mm.memory.pin(run.value.pfn, run.count);
    mm.pins.push({ start: run.start, count: run.count, pfn: run.value.pfn });
  }
  mm.hasPinned = true;
  mm.recorder.step(where, 'done', 'pin.pinned', 'faulted the pages in for writing and took a pin on each', () => [number('pages', end - start)]);
  return { value: BigInt(end - start) };
}

/** unpin_user_pages() of what was pinned there, wherever it is mapped now: of several pins of a page the latest. It answers nothing, so 0. */
export function unpinUserPages(mm: Mm, op: Range): Outcome {
  const where = mm.functions.unpin;
  const [start, end] = pagesIn(mm, op);
  let wanted: Stretch[] = [{ from: start, to: end }];
  let [pages, freed] = [0, 0];
  for (let i = mm.pins.length - 1; i >= 0; i--) {
    const held = mm.pins[i];
    if (held === undefined) continue;
    const whole = { from: held.start, to: held.start + held.count };
    const taken = wanted.map((w) => overlap(w, whole)).filter((t) => t.from < t.to);
    if (taken.length === 0) continue;
    for (const { from, to } of taken) {
      freed += mm.memory.unpin(held.pfn + (from - held.start), to - from);
      pages += to - from;
    }
    const kept = taken.reduce(without, [whole]).map(({ from, to }) => ({ start: from, count: to - from, pfn: held.pfn + (from - held.start) }));
    mm.pins.splice(i, 1, ...kept);
    wanted = taken.reduce(without, wanted);
  }
  if (pages === 0) return refuse(mm, where, 'EINVAL', 'unpin.not_pinned', 'no pin was taken on pages of that range', [atPage(mm, 'start', start), atPage(mm, 'end', end)]);
  mm.recorder.step(where, 'done', 'pin.released', 'let go of the pages', () => [number('pages', pages), number('freed', freed)]);
  return { value: 0n };
}

interface Stretch {
  readonly from: Vpn;
  readonly to: Vpn;
}

const overlap = (a: Stretch, b: Stretch): Stretch => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) });

/** What is left of some stretches without another one. */
const without = (all: readonly Stretch[], gone: Stretch): Stretch[] =>
  all
    .flatMap((s) => [
      { from: s.from, to: Math.min(s.to, gone.from) },
      { from: Math.max(s.from, gone.to), to: s.to },
    ])
    .filter((s) => s.from < s.to);

/** Releases what was pinned for a process that ends. */
export function dropPins(mm: Mm): void {
  for (const { pfn, count } of mm.pins.splice(0)) mm.memory.unpin(pfn, count);
}
