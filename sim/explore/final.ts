/** What must hold in a final state, when no thread can take another step. */
import { anonVmaOf, inChain } from './anon.js';
import type { Cells } from './cells.js';
import { BAD_TABLE, frameOf, mapsFrame, MIGRATION, NONE, WRITE } from './entries.js';
import { INVARIANTS, type InvariantName } from './invariants.js';
import { linearIndex, pagesOf } from './vmas.js';
import { FILE_MAPPING, FREED, KSM_MAPPING, LIVE, type World } from './world.js';
import { VM } from '../vma/vm-flags.js';

/** The invariants that do not hold in a final state, those that were broken on the way among them. */
export function brokenIn(w: World, c: Cells, deadlocked: boolean): InvariantName[] {
  const broken = new Set<InvariantName>(INVARIANTS.filter(({ name }) => c.get(w.broken(name)) !== 0).map(({ name }) => name));
  if (deadlocked) broken.add('deadlock');
  checkEntries(w, c, broken);
  checkFrames(w, c, broken);
  checkTlbs(w, c, broken);
  // A thread that waits for ever has not updated the counters yet.
  if (!deadlocked) checkCounts(w, c, broken);
  return INVARIANTS.map(({ name }) => name).filter((name) => broken.has(name));
}

function checkEntries(w: World, c: Cells, broken: Set<InvariantName>): void {
  for (let mm = 0; mm < w.sizes.mms; mm++) {
    for (let b = 0; b < w.blocks; b++) if ((c.get(w.pmd(mm, b)) & BAD_TABLE) !== 0) broken.add('bad_table');
    for (const at of w.pages) {
      const cell = w.pteCell(c, mm, at);
      const entry = cell < 0 ? NONE : c.get(cell);
      if (entry === NONE) continue;
      if (entry & MIGRATION) broken.add('stale_migration_entry');
      const vma = w.vmaAt(c, mm, at);
      if (vma < 0) broken.add('stray_entry');
      else if (mapsFrame(entry) && entry & WRITE && c.get(w.frame(frameOf(entry), 'mapping')) < FILE_MAPPING && c.get(w.frame(frameOf(entry), 'mapcount')) > 1)
        broken.add('shared_writable');
      if (vma >= 0 && mapsFrame(entry) && !isReachable(w, c, frameOf(entry), vma, at)) broken.add('rmap_broken');
    }
  }
}

/** Whether a walk from the folio comes by this address. */
function isReachable(w: World, c: Cells, frame: number, vma: number, at: number): boolean {
  const shape = w.shapeOf(c, vma);
  const mapping = c.get(w.frame(frame, 'mapping'));
  if (mapping === KSM_MAPPING) return true;
  if (mapping === 0 || w.number(c.get(w.frame(frame, 'index'))) !== linearIndex(shape, at)) return false;
  return mapping >= FILE_MAPPING ? shape.file === mapping - FILE_MAPPING : inChain(c.get(w.vma(vma, 'chain')), mapping - 1);
}

function checkFrames(w: World, c: Cells, broken: Set<InvariantName>): void {
  for (let f = 0; f < w.sizes.frames; f++) {
    if (c.get(w.frame(f, 'state')) !== LIVE) continue;
    const mapcount = c.get(w.frame(f, 'mapcount'));
    const mapping = c.get(w.frame(f, 'mapping'));
    if (mapcount !== w.countEntries(c, f)) broken.add('wrong_mapcount');
    if (c.get(w.frame(f, 'replaced')) !== 0 && c.get(w.frame(f, 'pins')) > 0) broken.add('stale_pin');
    if (mapcount > 0 && mapping > 0 && mapping < FILE_MAPPING && c.get(w.anon(mapping - 1, 'state')) === FREED) broken.add('dangling_mapping');
  }
}

function checkTlbs(w: World, c: Cells, broken: Set<InvariantName>): void {
  w.cpus.forEach((mm, cpu) => {
    if (mm < 0) return;
    w.pages.forEach((at, page) => {
      const cached = c.get(w.tlb(cpu, page));
      if (cached === NONE) return;
      const entry = w.entryAt(c, mm, at);
      // More may be allowed by now than the TLB knows, never less.
      if (frameOf(entry) !== frameOf(cached) || (cached & ~entry) !== 0) broken.add('stale_tlb');
    });
  });
}

function checkCounts(w: World, c: Cells, broken: Set<InvariantName>): void {
  for (let a = 0; a < w.sizes.anonVmas; a++) {
    if (c.get(w.anon(a, 'state')) !== LIVE) continue;
    let active = 0;
    for (let v = 0; v < w.sizes.vmas; v++) if (c.get(w.vma(v, 'state')) === LIVE && anonVmaOf(w, c, v) === a) active++;
    if (active !== c.get(w.anon(a, 'active'))) broken.add('wrong_active_vmas');
  }
  for (let mm = 0; mm < w.sizes.mms; mm++) {
    const sum = { mapCount: 0, totalVm: 0, lockedVm: 0, committed: 0, ...w.beside[mm] };
    for (let v = 0; v < w.sizes.vmas; v++) {
      if (c.get(w.vma(v, 'state')) !== LIVE || w.shapeOf(c, v).mm !== mm) continue;
      const shape = w.shapeOf(c, v);
      sum.mapCount++;
      sum.totalVm += pagesOf(shape);
      if (shape.flags & VM.LOCKED) sum.lockedVm += pagesOf(shape);
      if (shape.flags & VM.ACCOUNT) sum.committed += pagesOf(shape);
    }
    if (c.get(w.mm(mm, 'mapCount')) !== sum.mapCount) broken.add('wrong_map_count');
    const figure = (field: 'totalVm' | 'lockedVm' | 'committed' | 'leaked' | 'lockedLeaked'): number => w.number(c.get(w.mm(mm, field)));
    if (figure('totalVm') !== sum.totalVm) broken.add('wrong_total_vm');
    // Some kernels lose count of what DONTUNMAP unlocks, and of what a move is charged, alone as well as in a race.
    if (figure('lockedVm') !== sum.lockedVm + figure('lockedLeaked')) broken.add('wrong_locked_vm');
    if (figure('committed') !== sum.committed + figure('leaked')) broken.add('wrong_committed');
  }
}
