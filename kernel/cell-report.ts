/**
 * What a cell's run came to, for those who count: `mremap_lab` in the content of an execute_reply,
 * beside what the protocol has there.
 */
import type { RunResult } from '../dsl/api.js';

export type CellReport = Pick<RunResult, 'outcome' | 'statements' | 'expectations' | 'judgements' | 'diagnostics' | 'races'>;

export const cellReport = ({ outcome, statements, expectations, judgements, diagnostics, races }: RunResult): CellReport => ({
  outcome,
  statements,
  expectations,
  judgements,
  diagnostics,
  races,
});
