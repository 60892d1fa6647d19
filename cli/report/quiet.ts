/** What the formats for programs have in common: nothing is said along the way, standard output is all theirs. */
import { err } from '../terminal.js';
import type { FileReport } from './file-report.js';
import { pageLines } from './pages.js';
import type { Reporter } from './reporter.js';

const nothing = (): void => undefined;

export const quiet: Pick<Reporter, 'begin' | 'cell' | 'say' | 'progress' | 'diagnose'> = {
  begin: nothing,
  cell: nothing,
  say: nothing,
  progress: nothing,
  diagnose: nothing,
};

export const pagesTo = (reports: readonly FileReport[], index?: string): void => err(pageLines(reports, index));
