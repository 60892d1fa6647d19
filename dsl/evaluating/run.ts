/** A run: what it works on, how far it has come, and how it ends early. */
import type { Machines, ModelSpec, OpRecord, RaceLimits, Span } from '../../machine/index.js';
import type { Output, RaceVerdict } from '../api.js';
import type { Statement } from '../syntax/ast.js';
import type { Source } from '../messages/diagnostics.js';
import type { Names } from './names.js';
import type { Process } from './process.js';
import type { Races } from './races.js';
import type { Breather } from './task.js';
import type { Verdicts } from './verdicts.js';
import type { Value } from '../vocabulary/values.js';

export interface Run {
  readonly source: Source;
  readonly process: Process;
  /** The names bound so far; the run adds to them. */
  readonly names: Names;
  readonly machines: Machines;
  /** The model that every `kernel` statement means, whatever it says. */
  readonly override?: ModelSpec;
  /** What was raced so far. */
  readonly races: Races;
  /** What becomes of the claims and expectations of the text. */
  readonly verdicts: Verdicts;
  readonly say: (output: Output) => void;
  readonly signal?: AbortSignal;
  /** How far races are explored where they do not say it themselves. */
  readonly limits?: Partial<RaceLimits>;
  readonly breather: Breather;
  /** Hears of what the point of a sweep yields. */
  readonly yielded?: (column: string, value: Value) => void;
  /** Hears of every statement once it is carried out. */
  readonly watch?: (statement: Statement) => void;
  /** Whether refusals are said; where a block runs many times they are results like others. */
  readonly quiet?: boolean;
  /** How many functions of the script are under way. */
  readonly depth: number;
  /** Where a function was called that stands in another text: what is said about it is said there. */
  readonly elsewhere?: { readonly name: string; readonly span: Span; readonly source: Source };
}

/** How far a run has come; it grows while the run goes on, and holds when it ends early. */
export interface Progress {
  statements: number;
  readonly records: OpRecord[];
  readonly races: RaceVerdict[];
  interrupted: boolean;
  /** The value of the last statement, if it is an expression. */
  value?: Value;
}

export const noProgress = (): Progress => ({ statements: 0, records: [], races: [], interrupted: false });

/** What a statement leads to: the next one, or out of the function. */
export interface Flow {
  readonly returns?: boolean;
  readonly value?: Value;
}

/** Ends a run from wherever it is when its signal says so; `interpret` takes it for what it is. */
export class Interruption extends Error {
  override readonly name = 'Interruption';
}
