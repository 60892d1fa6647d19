/**
 * A log of strace as a program, line by line:
 *
 *     text ──1 gather.ts──▶ whole lines ──2 line.ts──▶ line ──3 follow.ts, calls.ts, arguments.ts──▶ operation and claim
 *          ──4 processes.ts──▶ in an address space ──5 space.ts, bound.ts──▶ two runs ──6 judge.ts──▶ judged, tallied
 *
 * Nothing is kept of a line that has been replayed, but for what a person is told at the end.
 */
import type { LogSummary, Machine, Machines, MachineSpec, ModelSpec } from '../../machine/index.js';
import type { Diagnostic, SessionMachines } from '../api.js';
import { Bound, type Touched } from './bound.js';
import { unread } from './calls.js';
import { Follower } from './follow.js';
import { Gather, type Sink } from './gather.js';
import { guessMachine, type Guess } from './guess.js';
import { Judge } from './judge.js';
import { machineName } from './machine-name.js';
import { logDiagnostic, NOTES } from './messages.js';
import { Processes } from './processes.js';
import { LogSpace } from './space.js';
import { Tally, type MovedLine } from './tally.js';
import { Teller } from './teller.js';

export interface LogOptions {
  readonly model?: ModelSpec;
  /** The machine that the log is of; guessed from its lines by default. */
  readonly machine?: MachineSpec;
  /** What somebody has set up: the first process goes on from there, later programs begin on such a machine. */
  readonly start?: SessionMachines;
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
  /** Every line that should have been read was, something was read, and no claim is contradicted. */
  readonly ok: boolean;
  /** The model would have answered a call otherwise, or does not have one. */
  readonly doubtful: boolean;
  readonly summary: LogSummary;
  readonly mremaps: readonly MovedLine[];
  readonly diagnostics: readonly Diagnostic[];
  /** As the machines call it. */
  readonly model: string;
}

