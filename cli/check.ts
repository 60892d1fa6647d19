/** `mremap-lab check`: parses and checks, runs nothing, and is silent about what is right. */
import { formatDiagnostic } from '../dsl/messages/diagnostics.js';
import { SetupError } from '../machine/errors.js';
import { joinCells } from '../notebook/joined-cells.js';
import { EXIT, worst, type ExitCode } from './exit.js';
import { readInput, type Input } from './input.js';
import { logError, setupErrorText } from './messages.js';
import type { PlacedDiagnostic } from './report/file-report.js';
import { placeName } from './report/place.js';
import { err, out, paintDiagnostic, palette } from './terminal.js';

interface Finding {
  readonly diagnostic: PlacedDiagnostic;
  readonly source: string;
}

export async function check(files: readonly string[]): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const file of files) codes.push(await checkFile(file));
  return worst(codes);
}

async function checkFile(file: string): Promise<ExitCode> {
  const colours = palette(process.stdout);
  try {
    const input = await readInput(file);
    const findings = input.kind === 'log' ? await findingsInLog(input) : await findingsIn(input);
    for (const { diagnostic, source } of findings) {
      out(`${paintDiagnostic(colours, formatDiagnostic(placeName(file, diagnostic), source, diagnostic))}\n`);
    }
    return findings.some(({ diagnostic }) => diagnostic.severity === 'error') ? EXIT.unusable : EXIT.ok;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    err(setupErrorText(error));
    return EXIT.unusable;
  }
}

/** A log is read as `run` reads it, and nothing of it is carried out. */
async function findingsInLog({ file, source }: Extract<Input, { kind: 'log' }>): Promise<Finding[]> {
  const [{ LogReplay }, { createMachines }, { eachLine }] = await Promise.all([import('../dsl/logs/index.js'), import('../sim/index.js'), import('./lines.js')]);
  const reader = new LogReplay(createMachines(), { readsOnly: true });
  try {
    await eachLine(source, (line) => reader.line(line));
  } catch (error) {
    throw logError(file, error);
  }
  return reader.end().diagnostics.map((diagnostic) => ({ diagnostic, source: '' }));
}

async function findingsIn(input: Exclude<Input, { kind: 'log' }>): Promise<Finding[]> {
  // Loaded only now: a file that is not there should say so at once.
  const [{ createSession }, { createMachines }] = await Promise.all([import('../dsl/index.js'), import('../sim/index.js')]);
  const session = createSession(createMachines());
  if (input.kind === 'script') {
    return session.check(input.text, { mode: 'file' }).map((diagnostic) => ({ diagnostic, source: input.text }));
  }
  const { text, cells } = joinCells(input.notebook);
  const together = session.check(text, { mode: 'cell' });
  return cells.flatMap(({ number, source, line, start, mayFail }) => {
    if (mayFail) return [];
    // Syntax cell by cell, for a bracket left open ends with its cell; names over all, for they outlive theirs.
    const syntax = session.check(source, { mode: 'cell' }).filter((d) => d.phase === 'syntax');
    const names = together
      .filter((d) => d.phase !== 'syntax' && d.span.start >= start && d.span.start < start + source.length)
      .map((d) => ({ ...d, line: d.line - line, span: { start: d.span.start - start, end: d.span.end - start } }));
    return [...syntax, ...names].sort((a, b) => a.span.start - b.span.start).map((d) => ({ diagnostic: { ...d, cell: number }, source }));
  });
}
