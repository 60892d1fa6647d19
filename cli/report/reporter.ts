/** Takes in what a run says and writes it in one format. */
import type { SetupError } from '../../machine/index.js';
import type { FileReport, PlacedDiagnostic } from './file-report.js';

export interface Reporter {
  begin(file: string): void;
  /** A cell of a notebook begins. */
  cell(number: number): void;
  /** Something said along the way; the text is made only where it is wanted. */
  say(text: () => string): void;
  /** How far a sweep has come. */
  progress(done: number, total: number): void;
  /** @param source the text that the diagnostic's place refers to: a script's, a cell's */
  diagnose(diagnostic: PlacedDiagnostic, source: string): void;
  end(report: FileReport): void;
  /** A file could not be used, so that nothing was said about it. */
  unusable(report: FileReport, error: SetupError): void;
  /** @param index the page that leads to the notebooks' pages, where there are several */
  finish(reports: readonly FileReport[], index?: string): void;
}
