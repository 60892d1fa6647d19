/**
 * How a walk from a folio gets at its reverse map: folio_lock_anon_vma_read(), folio_get_anon_vma(),
 * rmap_walk_anon_lock(), rmap_walk_file(); mm/rmap.c, as in v6.1 to v6.18.
 */
import { putAnonVma, rootOf, tryGetAnonVma } from '../anon.js';
import { dropRead, takeRead, tryRead } from '../locks.js';
import { isMapped } from '../memory.js';
import { BLOCKED, type Label, type Register, type Run } from '../program.js';
import { inRcu, rcuReadLock, rcuReadUnlock } from '../rcu.js';
import { FILE_MAPPING, FREED, KSM_MAPPING, type World } from '../world.js';
import type { Kit } from './kit.js';

interface LockFor {
  /** The folio, as frame + 1. */
  readonly folio: Register;
  /** What folio->mapping was, and the lock that is held, + 1. */
  readonly mapping: Register;
  readonly locked: Register;
  /** Where there is nothing to walk, or, with `tryLock`, somebody else has the lock. */
  readonly none: Label;
}

const frame = (c: Run, folio: Register): number => c.reg(folio) - 1;

/** Whoever goes on with an anon_vma that was freed relies on memory that may be something else by now. */
const use = (w: World, c: Run, anonVma: number): void => {
  if (c.get(w.anon(anonVma, 'state')) === FREED) w.break(c, 'dangling_mapping');
};

/**
 * For a walk that must itself see to it that the anon_vma stays: under RCU, and with a second look at
 * whether the folio is mapped once it has the lock. Then its anon_vma is not freed, and stays so.
 * @param tryLock does not wait for the lock, as reclaim looking at references
 */
export function lockForWalk(kit: Kit, { folio, mapping, locked, none }: LockFor, tryLock: boolean): void {
  const { b, w } = kit;
  const fn = 'folio_lock_anon_vma_read';
  const [anon, again, sleep, last, end] = [b.label(), b.label(), b.label(), b.label(), b.label()];
  const give = (c: Run): Label => {
    c.setReg(mapping, 0);
    c.setReg(locked, 0);
    rcuReadUnlock(w, c);
    return none;
  };
  b.step('rmap_walk', 'read folio->mapping', (c) => {
    const m = c.get(w.frame(frame(c, folio), 'mapping'));
    if (m === 0 || m === KSM_MAPPING) return none;
    c.setReg(mapping, m);
    if (m >= FILE_MAPPING) return undefined;
    if (!isMapped(w, c, frame(c, folio))) return give(c);
    rcuReadLock(w, c);
    use(w, c, m - 1);
    return anon;
  });
  b.step('rmap_walk_file', 'i_mmap_lock_read()', (c) => {
    const lock = w.fileLock(c.reg(mapping) - FILE_MAPPING);
    if (tryLock && !tryRead(c, lock)) return give(c);
    if (!tryLock && !takeRead(c, lock, (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    c.setReg(locked, lock.id + 1);
    return end;
  });
  b.mark(anon);
  b.step(fn, 'anon_vma_trylock_read(), under RCU', (c) => {
    const a = c.reg(mapping) - 1;
    if (!inRcu(w, c)) use(w, c, a);
    const lock = w.anonLock(rootOf(w, c, a));
    if (!tryRead(c, lock)) return tryLock ? give(c) : sleep;
    c.setReg(locked, lock.id + 1);
    return again;
  });
  b.mark(again);
  b.step(fn, 'is the folio mapped still? then its anon_vma is not freed', (c) => {
    rcuReadUnlock(w, c);
    if (!isMapped(w, c, frame(c, folio))) {
      dropRead(c, w.lock(c.reg(locked) - 1));
      return give(c);
    }
    use(w, c, c.reg(mapping) - 1);
    return end;
  });
  if (!tryLock) {
    b.mark(sleep);
    b.step(fn, 'somebody has the lock: a reference on the anon_vma, unless it has none left', (c) => (tryGetAnonVma(w, c, c.reg(mapping) - 1) ? undefined : give(c)));
    b.step(fn, 'is the folio mapped still? then wait for the lock', (c) => {
      rcuReadUnlock(w, c);
      if (isMapped(w, c, frame(c, folio))) return undefined;
      putAnonVma(w, c, c.reg(mapping) - 1);
      return give(c);
    });
    b.step(fn, 'anon_vma_lock_read()', (c) => {
      const lock = w.anonLock(rootOf(w, c, c.reg(mapping) - 1));
      if (!takeRead(c, lock, (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
      c.setReg(locked, lock.id + 1);
      return undefined;
    });
    b.mark(last);
    b.step(fn, 'give the reference back; with the last one the anon_vma goes', (c) => {
      const a = c.reg(mapping) - 1;
      putAnonVma(w, c, a);
      if (c.get(w.anon(a, 'state')) !== FREED) return end;
      dropRead(c, w.lock(c.reg(locked) - 1));
      return give(c);
    });
  }
  b.mark(end);
}

/** For remove_migration_ptes(): nothing maps the folio, and whoever migrates it holds a reference on its anon_vma. */
export function lockForRestore(kit: Kit, { folio, mapping, locked, none }: LockFor): void {
  const { b, w } = kit;
  b.step('rmap_walk', 'read folio->mapping', (c) => {
    const m = c.get(w.frame(frame(c, folio), 'mapping'));
    c.setReg(mapping, m);
    return m === 0 || m === KSM_MAPPING ? none : undefined;
  });
  b.step('rmap_walk', 'lock the reverse map for reading', (c) => {
    const m = c.reg(mapping);
    if (m < FILE_MAPPING) use(w, c, m - 1);
    const lock = m < FILE_MAPPING ? w.anonLock(rootOf(w, c, m - 1)) : w.fileLock(m - FILE_MAPPING);
    if (!takeRead(c, lock, (cells) => w.break(cells, 'lock_order'))) return BLOCKED;
    c.setReg(locked, lock.id + 1);
    return undefined;
  });
}

/**
 * folio_get_anon_vma(): a reference that outlives the last mapping.
 * @param anonVma where the anon_vma, + 1, is kept; 0 where the folio has none, or is not mapped any more
 */
export function getAnonVma({ b, w }: Kit, folio: Register, anonVma: Register): void {
  const fn = 'folio_get_anon_vma';
  const none = b.label();
  const give = (c: Run): Label => {
    rcuReadUnlock(w, c);
    c.setReg(anonVma, 0);
    return none;
  };
  b.step(fn, 'read folio->mapping, under RCU', (c) => {
    const m = c.get(w.frame(frame(c, folio), 'mapping'));
    if (m === 0 || m >= FILE_MAPPING || !isMapped(w, c, frame(c, folio))) return none;
    rcuReadLock(w, c);
    use(w, c, m - 1);
    c.setReg(anonVma, m);
    return undefined;
  });
  b.step(fn, 'a reference on the anon_vma, unless it has none left', (c) => {
    if (!inRcu(w, c)) use(w, c, c.reg(anonVma) - 1);
    return tryGetAnonVma(w, c, c.reg(anonVma) - 1) ? undefined : give(c);
  });
  b.step(fn, 'is the folio mapped still?', (c) => {
    rcuReadUnlock(w, c);
    if (isMapped(w, c, frame(c, folio))) return undefined;
    putAnonVma(w, c, c.reg(anonVma) - 1);
    return give(c);
  });
  b.mark(none);
}
