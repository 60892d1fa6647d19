/**
 * A log of strace as a program, line by line:
 *
 *     text ──1 line.ts──▶ line ──2 calls.ts, arguments.ts──▶ operation and claim
 *          ──3 processes.ts──▶ in an address space ──4 space.ts, bound.ts──▶ two runs, judged ──5 tally.ts──▶ what it came to
 *
 * Nothing is kept of a line that has been replayed, but for what a person is told at the end.
 */
import type { LogSummary, Machines, ModelSpec, MremapCall, Op } from '../../machine/index.js';
import type { Diagnostic } from '../api.js';
import type { Claimed } from '../claim.js';
import { readAnswer, type Answer } from './arguments.js';
import { Bound, type Touched } from './bound.js';
import { isUnread, readMemoryCall, roleOf, unread, type MappedFile, type Role, type Unread } from './calls.js';
import { frees, impliesMapped, mentions, needsFreed, type PageRange } from './effect.js';
import { readLine, type Line } from './line.js';
import { logDiagnostic, NOTES, TOUCHED_TEXT, type LogArguments, type LogCode } from './messages.js';
import { readBirth, readLimit, readResultNumber } from './process-calls.js';
import { Processes } from './processes.js';
import { Segments } from './segments.js';
import { isPlaced, LogSpace, type Heard } from './space.js';
import { Tally, type MovedLine } from './tally.js';

export interface LogOptions {
  readonly model?: ModelSpec;
  /** One bound alone; both by default. */
  readonly touched?: Touched;
  /** Read every line, carry nothing out. */
  readonly readsOnly?: boolean;
  /** Keep what every mremap cost, not only the dearest. */
  readonly keepsMoves?: boolean;
  /** Told at once, the first of each kind; `LogResult.diagnostics` has the same ones. */
  readonly onDiagnostic?: (diagnostic: Diagnostic) => void;
}

export interface LogResult {
  /** Every line that should have been read was, and no claim is contradicted. */
  readonly ok: boolean;
  readonly summary: LogSummary;
  readonly mremaps: readonly MovedLine[];
  readonly diagnostics: readonly Diagnostic[];
  /** As the machines call it. */
  readonly model: string;
}

/** More contradictions than these are counted, not told. */
const MOST_TOLD = 50;

/** A call with its result, ready to be carried out. */
interface Job {
  readonly pid: number;
  readonly line: number;
  readonly text: string;
  readonly op: Op;
  readonly answer: Answer;
  readonly file?: MappedFile;
}

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

export class LogReplay {
  private readonly tally: Tally;
  private readonly processes: Processes;
  private readonly segments = new Segments();
  private readonly inFlight = new Map<number, InFlight>();
  private readonly held = new Map<LogSpace, Held>();
  private readonly diagnostics: Diagnostic[] = [];
  private readonly told = new Set<string>();
  private readonly withdrawn = new Set<Touched>();
  private liftedAt = 0;
  private readonly model: string;

  constructor(
    machines: Machines,
    private readonly options: LogOptions = {},
  ) {
    const spec = options.model ?? machines.defaultModel;
    const touched: readonly Touched[] = options.touched === undefined ? ['none', 'all'] : [options.touched];
    this.tally = new Tally(options.keepsMoves === true);
    this.processes = new Processes(() => new LogSpace(touched.map((t) => new Bound(t, machines.open(spec, { steps: false, records: 'lean' })))));
    this.model = machines.open(spec, { steps: false, records: 'lean' }).model.title;
  }

  /** The next line of the log, without its line end. */
  line(text: string): void {
    this.tally.lines++;
    const line = readLine(text);
    switch (line.kind) {
      case 'call':
        return this.called(line, text);
      case 'unfinished':
        return this.begun(line, text);
      case 'resumed':
        return this.resumed(line, text);
      case 'exit':
        return this.left(line.pid);
      case 'superseded':
        return this.superseded(line.pid, line.by);
      case 'other':
        return undefined;
      case 'unread':
        return this.unread(text, unread('log-line', line.column - 1, text.length));
    }
  }

  end(): LogResult {
    for (const { jobs } of this.held.values()) for (const job of jobs) this.carryOut(job);
    this.held.clear();
    const { lines, replayed, skipped, unread, assumed, claims, mremaps, dearest } = this.tally;
    const { programs, forks, threads } = this.processes;
    const summary: LogSummary = { lines, replayed, skipped, unread, assumed, claims, processes: { programs, forks, threads }, mremaps, dearest, notes: this.notes() };
    return { ok: unread === 0 && claims.contradicted === 0, summary, mremaps: this.tally.moves, diagnostics: this.diagnostics, model: this.model };
  }

  private notes(): string[] {
    const { guesses } = this.processes;
    return [
      ...(this.tally.assumed > 0 ? [NOTES.assumed(this.tally.assumed)] : []),
      ...(guesses.programs > 0 ? [NOTES.programs(guesses.programs)] : []),
      ...(guesses.joined > 0 ? [NOTES.joined(guesses.joined)] : []),
      ...(guesses.execs > 0 ? [NOTES.execs(guesses.execs)] : []),
      ...(this.liftedAt > 0 ? [NOTES.lifted(this.liftedAt)] : []),
      ...(this.tally.unjudged > 0 ? [NOTES.unjudged(this.tally.unjudged)] : []),
      ...[...this.withdrawn].map((touched) => NOTES.withdrawn(TOUCHED_TEXT[touched])),
    ];
  }

