/**
 * An operation that changes an address space: under its lock it decides, by the machine's own code on an
 * address space lifted out of the cells, and what it decided is carried out step by step. What was decided
 * for one state of the address space is known from then on.
 */
import { call } from '../../call.js';
import { dupMmap } from '../../fork.js';
import { resultOf, type Outcome } from '../../refusal.js';
import type { Mm } from '../../vma/mm.js';
import { dropRead, dropWrite, isWriteLocked, tryRead } from '../locks.js';
import type { Lifter, Reach, Taken } from '../lift.js';
import type { Label } from '../program.js';
import { BLOCKED, type Actor, type Register, type Run } from '../program.js';
import { Suspended, type Act, type FigureChange } from '../script.js';
import { addFigures, endWriteAll } from '../vmas.js';
import { LIVE } from '../world.js';
import { carryOut, type Carried } from './carry-out.js';
import { lockWrite, type Kit } from './kit.js';

/** What an operation needs to be decided. */
export interface Deciding {
  readonly lifter: Lifter;
  /** Registers for what is carried out: the first, and how many there are in all; known when the whole program is written. */
  readonly scratch: { first: number; limit: number };
  /** The process that a fork makes. */
  readonly child: number;
}

/** How the lock is called when an operation takes it, and the look around that follows, where a schedule shows it. */
export interface Told {
  readonly lockFn: string;
  readonly look?: { readonly fn: string; readonly say: string };
}

/** munmap, mremap, mprotect, fork, the stack of execve: under the mmap lock for writing. */
export function decideWriting(kit: Kit, deciding: Deciding, { lockFn, look }: Told): void {
  const { b, w, mm } = kit;
  const looked = b.reg();
  const end = b.label();
  lockWrite(kit, lockFn, 'mmap_write_lock()', () => w.mmapLock(mm));
  const decisions = new Decisions(kit, deciding, end, looked, (c, downgraded) => {
    endWriteAll(w, c);
    (downgraded ? dropRead : dropWrite)(c, w.mmapLock(mm));
    if (kit.op.name === 'fork') c.set(w.mm(deciding.child, 'state'), LIVE);
  });
  b.step(look?.fn ?? kit.op.name, look?.say ?? 'look around, and decide', (c) => {
    if (look !== undefined) c.setReg(looked, 1);
    return decisions.for(c, {});
  });
  b.mark(end);
}

/** madvise (MADV_DONTNEED, MADV_FREE): the mmap lock for reading, or no more than that of the one VMA. */
export function decideReading(kit: Kit, deciding: Deciding, range: { readonly from: number; readonly to: number }): void {
  const { b, w, mm } = kit;
  /** The VMA that is locked, + 1; 0 when the mmap lock is. */
  const [vma, looked] = [b.reg(), b.reg()];
  const [slow, locked, end] = [b.label(), b.label(), b.label()];
  if (w.behaviours.madvise_lock === 'vma') {
    b.step('madvise_lock', 'read-lock the VMA, if there is only one', (c) => {
      const v = w.vmaAt(c, mm, range.from);
      if (v < 0 || w.shapeOf(c, v).end < range.to || isWriteLocked(c, w.vmaLock(v))) return slow;
      tryRead(c, w.vmaLock(v));
      c.setReg(vma, v + 1);
      return locked;
    });
    b.mark(slow);
  }
  b.step('madvise_lock', 'mmap_read_lock()', (c) => (tryRead(c, w.mmapLock(mm)) ? undefined : BLOCKED));
  b.mark(locked);
  const decisions = new Decisions(kit, deciding, end, looked, (c) => {
    dropRead(c, c.reg(vma) === 0 ? w.mmapLock(mm) : w.vmaLock(c.reg(vma) - 1));
    c.setReg(vma, 0);
  });
  b.step('madvise_walk_vmas', 'the VMAs of the range', (c) => decisions.for(c, { layoutOnly: true, ...(c.reg(vma) > 0 && { only: c.reg(vma) - 1 }) }));
  b.mark(end);
}

/** One operation, decided for an address space. */
interface Decision {
  readonly taken: Taken;
  readonly actor: Actor;
  readonly answers: readonly number[];
}

class Decisions {
  private readonly known = new Map<string, Label>();

  /** @param unlock the last step, with whether the mmap lock is held for reading only by then */
  constructor(
    private readonly kit: Kit,
    private readonly deciding: Deciding,
    private readonly end: Label,
    private readonly looked: Register,
    private readonly unlock: (c: Run, downgraded: boolean) => void,
  ) {}

  /** Where to go on. */
  for(c: Run, reach: Reach): Label {
    const taken = this.deciding.lifter.read(c, reach);
    const key = taken.join();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const label = this.write({ taken, actor: c.actor, answers: [] }, 0, this.deciding.scratch.first, { downgraded: false, held: [] });
    this.known.set(key, label);
    return label;
  }

  /**
   * Writes the steps of a decision from some act on.
   * @param done how many of its acts are carried out already
   */
  private write(decision: Decision, done: number, register: number, carried: Carried): Label {
    const { acts, figures, outcome } = this.decide(decision);
    const b = this.kit.b.more(register, this.deciding.scratch.limit);
    const kit: Kit = { ...this.kit, b };
    const start = b.label();
    b.mark(start);
    const answers = new Map<number, Label>();
    carryOut(kit, acts.slice(done), carried, (answer) => {
      let label = answers.get(answer);
      if (label === undefined) {
        const next = { ...carried, held: [...carried.held] };
        label = this.write({ ...decision, answers: [...decision.answers, answer] }, acts.length, b.registers, next);
        answers.set(answer, label);
      }
      return label;
    });
    if (outcome !== null) this.writeEnd(kit, outcome, figures, carried.downgraded);
    return start;
  }

  private writeEnd({ b, w, result }: Kit, outcome: Outcome, figures: readonly FigureChange[], downgraded: boolean): void {
    const { first } = this.deciding.scratch;
    const ending = resultOf(outcome);
    const ended = ending.kind === 'errno' ? { kind: ending.kind, errno: ending.errno } : ending;
    b.step(downgraded ? 'mmap_read_unlock' : 'mmap_write_unlock', downgraded ? 'mmap_read_unlock()' : 'mmap_write_unlock()', (c) => {
      addFigures(w, c, figures);
      this.unlock(c, downgraded);
      c.setReg(this.looked, 0);
      for (let r = first; r < b.registers; r++) c.setReg(r, 0);
      c.setReg(result, w.resultId(ended));
      return this.end;
    });
  }

  private decide({ taken, actor, answers }: Decision): { acts: readonly Act[]; figures: readonly FigureChange[]; outcome: Outcome | null } {
    const { lifter, child } = this.deciding;
    const { mm, script } = lifter.build(taken, actor, child, answers);
    let outcome: Outcome | null = null;
    try {
      outcome = perform(mm, this.kit);
    } catch (error) {
      if (!(error instanceof Suspended)) throw error;
    }
    const figures = outcome === null ? [] : script.end();
    for (const act of script.acts) if (act.kind === 'vmas') for (const { id } of act.made) lifter.checkAnonVma(id, actor);
    return { acts: script.acts, figures, outcome };
  }
}

function perform(mm: Mm, { op }: Kit): Outcome {
  if (op.name === 'fork') {
    dupMmap(mm);
    return { value: 0n };
  }
  if (op.name === 'munmap' || op.name === 'mremap' || op.name === 'exec_stack' || op.name === 'madvise' || op.name === 'mprotect') return call(mm, op);
  throw new RangeError(`${op.name} is not decided under the lock of an address space`);
}
