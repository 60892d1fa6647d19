/** Carrying calls out, and judging what the log says of each: phases 3 to 5 of a replay. */
import type { MremapCall, Op } from '../../machine/index.js';
import type { Claimed } from '../running/claim.js';
import type { Answer } from './arguments.js';
import type { Touched } from './bound.js';
import type { MappedFile } from './calls.js';
import { impliesMapped, mentions } from './effect.js';
import { logDiagnostic, NOTES, TOUCHED_TEXT } from './messages.js';
import type { Processes } from './processes.js';
import { isPlaced, type Heard, type LogSpace } from './space.js';
import type { Tally } from './tally.js';
import type { Teller } from './teller.js';

/** More contradictions than these are counted, not told. */
const MOST_TOLD = 50;

/** A call with its result, ready to be carried out. */
export interface Job {
  readonly pid: number;
  readonly line: number;
  readonly text: string;
  readonly op: Op;
  readonly answer: Answer;
  readonly file?: MappedFile;
}

export class Judge {
  private readonly withdrawn = new Set<Touched>();
  private liftedAt = 0;

  constructor(
    private readonly processes: Processes,
    private readonly tally: Tally,
    private readonly teller: Teller,
    private readonly readsOnly: boolean,
  ) {}

  /** What the run had to make up. */
  notes(): string[] {
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

  /** Carries a call out where its process lives, and holds it against what the log says. */
  carryOut(job: Job): void {
    const { pid, op, answer } = job;
    if (this.readsOnly) return;
    if (answer.kind === 'unknown') {
      this.tally.skipped++;
      return;
    }
    let space = this.processes.home(pid, told(job));
    if (op.name === 'brk') {
      if (answer.kind === 'errno') return this.unreadable(job);
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
    this.teller.say(differ ? { ...diagnostic, values } : diagnostic);
  }

  private withdraw(job: Job, space: LogSpace, { bound, wrong }: Heard): void {
    space.withdraw(bound);
    this.withdrawn.add(bound.touched);
    if (wrong === undefined) return;
    const { start, length } = claimPlace(job.text);
    this.teller.sayOnce(
      `withdrawn ${bound.touched}`,
      logDiagnostic(job.line, job.text, start + 1, length, 'log-withdrawn', TOUCHED_TEXT[bound.touched], wrong.claimed, wrong.answered),
    );
  }

  /** brk answers with the break, whatever came of it. */
  private unreadable({ line, text, op }: Job): void {
    this.tally.unread++;
    this.teller.tellLine(line, text, 'log-result', op.name);
  }
}

/** The call as it was answered: where it was placed tells which process made it. */
export const told = ({ op, answer }: Job): Op => (answer.kind === 'value' && isPlaced(op) ? ({ ...op, place: answer.value } as Op) : op);

/** Where the result stands in a line. */
function claimPlace(text: string): { start: number; length: number } {
  const found = /=\s+((?:-1 E[A-Z0-9]+|\S+))(?=[^=]*$)/.exec(text);
  return found === null ? { start: 0, length: text.length } : { start: found.index + found[0].length - (found[1]?.length ?? 0), length: found[1]?.length ?? 1 };
}