  // Lines ----------------------------------------------------------------------------------------

  private called({ pid, name, open }: Extract<Line, { kind: 'call' }>, text: string): void {
    const role = roleOf(name);
    switch (role.role) {
      case 'memory':
        return this.memoryCall(role, pid, text, open, this.tally.lines, text);
      case 'segment':
        return this.segmentCall(role, pid, text, open);
      case 'process':
        return this.processCall(role, pid, text, open);
      case 'lacking':
        return this.lacking(name, text);
      case 'slip':
        return this.unread(text, unread('log-call', open - 1 - name.length, name.length, name, role.like));
      case 'skipped':
        this.tally.skipped++;
        return undefined;
    }
  }

  private begun({ pid, name, start, end }: Extract<Line, { kind: 'unfinished' }>, text: string): void {
    const head = text.slice(start, end);
    const role = roleOf(name);
    if (role.role === 'memory' || role.role === 'segment') {
      const call = role.role === 'memory' ? readMemoryCall(role, `${head})`, name.length + 1) : undefined;
      const freed = call === undefined || isUnread(call) ? undefined : frees(call.op);
      this.inFlight.set(pid, { line: this.tally.lines, head, ...(freed !== undefined && { frees: freed }) });
    } else if (role.role === 'process') {
      this.inFlight.set(pid, { line: this.tally.lines, head });
      if (role.name === 'exit' || role.name === 'exit_group') this.left(pid);
      else if (isBirth(role.name)) this.processes.conceive(pid, readBirth(role.name, head));
    } else {
      this.inFlight.set(pid, { line: this.tally.lines, head: '' });
    }
  }

