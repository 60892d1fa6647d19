/**
 * Faults at pages of files: do_read_fault(), do_cow_fault(), do_shared_fault(), finish_fault(),
 * mm/memory.c; shmem_fault(), shmem_get_folio_gfp(), mm/shmem.c, as in v6.1 to v6.18.
 */
import { anonVmaOf } from '../anon.js';
import { isTable, NONE, tableOf } from '../entries.js';
import { dropWrite, tryWrite } from '../locks.js';
import { allocateFrame, getFolio, present, putFolio } from '../memory.js';
import type { Run } from '../program.js';
import { isShared, linearIndex } from '../vmas.js';
import { FILE_MAPPING, PAGE_CACHE } from '../world.js';
import { enter, install, leave, underPtl, type Found } from './fault-under-ptl.js';
import { lockWrite, type Kit } from './kit.js';
import { VM } from '../../vma/vm-flags.js';

export function faultFile(kit: Kit, found: Found): void {
  const { b, w, mm } = kit;
  const { at, write, vma, table, orig, done, beyond } = found;
  const folio = b.reg();
  const [look, made, mapIt, release, sigbus] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const place = w.hex(at);
  const shape = (c: Run) => w.shapeOf(c, c.reg(vma));
  const index = (c: Run): number => linearIndex(shape(c), at);
  const isBeyond = (c: Run): boolean => index(c) >= w.number(c.get(w.size(shape(c).file)));

  b.mark(look);
  b.step('shmem_get_folio_gfp', `is ${place} within the file? find its page, or make one`, (c) => {
    leave(w, c);
    if (isBeyond(c)) return beyond;
    const f = w.cachedFrame(c, shape(c).file, index(c));
    if (f >= 0) {
      getFolio(w, c, f);
      c.setReg(folio, f + 1);
      return undefined;
    }
    const fresh = allocateFrame(w, c, FILE_MAPPING + shape(c).file, index(c));
    c.set(w.frame(fresh, 'cached'), PAGE_CACHE);
    getFolio(w, c, fresh);
    tryWrite(c, w.folioLock(fresh));
    c.setReg(folio, fresh + 1);
    return made;
  });
  lockWrite(kit, 'shmem_get_folio_gfp', 'folio_lock()', (c) => w.folioLock(c.reg(folio) - 1));
  b.step('shmem_get_folio_gfp', 'is it the page of the file still?', (c) => {
    const f = c.reg(folio) - 1;
    if (c.get(w.frame(f, 'mapping')) === FILE_MAPPING + shape(c).file) return mapIt;
    unlock(c);
    return look;
  });
  b.mark(made);
  b.step('shmem_get_folio_gfp', 'is it within the file still, now that others can see the page?', (c) => {
    if (!isBeyond(c)) return mapIt;
    const f = c.reg(folio) - 1;
    c.set(w.frame(f, 'cached'), 0);
    c.set(w.frame(f, 'mapping'), 0);
    return sigbus;
  });
  b.mark(sigbus);
  b.step('shmem_fault', 'unlock the folio, and give it back', (c) => {
    unlock(c);
    return beyond;
  });
  b.mark(mapIt);
  b.step('finish_fault', `find the entry of ${place} again`, (c) => {
    const pmd = c.get(w.pmd(mm, w.blockOf(at)));
    if (!isTable(pmd)) return release;
    enter(w, c);
    c.setReg(table, tableOf(pmd));
    c.setReg(orig, NONE);
    return undefined;
  });
  underPtl(
    kit,
    found,
    'finish_fault',
    `PTL: the entry of ${place} is empty still; map the page`,
    (c, cell) => {
      const f = c.reg(folio) - 1;
      const { flags } = shape(c);
      const writable = (flags & VM.WRITE) !== 0;
      if (!isShared(shape(c)) && write) {
        // do_cow_fault(): a copy of its own.
        const copy = allocateFrame(w, c, anonVmaOf(w, c, c.reg(vma)) + 1, index(c));
        c.set(w.frame(copy, 'data'), c.get(w.frame(f, 'data')));
        install(w, c, cell, present(copy, writable, true));
      } else install(w, c, cell, present(f, writable && isShared(shape(c)), write));
      return release;
    },
    release,
  );
  b.mark(release);
  b.step('finish_fault', 'unlock the folio', (c) => {
    unlock(c);
    return done;
  });

  function unlock(c: Run): void {
    const f = c.reg(folio) - 1;
    dropWrite(c, w.folioLock(f));
    putFolio(w, c, f);
    c.setReg(folio, 0);
  }
}
