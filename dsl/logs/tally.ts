/** What a run comes to: counts, what each mremap cost, and the dearest of them. */
import { opText, resultText, type LogCost, type LogMove, type MremapCall, type OpRecord } from '../../machine/index.js';
import type { Heard } from './space.js';

/** How many of the dearest moves are told. */
const DEAREST = 20;

/** One mremap of a log, as `--format json` has it. */
export interface MovedLine extends LogCost {
  readonly line: number;
  /** With nothing touched, where both bounds are known. */
  readonly least?: LogCost;
}

const costOf = ({ moved: { pte, pmd, pud } }: OpRecord): LogCost => ({ pte, pmd, pud });
const weight = ({ pte, pmd, pud }: LogCost): number => pte + pmd + pud;
const dearness = (m: LogMove): number => weight(m.most ?? m.least ?? { pte: 0, pmd: 0, pud: 0 });

export class Tally {
  lines = 0;
  replayed = 0;
  skipped = 0;
  unread = 0;
  assumed = 0;
  unjudged = 0;
  mremaps = 0;
  readonly claims = { held: 0, placed: 0, contradicted: 0 };
  /** All of them, for those who ask; a run that only tells the dearest keeps only those. */
  readonly moves: MovedLine[] = [];
  readonly dearest: LogMove[] = [];

  constructor(private readonly keepsMoves: boolean) {}

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
    // Of equals the first one stays first.
    const at = this.dearest.findIndex((m) => dearness(m) < dearness(move));
    this.dearest.splice(at < 0 ? this.dearest.length : at, 0, move);
    this.dearest.length = Math.min(this.dearest.length, DEAREST);
  }
}
