/** The recordings of real kernels, one scenario a line, as the recorder wrote them. */

import { wrongField, type Shape } from './shape.js';

/** start, end, permissions, offset, kind, VmFlags, and what only instrumented kernels add. */
export type RecordedVma = [string, string, string, string, string, string, Record<string, string | number>?];
/** start, count, kind, tag */
export type RecordedPages = [string, number, string, number];
/** what, old, new, extent, n */
export type RecordedMove = [string, string, string, string, number];

export interface RecordedStep {
  readonly op: readonly string[];
  readonly ret: string;
  readonly at?: string;
  readonly vmas?: readonly RecordedVma[] | '=';
  readonly pages?: readonly RecordedPages[] | '=';
  readonly mm?: readonly number[];
  readonly cnt?: Readonly<Record<string, number>>;
  readonly trace?: readonly RecordedMove[];
  readonly trace_len?: number;
  readonly uffd?: readonly (readonly (string | number)[])[];
}

/** A scenario that an instrumented kernel ran, step by step. */
export interface RecordedScenario {
  readonly id: string;
  readonly corpus: string;
  readonly kernel: string;
  readonly note: string;
  readonly steps: readonly RecordedStep[];
}

const TEXT: Shape = 'text';
const WHOLE: Shape = 'whole';

const STEP: Shape = {
  fields: {
    op: { each: TEXT, least: 1 },
    ret: TEXT,
    at: { optional: TEXT },
    vmas: { optional: { either: '=', or: { each: { row: [TEXT, TEXT, TEXT, TEXT, TEXT, TEXT], then: { values: { either: TEXT, or: WHOLE } } } } } },
    pages: { optional: { either: '=', or: { each: { row: [TEXT, WHOLE, TEXT, WHOLE] } } } },
    mm: { optional: { each: WHOLE } },
    cnt: { optional: { values: WHOLE } },
    trace: { optional: { each: { row: [TEXT, TEXT, TEXT, TEXT, WHOLE] } } },
    trace_len: { optional: WHOLE },
    uffd: { optional: { each: { each: { either: TEXT, or: WHOLE } } } },
  },
};

const SCENARIO: Shape = { fields: { id: TEXT, corpus: { optional: TEXT }, kernel: { optional: TEXT }, note: { optional: TEXT }, steps: { each: STEP } } };

/** @throws SyntaxError that says in which line, in which field, and what was expected there */
export function parseScenario(line: string, number: number): RecordedScenario {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new SyntaxError(`line ${number}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const wrong = wrongField(value, SCENARIO, '');
  if (wrong !== undefined) throw new SyntaxError(`line ${number}: ${wrong}`);
  return value as RecordedScenario;
}
