/** A difference between stored and fresh outputs, as a diagnostic like any other. */
import type { OutputDifference } from '../../notebook/index.js';
import type { PlacedDiagnostic } from './file-report.js';

export function outputDiagnostic({ cell, output, what, stored, fresh }: OutputDifference): PlacedDiagnostic {
  const { line, from, to } = firstDifference(stored.split('\n'), fresh.split('\n'));
  return {
    code: 'output-differs',
    severity: 'error',
    message: `output ${output} (${what}) is not the stored one, from its line ${line} on`,
    hint: 'if the new output is right, store it: run with --out DIR and take the notebook from there',
    span: { start: 0, end: 0 },
    line: 1,
    column: 1,
    phase: 'run',
    values: [
      { text: 'stored', value: from },
      { text: 'fresh', value: to },
    ],
    cell,
  };
}

const LONGEST = 160;

function firstDifference(from: readonly string[], to: readonly string[]): { line: number; from: string; to: string } {
  const at = from.findIndex((line, i) => line !== to[i]);
  const i = at < 0 ? from.length : at;
  return { line: i + 1, from: shown(from[i]), to: shown(to[i]) };
}

function shown(line: string | undefined): string {
  if (line === undefined) return '(ends before)';
  const text = line.length > LONGEST ? `${line.slice(0, LONGEST)}...` : line;
  return JSON.stringify(text);
}
