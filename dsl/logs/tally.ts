/** What a run comes to: what became of every line, what each mremap cost, and the dearest of them. */
import { opText, resultText, type LogAccount, type LogCost, type LogMove, type LogRefusal, type MremapCall, type OpRecord } from '../../machine/index.js';
import type { Heard } from './space.js';

/** How many of the dearest moves are told. */
const DEAREST = 20;
/** How many refusals are told where nobody asked for all. */
const MOST_EXPLAINED = 50;

/** One mremap of a log, as `--format json` has it. */
export interface MovedLine extends LogCost {
  readonly line: number;
  /** With nothing touched, where both bounds are known. */
  readonly least?: LogCost;
}

const costOf = ({ moved: { pte, pmd, pud } }: OpRecord): LogCost => ({ pte, pmd, pud });
const weight = ({ pte, pmd, pud }: LogCost): number => pte + pmd + pud;
const dearness = (m: LogMove): number => weight(m.most ?? m.least ?? { pte: 0, pmd: 0, pud: 0 });

type Counters = { -readonly [K in keyof LogAccount]: number };

export class Tally {
  lines = 0;
  /** Each line is counted in one of these, once. */
  readonly account: Counters = { replayed: 0, others: 0, notices: 0, explained: 0, assumptions: 0, doubts: 0 };
  /** Lines that strace printed, or another tracer. */
  ours = 0;
  unread = 0;
  assumed = 0;
  /** Calls whose success the model refuses. */
  conceded = 0;
  mremaps = 0;
  readonly claims = { held: 0, placed: 0, contradicted: 0 };
  /** All of them, for those who ask; a run that only tells the dearest keeps only those. */
  readonly moves: MovedLine[] = [];
  readonly dearest: LogMove[] = [];
  readonly explained: LogRefusal[] = [];

  constructor(private readonly keepsMoves: boolean) {}

  count(kind: keyof LogAccount): void {
    this.account[kind]++;
  }

  /** Calls that were carried out or tried: what one line of a log is there for. */
  get replayed(): number {
    const { replayed, explained, assumptions } = this.account;
    return replayed + explained + assumptions + this.claims.contradicted;
  }

  explain(refusal: LogRefusal): void {
    if (this.keepsMoves || this.explained.length < MOST_EXPLAINED) this.explained.push(refusal);
  }

  moved(line: number, op: MremapCall, heard: readonly Heard[]): void {
    this.mremaps++;
    const of = (touched: 'none' | 'all'): OpRecord | undefined => heard.find((h) => h.bound.touched === touched)?.record;
    const none = of('none');
    const all = of('all');
    const least = none === undefined ? null : costOf(none);
    const most = all === undefined ? null : costOf(all);
    const told = most ?? least;
    if (told === null) return;
    if (this.keepsMoves) this.moves.push({ line, ...told, ...(most !== null && least !== null && { least }) });
    const record = all ?? none;
    if (record !== undefined && weight(told) > 0) this.rank({ line, call: `${opText(op)} = ${resultText(record)}`, size: op.old_size, least, most });
  }

  private rank(move: LogMove): void {
    const last = this.dearest.at(-1);
    if (last !== undefined && this.dearest.length === DEAREST && dearness(last) >= dearness(move)) return;
    // Equally expensive moves stay in order.
    const at = this.dearest.findIndex((m) => dearness(m) < dearness(move));
    this.dearest.splice(at < 0 ? this.dearest.length : at, 0, move);
    this.dearest.length = Math.min(this.dearest.length, DEAREST);
  }
}