  /** The two halves together are the line as it would have been. */
  private resumed({ pid, name, start }: Extract<Line, { kind: 'resumed' }>, text: string): void {
    const begun = this.inFlight.get(pid);
    this.inFlight.delete(pid);
    const role = roleOf(name);
    if (begun === undefined) {
      if (role.role === 'memory' || role.role === 'segment') this.tell(text, unread('log-resumed', 0, text.length, name));
      this.tally.skipped++;
      return;
    }
    // Cut off itself, when the process was killed meanwhile.
    if (text.startsWith(' <unfinished ...>', start)) {
      this.tally.skipped++;
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
        this.tally.skipped++;
        return undefined;
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
    if (isUnread(call)) return this.unread(shown, call);
    const answer = readAnswer(text, call.end);
    if (answer === undefined) return this.unread(shown, unread('log-result', call.end, text.length - call.end, role.name));
    const job: Job = { pid, line, text: shown, op: call.op, answer, file: call.file };
    if (this.inFlight.size > 0 || this.held.size > 0) this.schedule(job, first);
    else this.carryOut(job);
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
    if (freeing === undefined) this.carryOut(job);
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

  private carryOut(job: Job): void {
    const { pid, op, answer } = job;
    if (this.options.readsOnly === true) return;
    if (answer.kind === 'unknown') {
      this.tally.skipped++;
      return;
    }
    let space = this.processes.home(pid, told(job));
    if (op.name === 'brk') {
      if (answer.kind === 'errno') return this.unread(job.text, unread('log-result', 0, job.text.length, op.name));
      if (op.addr === 0n && space.break !== null && space.break !== answer.value) space = this.processes.exec(pid, true);
      const isFirst = space.break === null;
      const heard = space.brk(op.addr, answer);
      return this.judged(job, space, heard, isFirst, answer);
    }
    if (answer.kind === 'value') this.tally.assumed += space.assume(op);
    else if (this.isHidden(space, job)) {
      this.tally.skipped++;
      this.tally.unjudged++;
      return;
    }
    const heard = space.perform(op, answer, job.file);
    if (space.isLifted && this.liftedAt === 0) this.liftedAt = job.line;
    this.judged(job, space, heard, isPlaced(op), answer);
  }

  /** A refusal that depends on what the log does not show: a file, or pages nothing is known about. */
  private isHidden(space: LogSpace, { op, answer, file }: Job): boolean {
    if (answer.kind !== 'errno') return false;
    if (file !== undefined) return !['EINVAL', 'EEXIST', 'ENOMEM'].includes(answer.errno);
    if (answer.errno === 'EINVAL') return false;
    const range = impliesMapped(op) ?? (answer.errno === 'EEXIST' ? mentions(op) : undefined);
    return range !== undefined && space.known.gaps(range.start, range.end).length > 0;
  }

  /** In one bound the claim has to hold; a bound in which it does not is out when another has it right. */
  private judged(job: Job, space: LogSpace, heard: readonly Heard[], placed: boolean, claimed: Claimed): void {
    this.tally.replayed++;
    const wrong = heard.filter((h) => h.wrong !== undefined);
    if (wrong.length === heard.length) {
      this.contradicted(job, heard);
    } else {
      this.tally.claims[placed && claimed.kind === 'value' ? 'placed' : 'held']++;
      for (const h of wrong) this.withdraw(job, space, h);
    }
    if (job.op.name === 'mremap') this.tally.moved(job.line, job.op satisfies MremapCall, wrong.length === heard.length ? heard : heard.filter((h) => h.wrong === undefined));
  }

  private contradicted(job: Job, heard: readonly Heard[]): void {
    this.tally.claims.contradicted++;
    const [first] = heard;
    if (first?.wrong === undefined || this.tally.claims.contradicted > MOST_TOLD) return;
    const { claimed, answered, why } = first.wrong;
    const { start, length } = claimPlace(job.text);
    const diagnostic = logDiagnostic(job.line, job.text, start + 1, length, 'claim-failed', claimed, answered, why);
    const differ = heard.some((h) => h.wrong?.answered !== answered);
    const values = heard.map((h) => ({ text: `with ${TOUCHED_TEXT[h.bound.touched]} the result`, value: h.wrong?.answered ?? '' }));
    this.say(differ ? { ...diagnostic, values } : diagnostic);
  }

  private withdraw(job: Job, space: LogSpace, { bound, wrong }: Heard): void {
    space.withdraw(bound);
    this.withdrawn.add(bound.touched);
    if (wrong === undefined) return;
    const { start, length } = claimPlace(job.text);
    this.sayOnce(`withdrawn ${bound.touched}`, logDiagnostic(job.line, job.text, start + 1, length, 'log-withdrawn', TOUCHED_TEXT[bound.touched], wrong.claimed, wrong.answered));
  }

  private segmentCall({ name }: Extract<Role, { role: 'segment' }>, pid: number, text: string, open: number): void {
    const read = this.segments.read(name, text, open);
    switch (read.kind) {
      case 'unread':
        return this.unread(text, read.why);
      case 'unknown':
        this.tally.skipped++;
        return this.tell(text, unread('log-segment', 0, text.length, read.id));
      case 'nothing':
        this.tally.skipped++;
        return undefined;
      case 'call':
        return this.carryOut({ pid, line: this.tally.lines, text, op: read.op, answer: read.answer, file: read.file });
    }
  }

  private processCall({ name }: Extract<Role, { role: 'process' }>, pid: number, text: string, open: number): void {
    if (name === 'setrlimit' || name === 'prlimit64') return this.limit(name, pid, text);
    this.tally.skipped++;
    if (name === 'exit' || name === 'exit_group') return this.left(pid);
    const result = readResultNumber(text);
    if (isBirth(name)) return this.processes.deliver(pid, readBirth(name, text.slice(open)), result !== null && result > 0 ? result : null);
    if (result === 0) this.processes.exec(pid, false);
  }

  private limit(name: 'setrlimit' | 'prlimit64', pid: number, text: string): void {
    this.tally.skipped++;
    const op = readLimit(name, text);
    if (op !== undefined) for (const bound of this.processes.home(pid).bounds) bound.perform(op);
  }

  private lacking(name: string, text: string): void {
    this.tally.skipped++;
    const at = Math.max(0, text.indexOf(name));
    // One that was refused has changed nothing.
    if (!/= -1 E\w+/.test(text)) this.tell(text, unread('log-lacking', at, name.length, name));
  }

  // What is said ---------------------------------------------------------------------------------

  private unread(text: string, why: Unread): void {
    this.tally.unread++;
    this.tell(text, why);
  }

  /** Once per kind: the first line of a kind tells what the others are like. */
  private tell<C extends LogCode>(text: string, { code, args, start, length }: Unread<C>): void {
    const kind = code === 'log-line' ? code : `${code} ${String(args[code === 'log-argument' ? 2 : 0])}`;
    this.sayOnce(kind, logDiagnostic(this.tally.lines, text, Math.min(start, text.length) + 1, length, code, ...(args as LogArguments<C>)));
  }

  private sayOnce(kind: string, diagnostic: Diagnostic): void {
    if (this.told.has(kind)) return;
    this.told.add(kind);
    this.say(diagnostic);
  }

  private say(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
    this.options.onDiagnostic?.(diagnostic);
  }
}

const isBirth = (name: string): name is 'clone' | 'clone3' | 'fork' | 'vfork' => name === 'clone' || name === 'clone3' || name === 'fork' || name === 'vfork';

/** The call as it was answered: where it was placed tells which process made it. */
const told = ({ op, answer }: Job): Op => (answer.kind === 'value' && isPlaced(op) ? { ...op, place: answer.value } as Op : op);

/** Where the result stands in a line. */
function claimPlace(text: string): { start: number; length: number } {
  const found = /=\s+((?:-1 E[A-Z0-9]+|\S+))(?=[^=]*$)/.exec(text);
  return found === null ? { start: 0, length: text.length } : { start: found.index + found[0].length - (found[1]?.length ?? 0), length: found[1]?.length ?? 1 };
}
