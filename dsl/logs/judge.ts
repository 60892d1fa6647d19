/**
 * Carrying calls out, and judging what the log says of each: phases 3 to 5 of a replay. What the kernel
 * did, happened: where the model would have answered otherwise, the log is right about its machine.
 */
import { opText, type MremapCall, type Op, type Refusal } from '../../machine/index.js';
import type { Claimed } from '../evaluating/claim.js';
import type { Answer } from './arguments.js';
import type { Touched } from './bound.js';
import type { MappedFile } from './calls.js';
import { causesOf } from './causes.js';
import { impliesMapped, mentions } from './effect.js';
import { isLimit } from './limits.js';
import { logDiagnostic, NOTES, TOUCHED_TEXT } from './messages.js';
import { impossible, neverGiven, refusesArguments } from './possible.js';
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

type Success = Extract<Claimed, { kind: 'value' }>;
type Failure = Extract<Claimed, { kind: 'errno' }>;

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
      ...(this.tally.conceded > 0 ? [NOTES.conceded(this.tally.conceded)] : []),
      ...(guesses.programs > 0 ? [NOTES.programs(guesses.programs)] : []),
      ...(guesses.joined > 0 ? [NOTES.joined(guesses.joined)] : []),
      ...(guesses.execs > 0 ? [NOTES.execs(guesses.execs)] : []),
      ...(this.liftedAt > 0 ? [NOTES.lifted(this.liftedAt)] : []),
      ...[...this.withdrawn].map((touched) => NOTES.withdrawn(TOUCHED_TEXT[touched])),
    ];
  }

  /** Carries a call out where its process lives, and holds it against what the log says. */
  carryOut(job: Job): void {
    const { pid, op, answer } = job;
    if (this.readsOnly) return;
    if (answer.kind === 'unknown') {
      const never = neverGiven(op, answer.errno);
      return never === undefined ? this.tally.count('others') : this.contradicted(job, [], never);
    }
    const space = this.processes.home(pid, told(job));
    const no = space.geometry === undefined ? undefined : impossible(op, answer, space.geometry);
    if (no !== undefined) this.contradicted(job, [], no);
    else if (op.name === 'brk') this.brk(job, space, op.addr, answer);
    else if (answer.kind === 'value') this.succeeded(job, space, answer);
    else this.refused(job, space, answer);
    if (space.isLifted && this.liftedAt === 0) this.liftedAt = job.line;
  }

  // Successes ------------------------------------------------------------------------------------

  private succeeded(job: Job, space: LogSpace, answer: Success): void {
    const assumed = space.assume(job.op);
    this.tally.assumed += assumed;
    const heard = space.perform(job.op, answer, job.file);
    this.agreed(job, space, heard, isPlaced(job.op), assumed > 0, () => space.concede(job.op, answer, heard, job.file));
  }

  /** The claim has to hold in at least one bound. A bound that contradicts it is dropped if another agrees. */
  private agreed(job: Job, space: LogSpace, heard: readonly Heard[], placed: boolean, assumed: boolean, concede: () => readonly Heard[]): void {
    const right = heard.filter((h) => h.wrong === undefined);
    if (right.length === 0) return this.conceded(job, heard, concede);
    this.tally.claims[placed ? 'placed' : 'held']++;
    this.tally.count(assumed ? 'assumptions' : 'replayed');
    for (const h of heard) if (h.wrong !== undefined) this.withdraw(job, space, h);
    if (job.op.name === 'mremap') this.tally.moved(job.line, job.op satisfies MremapCall, right);
  }

  /** Every run refuses what the kernel did: the state becomes what its answer implies. */
  private conceded(job: Job, heard: readonly Heard[], concede: () => readonly Heard[]): void {
    if (heard.some(({ wrong }) => wrong?.check !== undefined && refusesArguments(wrong.check))) return this.contradicted(job, heard);
    const after = concede();
    const still = after.find(({ wrong }) => wrong?.check !== undefined && refusesArguments(wrong.check));
    if (still !== undefined) return this.contradicted(job, [still]);
    this.tally.conceded++;
    this.tally.count('assumptions');
    const { answered = '', why = '', check = 'place' } = heard[0]?.wrong ?? {};
    const { start, length } = claimPlace(job.text);
    this.teller.sayOnce(`assumed ${job.op.name} ${check}`, logDiagnostic(job.line, job.text, start + 1, length, 'log-assumed', answered, why));
    if (job.op.name === 'mremap') this.tally.moved(job.line, job.op satisfies MremapCall, after);
  }

  // Refusals -------------------------------------------------------------------------------------

  private refused(job: Job, space: LogSpace, answer: Failure): void {
    const { op, file } = job;
    const range = impliesMapped(op) ?? (answer.errno === 'EEXIST' ? mentions(op) : undefined);
    const unsure = answer.errno !== 'EINVAL' && space.isUnsure(range);
    // What a file refuses, and what was mapped before the log began, the model cannot know.
    if (unsure || (file !== undefined && !['EINVAL', 'EEXIST', 'ENOMEM'].includes(answer.errno))) return this.explained(job, space, answer, undefined, unsure);
    const heard = space.refuse(op, answer, file);
    const right = heard.find((h) => h.wrong === undefined);
    if (right === undefined) return this.explained(job, space, answer, undefined, unsure, heard);
    this.tally.claims.held++;
    this.tally.count('replayed');
    for (const h of heard) if (h.wrong !== undefined) this.withdraw(job, space, h);
    const { result } = right.record;
    if (result.kind === 'errno' && isLimit(result.refusal.check)) this.tell(job, space, answer, result.refusal, unsure);
    if (op.name === 'mremap') this.tally.mremaps++;
  }

  /** The model would have allowed it, or cannot know: what may have been the reason? */
  private explained(job: Job, space: LogSpace, answer: Failure, refusal: Refusal | undefined, unsure: boolean, heard: readonly Heard[] = []): void {
    if (!this.tell(job, space, answer, refusal, unsure)) return this.contradicted(job, heard, heard.length === 0 ? 'nothing makes a kernel answer so' : undefined);
    this.tally.count('explained');
    if (job.op.name === 'mremap') this.tally.mremaps++;
  }

  /** @returns whether there is any cause */
  private tell({ line, pid, op, text, file }: Job, space: LogSpace, { errno }: Failure, refusal: Refusal | undefined, unsure: boolean): boolean {
    const causes = causesOf(op, errno, space.moment(op, refusal, unsure, file?.key));
    const [first, second] = causes;
    if (first === undefined) return false;
    this.tally.explain({ line, pid, call: opText(op), errno, causes });
    // What the model refuses for the same reason is no news.
    if (refusal !== undefined) return true;
    const { start, length } = claimPlace(text);
    this.teller.sayOnce(`refused ${op.name} ${errno} ${first.cause}`, logDiagnostic(line, text, start + 1, length, 'log-refused', errno, first, second));
    return true;
  }

  // The heap -------------------------------------------------------------------------------------

  private brk(job: Job, home: LogSpace, addr: bigint, answer: Claimed): void {
    if (answer.kind === 'errno') return this.unreadable(job);
    let space = home;
    if (addr === 0n && space.break !== null && space.break !== answer.value) space = this.processes.exec(job.pid, true);
    const old = space.break;
    // brk(2) refuses by leaving the break where it is.
    if (old !== null && addr !== 0n && addr !== old && answer.value === old) {
      if (space.brkRefused(addr, answer).some((h) => h.wrong === undefined)) return this.agreed(job, space, space.brk(addr, answer), false, false, () => []);
      return this.explained(job, space, { kind: 'errno', errno: 'ENOMEM' }, undefined, false);
    }
    const heard = space.brk(addr, answer);
    this.agreed(job, space, heard, old === null, false, () => {
      space.brkConcede(answer.value, old);
      return [];
    });
  }

  /** brk answers with the break, whatever came of it. */
  private unreadable({ line, text, op }: Job): void {
    this.tally.unread++;
    this.tally.count('doubts');
    this.teller.tellLine(line, text, 'log-result', op.name);
  }

  // What is said ---------------------------------------------------------------------------------

  private contradicted(job: Job, heard: readonly Heard[], no?: string): void {
    this.tally.claims.contradicted++;
    this.tally.count('doubts');
    if (job.op.name === 'mremap') this.tally.mremaps++;
    if (this.tally.claims.contradicted > MOST_TOLD) return;
    const { start, length } = claimPlace(job.text);
    const wrong = heard[0]?.wrong;
    if (wrong === undefined || no !== undefined)
      return this.teller.say(logDiagnostic(job.line, job.text, start + 1, length, 'log-impossible', job.text.slice(start, start + length), no ?? ''));
    const { claimed, answered, why } = wrong;
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
}

/** The call as it was answered: where it was placed tells which process made it. */
export const told = ({ op, answer }: Job): Op => (answer.kind === 'value' && isPlaced(op) ? ({ ...op, place: answer.value } as Op) : op);

/** Where the result stands in a line. */
function claimPlace(text: string): { start: number; length: number } {
  const equals = text.lastIndexOf('=');
  const [whole, result] = (equals < 0 ? null : /^=\s+(-1 E[A-Z0-9]+|\S+)/.exec(text.slice(equals))) ?? [];
  if (whole === undefined || result === undefined) return { start: 0, length: text.length };
  return { start: equals + whole.length - result.length, length: result.length };
}
