/** One line of JSON a file, with the fields that the language's design fixes. */
import { out } from '../terminal.js';
import type { FileReport } from './file-report.js';
import { pagesTo, quiet } from './quiet.js';
import type { Reporter } from './reporter.js';

export function jsonReporter(): Reporter {
  const write = ({ file, ok, statements, expectations, judgements, diagnostics, races, log }: FileReport): void =>
    out(`${JSON.stringify({ file, ok, statements, expectations, judgements, diagnostics, races, ...log }, bigintText)}\n`);
  return { ...quiet, end: write, unusable: write, finish: pagesTo };
}

/** Addresses can be larger than a double holds exactly, so they are written as text. */
const bigintText = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
