/** What statements need of whoever runs them: the run, its expressions, and blocks of other statements. */
import type { View } from '../../machine/index.js';
import type { Evaluator } from '../evaluating/evaluate.js';
import type { Names } from '../evaluating/names.js';
import type { Flow, Progress, Run } from '../evaluating/run.js';
import type { Task } from '../evaluating/task.js';
import type { Body, Statement } from '../syntax/ast.js';
import type { Value } from '../vocabulary/values.js';

export interface Runner {
  readonly run: Run;
  readonly progress: Progress;
  readonly evaluator: Evaluator;
  /** The same run with something changed, for a block. */
  inner(change: Partial<Run>, progress?: Progress): Runner;
  /** Statements one after the other, with the value of the last. */
  statements(list: readonly Statement[]): Task<Flow>;
  /** What is between braces, with names of its own. */
  body(body: Body, names?: Names, change?: Partial<Run>): Task<Flow>;
  /** `let NAME = VALUE` and `NAME = VALUE`. */
  bind(name: string, value: Value, isLet: boolean): void;
  view(view: View): void;
}
