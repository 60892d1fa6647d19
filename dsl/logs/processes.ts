/** Which address space each pid lives in, as the log says or as can be guessed from it. */
import type { Op } from '../../machine/index.js';
import { mentions } from './effect.js';
import type { Birth } from './process-calls.js';
import type { LogSpace } from './space.js';

/** What the summary says about processes that came without a clone line. */
export interface Guesses {
  programs: number;
  joined: number;
  execs: number;
}

/** A clone that has not come back: its child may be heard of before. */
interface Expected {
  readonly parent: number;
  readonly birth: Birth;
  child?: number;
}

export class Processes {
  readonly guesses: Guesses = { programs: 0, joined: 0, execs: 0 };
  forks = 0;
  threads = 0;
  /** Programs run: the first one, and one an exec. */
  programs = 0;
  private readonly homes = new Map<number, LogSpace>();
  /** Address spaces alive, the one used last at the end. */
  private readonly spaces = new Set<LogSpace>();
  private readonly births: Expected[] = [];
  private latest: { pid: number; space: LogSpace } | null = null;

  constructor(private readonly open: (pid: number) => LogSpace) {}

  /** The address space of a pid; of one not heard of before, the likeliest. */
  home(pid: number, op?: Op): LogSpace {
    if (this.latest?.pid === pid) return this.latest.space;
    const space = this.homes.get(pid) ?? this.arrive(pid, op);
    this.latest = { pid, space };
    // The one used last stands last.
    this.spaces.delete(space);
    this.spaces.add(space);
    return space;
  }

  isKnown(pid: number): boolean {
    return this.homes.has(pid);
  }

  private arrive(pid: number, op: Op | undefined): LogSpace {
    const expected = this.births.find((b) => b.child === undefined && b.parent !== pid);
    if (expected !== undefined) {
      expected.child = pid;
      return this.bear(expected, pid);
    }
    if (this.spaces.size === 0) return this.begin(pid);
    if (op?.name === 'brk' && op.addr === 0n) {
      this.guesses.programs++;
      return this.begin(pid);
    }
    this.guesses.joined++;
    return this.settle(pid, this.nearest(op));
  }

  /** The address space that the pages are in, or nearest to; of several, the one used last. */
  private nearest(op: Op | undefined): LogSpace {
    const at = (op === undefined ? undefined : (mentions(op)?.start ?? placeOf(op))) ?? 0;
    return [...this.spaces].reverse().reduce((a, b) => (b.known.distance(at) < a.known.distance(at) ? b : a));
  }

  private begin(pid: number): LogSpace {
    this.programs++;
    return this.settle(pid, this.open(pid));
  }

  private settle(pid: number, space: LogSpace): LogSpace {
    this.homes.get(pid)?.pids.delete(pid);
    this.homes.set(pid, space);
    space.pids.add(pid);
    this.spaces.add(space);
    if (this.latest?.pid === pid) this.latest = null;
    return space;
  }

  private bear({ parent, birth }: Expected, pid: number): LogSpace {
    const from = this.home(parent);
    if (birth === 'thread') this.threads++;
    else this.forks++;
    return this.settle(pid, birth === 'fork' ? from.child() : from);
  }

  /** A clone has begun. */
  conceive(parent: number, birth: Birth): void {
    this.births.push({ parent, birth });
  }

  /** A clone has come back with its child's pid, or with none. */
  deliver(parent: number, birth: Birth, child: number | null): void {
    const i = this.births.findIndex((b) => b.parent === parent);
    const [expected] = i < 0 ? [] : this.births.splice(i, 1);
    if (child === null || expected?.child === child || this.homes.has(child)) return;
    this.bear(expected ?? { parent, birth }, child);
  }

  /** execve: a fresh address space; threads that shared the old one are gone or stay in it. */
  exec(pid: number, guessed: boolean): LogSpace {
    if (guessed) this.guesses.execs++;
    this.leave(pid);
    return this.begin(pid);
  }

  /** The address space of a pid was begun on the wrong machine, and nothing has happened in it yet. */
  reopen(pid: number): void {
    if (this.homes.has(pid)) this.programs--;
    this.leave(pid);
    this.begin(pid);
  }

  /** The pid is gone; the last one takes its address space with it. */
  leave(pid: number): void {
    const space = this.homes.get(pid);
    if (space === undefined) return;
    this.homes.delete(pid);
    if (this.latest?.pid === pid) this.latest = null;
    space.pids.delete(pid);
    if (space.pids.size > 0) return;
    space.end();
    this.spaces.delete(space);
  }
}

/** What a call without addresses of its own was told: threads map near what they share. */
const placeOf = (op: Op): number | undefined => ('place' in op && op.place !== undefined ? Number(op.place >> 12n) : undefined);
