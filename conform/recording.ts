/** The recordings of real kernels, one scenario a line, as the recorder wrote them. */

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

/** @throws SyntaxError with the line number when a line is not a scenario */
export function parseScenario(line: string, number: number): RecordedScenario {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new SyntaxError(`line ${number}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  const scenario = value as Partial<RecordedScenario> | null;
  const valid = scenario !== null && typeof scenario === 'object' && typeof scenario.id === 'string' && Array.isArray(scenario.steps);
  if (!valid || !scenario.steps?.every((s) => Array.isArray(s.op) && s.op.length > 0)) {
    throw new SyntaxError(`line ${number}: not a recorded scenario: it needs an id and steps with an op each`);
  }
  return scenario as RecordedScenario;
}