/** Lines that say nothing and are no prose either: comments, headings, fences of Markdown. */
const BLANK = /^\s*(?:$|#|\/\/|;|```|~~~|--+\s*$)/;

/** Whether the first call is one that only a new program makes. */
function beginsProgram(lines: readonly string[]): boolean {
  const first = lines.find((line) => /\b[a-z_]\w*\(/.test(line)) ?? '';
  return /\b(?:execve|brk)\((?:"|NULL|0\))/.test(first);
}

export class LogReplay {
  private readonly spec: ModelSpec;
  private readonly tally: Tally;
  private readonly processes: Processes;
  private readonly teller: Teller;
  private readonly judge: Judge;
  private readonly follower: Follower;
  private readonly gather: Gather;
  /** The first line that is nothing of a log. */
  private firstText: { readonly text: string; readonly at: number } | null = null;
  private guess: Guess | undefined;
  private tracer: string | undefined;
  /** The log is of a process that somebody has set up already, not of one from its beginning. */
  private goesOn = true;
  /** Processes that strace says are not what the others are. */
  private readonly modes = new Map<number, MachineSpec>();

  constructor(
    private readonly machines: Machines,
    private readonly options: LogOptions = {},
  ) {
    this.spec = options.model ?? machines.defaultModel;
    this.tally = new Tally(options.keepsMoves === true);
    this.processes = new Processes((pid) => this.openSpace(pid));
    this.teller = new Teller(options.onDiagnostic);
    this.judge = new Judge(this.processes, this.tally, this.teller, options.readsOnly === true);
    this.follower = new Follower(this.processes, this.tally, this.teller, this.judge);
    this.gather = new Gather(this.sink());
  }

  /** The next line of the log, without its line end. */
  line(text: string): void {
    this.tally.lines++;
    this.gather.next(text);
  }

  /** What it came to. No line may follow. */
  end(): LogResult {
    this.gather.end();
    this.follower.end();
    const nothing = this.isNothing();
    const { lines, account, replayed, unread: unreadLines, assumed, explained, claims, mremaps, dearest, conceded } = this.tally;
    const { programs, forks, threads } = this.processes;
    const summary: LogSummary = {
      lines,
      account,
      replayed,
      skipped: account.others,
      unread: unreadLines,
      assumed,
      explained,
      claims,
      processes: { programs, forks, threads },
      mremaps,
      dearest,
      notes: [...this.setting(), ...this.judge.notes()],
    };
    return {
      ok: !nothing && unreadLines === 0 && claims.contradicted === 0,
      doubtful: account.doubts + account.explained + conceded > 0,
      summary,
      mremaps: this.tally.moves,
      diagnostics: this.teller.diagnostics,
      model: this.machines.open(this.spec, { steps: false, records: 'lean' }).model.title,
    };
  }

  /** Whether there was no line of a log at all: then nothing holds. Of text among lines one is told. */
  private isNothing(): boolean {
    const { firstText: first } = this;
    const { others, doubts } = this.tally.account;
    const nothing = this.tally.replayed === 0 && others === 0 && doubts === 0 && this.tally.ours === 0 && (first !== null || this.tally.lines === 0);
    if (nothing) {
      const { text, at } = first ?? { text: '', at: 1 };
      this.teller.say(logDiagnostic(at, text, 1, text.length, 'log-nothing'));
    } else if (first !== null) this.teller.tellLine(first.at, first.text, 'log-text');
    return nothing;
  }

  /** What the log is taken to be. */
  private setting(): string[] {
    const { tracer, guess } = this;
    return [...(tracer === undefined ? [] : [NOTES.tracer(tracer)]), ...(guess === undefined ? [] : [NOTES.machine(machineName(guess.machine), guess.why)])];
  }

  private openSpace(pid: number): LogSpace {
    const { touched, start, machine: told } = this.options;
    const both: readonly Touched[] = touched === undefined ? ['none', 'all'] : [touched];
    const machine = this.modes.get(pid) ?? told ?? this.guess?.machine;
    // The first process is the one that somebody has set up.
    const goesOn = start !== undefined && this.goesOn && this.processes.programs === 1;
    const open = (): Machine =>
      (goesOn ? start.copy() : undefined) ?? start?.fresh() ?? this.machines.open(this.spec, { steps: false, records: 'lean', ...(machine !== undefined && { machine }) });
    const space = new LogSpace(both.map((t) => new Bound(t, open())));
    if (goesOn) space.knowMapped();
    return space;
  }

  private sink(): Sink {
    return {
      begin: (lines, tracer) => {
        this.tracer = tracer;
        this.goesOn = !beginsProgram(lines);
        if (this.options.machine === undefined && this.options.start === undefined) this.guess = guessMachine(lines);
      },
      line: (line, text, at) => {
        if (line.kind !== 'other' || text.trim() !== '') this.tally.ours++;
        this.follower.line(line, text, at);
      },
      notice: () => {
        this.tally.ours++;
        this.tally.count('notices');
      },
      text: (text, at) => {
        this.tally.count('notices');
        if (!BLANK.test(text)) this.firstText ??= { text, at };
      },
      unreadable: (text, column, at) => this.follower.unreadable(text, at, unread('log-line', column - 1, text.length)),
      cut: ({ open, name }, text, at, last) => {
        if (!last) return this.follower.unreadable(text, at, unread('log-brackets', open, text.length - open, name));
        this.tally.ours++;
        this.tally.count('doubts');
        this.teller.tell(at, text, unread('log-cut', open, text.length - open, name));
      },
      mode: (pid, bits) => {
        // Without -f the one process has no pid in the lines.
        const own = this.processes.isKnown(pid) || !this.processes.isKnown(0) ? pid : 0;
        this.modes.set(own, bits === 32 ? { arch: 'x86-32' } : { arch: 'x86-64' });
        if (this.processes.isKnown(own)) this.processes.reopen(own);
      },
    };
  }
}
