/**
 * What an actor does, as a little program: steps that other CPUs can come between. A step is atomic:
 * a lock taken or dropped, an entry read or written. Where an actor is, and the few numbers it keeps
 * from step to step, are cells of the state like everything else.
 */
import type { Cells, Layout } from './cells.js';

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
  /** What it allocates comes from here: the first number and how many. */
  readonly pool: Pool;
}

export interface Program {
  readonly steps: readonly Step[];
  readonly registers: number;
}

export type Kind = 'frame' | 'vma' | 'anonVma' | 'table';
export type Pool = Readonly<Record<Kind, { readonly from: number; readonly count: number }>>;

/** Puts a program together. */
export class Assembler {
  private readonly steps: Step[] = [];
  private registers = 0;

  get length(): number {
    return this.steps.length;
  }

  reg(): Register {
    return this.registers++;
  }

  label(): Label {
    return new Label();
  }

  /** The label stands here. */
  mark(label: Label): void {
    label.at = this.steps.length;
  }

  step(fn: string, say: string, run: Step['run']): void {
    this.steps.push({ fn, say, run });
  }

  finish(): Program {
    return { steps: this.steps, registers: this.registers };
  }
}

export function placeActor(layout: Layout, actor: Omit<Actor, 'pc' | 'held' | 'registers'>): Actor {
  const pc = layout.cells(1);
  const held = layout.cells(1);
  return { ...actor, pc, held, registers: layout.cells(actor.program.registers) };
}
