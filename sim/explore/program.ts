/**
 * What an actor does, as a little program: steps that other CPUs can come between. A step is atomic:
 * a lock taken or dropped, an entry read or written. Where an actor is, and the few numbers it keeps
 * from step to step, are cells of the state like everything else.
 */
import type { Cells, Layout } from './cells.js';
import { NotEnough } from './room.js';

/** A place in a program to go to. */
export class Label {
  at = -1;
}

/** The step cannot be taken now: somebody holds what it needs. It must not have written anything. */
export const BLOCKED = Symbol('blocked');

/** Nothing (the next step), a label, or blocked. */
export type Next = Label | typeof BLOCKED | undefined;

/** A cell of the actor's own, by its place among them: a program may run as any actor. */
export type Register = number;

export interface Step {
  /** The kernel function this is part of: `move_ptes`. */
  readonly fn: string;
  /** What it does, as a column of a commit message has it. */
  readonly say: string;
  readonly run: ((c: Run) => Next) | ((c: Run) => void);
}

/** A step under way: the state, and the actor that takes it. */
export interface Run extends Cells {
  readonly actor: Actor;
  reg(r: Register): number;
  setReg(r: Register, value: number): void;
}

export interface Actor {
  readonly index: number;
  readonly name: string;
  /** The process whose address space its CPU has loaded; kernel threads work in another's. */
  readonly mm: number;
  readonly program: Program;
  /** First of its cells: where it is, the locks it holds by kind, its registers. */
  readonly pc: number;
  readonly held: number;
  readonly registers: number;
  /** The numbers that its allocations use: the first one, and how many. */
  readonly pool: Pool;
}

/** A program grows while a race is explored: what a call does is known when it has been decided (carry-out.ts). */
export interface Program {
  readonly steps: readonly Step[];
  /** Where it ends: what stands behind is what calls do. */
  readonly end: number;
  readonly registers: number;
}

export type Kind = 'frame' | 'vma' | 'anonVma' | 'table';
export type Pool = Readonly<Record<Kind, { readonly from: number; readonly count: number }>>;

/** Puts a program together, or a part of one that is there already. */
export class Assembler {
  /**
   * @param next the first register that is free
   * @param limit how many registers there are
   */
  constructor(
    private readonly steps: Step[] = [],
    private next = 0,
    private readonly limit = Infinity,
  ) {}

  /** The first register that nobody has asked for yet. */
  get registers(): number {
    return this.next;
  }

  reg(): Register {
    if (this.next >= this.limit) throw new NotEnough({ registers: true });
    return this.next++;
  }

  label(): Label {
    return new Label();
  }

  /** Puts the label at this place. */
  mark(label: Label): void {
    label.at = this.steps.length;
  }

  step(fn: string, say: string, run: Step['run']): void {
    this.steps.push({ fn, say, run });
  }

  /** @param more registers for what calls will do */
  finish(more: number): Program {
    const end = this.steps.length;
    // Nobody gets here; what follows must not begin where the program ends.
    this.step('', '', () => undefined);
    return { steps: this.steps, end, registers: this.next + more };
  }

  /** Another one that goes on where this program ends. */
  more(next: number, limit: number): Assembler {
    return new Assembler(this.steps, next, limit);
  }
}

export function placeActor(layout: Layout, actor: Omit<Actor, 'pc' | 'held' | 'registers'>): Actor {
  const pc = layout.cells(1);
  const held = layout.cells(1);
  return { ...actor, pc, held, registers: layout.cells(actor.program.registers) };
}
