/** What each line of a log asks for: calls whole or in halves, processes that come and go, in the order in which the kernel may have carried them out. */
import type { Op } from '../../machine/index.js';
import { readAnswer } from './arguments.js';
import { isUnread, readMemoryCall, roleOf, unread, type Role, type Unread } from './calls.js';
import { frees, needsFreed, type PageRange } from './effect.js';
import type { ReadLine } from './gather.js';
import { told, type Job, type Judge } from './judge.js';
import type { Line } from './line.js';
import { readBirth, readLimit, readName, readResultNumber } from './process-calls.js';
import type { Processes } from './processes.js';
import { Segments } from './segments.js';
import type { LogSpace } from './space.js';
import type { Tally } from './tally.js';
import type { Teller } from './teller.js';

/** A call that has begun and not come back. */
interface InFlight {
  readonly line: number;
  /** From the name on, to where it breaks off. */
  readonly head: string;
  /** Pages that will be free when it has been carried out, which may be before it comes back. */
  readonly frees?: PageRange;
}

/** Calls that wait for one that freed pages and has not come back. */
interface Held {
  readonly by: number;
  readonly jobs: Job[];
}

export class Follower {
  private readonly segments = new Segments();
  private readonly inFlight = new Map<number, InFlight>();
  private readonly held = new Map<LogSpace, Held>();
  /** The number of the line under way. */
  private at = 0;

  constructor(
    private readonly processes: Processes,
    private readonly tally: Tally,
    private readonly teller: Teller,
    private readonly judge: Judge,
  ) {}

  line(line: ReadLine, text: string, at: number): void {
    this.at = at;
    switch (line.kind) {
      case 'call':
        return this.called(line, text);
      case 'unfinished':
        return this.begun(line, text);
      case 'resumed':
        return this.resumed(line, text);
      case 'exit':
        this.tally.count('notices');
        return this.left(line.pid);
      case 'superseded':
        this.tally.count('notices');
        return this.superseded(line.pid, line.by);
      case 'other':
        return this.tally.count('notices');
    }
  }

  /** What still waits for a call that never came back. */
  end(): void {
    for (const { jobs } of this.held.values()) for (const job of jobs) this.judge.carryOut(job);
    this.held.clear();
  }

  // Lines ----------------------------------------------------------------------------------------

  private called({ pid, name, open }: Extract<Line, { kind: 'call' }>, text: string): void {
    const role = roleOf(name);
    switch (role.role) {
      case 'memory':
        return this.memoryCall(role, pid, text, open, this.at, text);
      case 'segment':
        return this.segmentCall(role, pid, text, open);
      case 'process':
        return this.processCall(role, pid, text, open);
      case 'lacking':
        return this.lacking(name, text);
      case 'slip':
        return this.cannotRead(text, unread('log-call', open - 1 - name.length, name.length, name, role.like));
      case 'skipped':
        return this.tally.count('others');
    }
  }

  private begun({ pid, name, start, end }: Extract<Line, { kind: 'unfinished' }>, text: string): void {
    this.tally.count('notices');
    const head = text.slice(start, end);
    const role = roleOf(name);
    if (role.role === 'memory' || role.role === 'segment') {
      const call = role.role === 'memory' ? readMemoryCall(role, `${head})`, name.length + 1) : undefined;
      const freed = call === undefined || isUnread(call) ? undefined : frees(call.op);
      this.inFlight.set(pid, { line: this.at, head, ...(freed !== undefined && { frees: freed }) });
    } else if (role.role === 'process') {
      this.inFlight.set(pid, { line: this.at, head });
      if (role.name === 'exit' || role.name === 'exit_group') this.left(pid);
      else if (isBirth(role.name)) this.processes.conceive(pid, readBirth(role.name, head));
    } else {
      this.inFlight.set(pid, { line: this.at, head: '' });
    }
  }

  /** The two halves together are the line as it would have been. */
  private resumed({ pid, name, start }: Extract<Line, { kind: 'resumed' }>, text: string): void {
    const begun = this.inFlight.get(pid);
    this.inFlight.delete(pid);
    const role = roleOf(name);
    if (begun === undefined) {
      if (role.role === 'memory' || role.role === 'segment') this.teller.tellLine(this.at, text, 'log-resumed', name);
      this.tally.count('others');
      return;
    }
    // Cut off itself, when the process was killed meanwhile.
    if (text.startsWith(' <unfinished ...>', start)) {
      this.tally.count('others');
      return this.release(pid);
    }
    const whole = begun.head + text.slice(start);
    const open = name.length + 1;
    switch (role.role) {
      case 'memory':
        this.memoryCall(role, pid, whole, open, begun.line, text, true);
        return this.release(pid);
      case 'segment':
        this.segmentCall(role, pid, whole, open);
        return this.release(pid);
      case 'process':
        return this.processCall(role, pid, whole, open);
      case 'lacking':
        return this.lacking(name, text);
      case 'slip':
      case 'skipped':
        return this.tally.count('others');
    }
  }

  private left(pid: number): void {
    this.inFlight.delete(pid);
    this.release(pid);
    this.processes.leave(pid);
  }

  /** A thread's execve takes the place of the process's leader: what it had begun comes back there. */
  private superseded(leader: number, by: number): void {
    const begun = this.inFlight.get(by);
    this.inFlight.delete(by);
    this.processes.leave(by);
    if (begun !== undefined) this.inFlight.set(leader, begun);
  }

  // Calls ----------------------------------------------------------------------------------------

  private memoryCall(role: Extract<Role, { role: 'memory' }>, pid: number, text: string, open: number, line: number, shown: string, first = false): void {
    const call = readMemoryCall(role, text, open);
    if (isUnread(call)) return this.cannotRead(shown, call);
    const answer = readAnswer(text, call.end);
    if (answer === undefined) return this.cannotRead(shown, unread('log-result', call.end, text.length - call.end, role.name));
    const job: Job = { pid, line, text: shown, op: call.op, answer, file: call.file };
    if (this.inFlight.size > 0 || this.held.size > 0) this.schedule(job, first);
    else this.judge.carryOut(job);
  }

  /**
   * The log says when a call began and when it came back, not when the kernel carried it out. One
   * that found pages free which another, still under way, was freeing, came after it.
   */
  private schedule(job: Job, first: boolean): void {
    const space = this.processes.home(job.pid, told(job));
    const held = this.held.get(space);
    if (held !== undefined && !(first && held.by === job.pid)) {
      held.jobs.push(job);
      return;
    }
    const { op, answer } = job;
    const value = answer.kind === 'value' ? answer.value : undefined;
    const freeing = value === undefined ? undefined : [...space.pids].find((pid) => pid !== job.pid && this.isFreeing(pid, op, value));
    if (freeing === undefined) this.judge.carryOut(job);
    else this.held.set(space, { by: freeing, jobs: [job] });
  }

  private isFreeing(pid: number, op: Op, value: bigint): boolean {
    const freed = this.inFlight.get(pid)?.frees;
    return freed !== undefined && needsFreed(op, value, freed);
  }

  /** Carries out what waited for a call of that pid. */
  private release(pid: number): void {
    for (const [space, { by, jobs }] of [...this.held]) {
      if (by !== pid) continue;
      this.held.delete(space);
      for (const job of jobs) this.schedule(job, false);
    }
  }

  private segmentCall({ name }: Extract<Role, { role: 'segment' }>, pid: number, text: string, open: number): void {
    const read = this.segments.read(name, text, open);
    switch (read.kind) {
      case 'unread':
        return this.cannotRead(text, read.why);
      case 'unknown':
        this.tally.count('others');
        return this.teller.tellLine(this.at, text, 'log-segment', read.id);
      case 'nothing':
        return this.tally.count('others');
      case 'call':
        return this.judge.carryOut({ pid, line: this.at, text, op: read.op, answer: read.answer, file: read.file });
    }
  }

  private processCall({ name }: Extract<Role, { role: 'process' }>, pid: number, text: string, open: number): void {
    if (name === 'setrlimit' || name === 'prlimit64') return this.limit(name, pid, text);
    if (name === 'prctl') return this.named(pid, text, open);
    this.tally.count('others');
    if (name === 'exit' || name === 'exit_group') return this.left(pid);
    const result = readResultNumber(text);
    if (isBirth(name)) return this.processes.deliver(pid, readBirth(name, text.slice(open)), result !== null && result > 0 ? result : null);
    if (result === 0) this.processes.exec(pid, false);
  }

  private limit(name: 'setrlimit' | 'prlimit64', pid: number, text: string): void {
    this.tally.count('others');
    const op = readLimit(name, text);
    if (op !== undefined) this.processes.home(pid).limit(op);
  }

  /** A name keeps anonymous memory apart from its neighbours. */
  private named(pid: number, text: string, open: number): void {
    const call = readName(text);
    if (call === undefined) return this.tally.count('others');
    const answer = readAnswer(text, call.end);
    if (answer === undefined) return this.cannotRead(text, unread('log-result', open, text.length - open, 'prctl'));
    this.judge.carryOut({ pid, line: this.at, text, op: call.op, answer });
  }

  private lacking(name: string, text: string): void {
    const at = Math.max(0, text.indexOf(name));
    // One that was refused has changed nothing.
    const refused = /= -1 E\w+/.test(text);
    this.tally.count(refused ? 'others' : 'doubts');
    if (!refused) this.teller.tell(this.at, text, unread('log-lacking', at, name.length, name));
  }

  unreadable(text: string, at: number, why: Unread): void {
    this.at = at;
    this.cannotRead(text, why);
  }

  private cannotRead(text: string, why: Unread): void {
    this.tally.unread++;
    this.tally.count('doubts');
    this.teller.tell(this.at, text, why);
  }
}

const isBirth = (name: string): name is 'clone' | 'clone3' | 'fork' | 'vfork' => name === 'clone' || name === 'clone3' || name === 'fork' || name === 'vfork';
