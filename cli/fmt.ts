/** `mremap-lab fmt`: the one canonical layout. A file with a syntax error is told about and left alone. */
import type { Diagnostic } from '../dsl/api.js';
import { formatDiagnostic } from '../dsl/messages/diagnostics.js';
import { format } from '../dsl/format/format.js';
import { createSession } from '../dsl/index.js';
import { reason } from '../files/reason.js';
import { writeWhole } from '../files/write-whole.js';
import { readCell } from '../kernel/cells/source.js';
import { SetupError } from '../machine/errors.js';
import { isExecutable, type Cell } from '../notebook/nbformat.js';
import { writeNotebook } from '../notebook/write.js';
import { createMachines } from '../sim/index.js';
import { EXIT, worst, type ExitCode } from './exit.js';
import { mayBeLog, readInput, type Input } from './input.js';
import { messages, setupErrorText } from './messages.js';
import { err, out, paintDiagnostic, palette } from './terminal.js';

export interface FmtOptions {
  readonly check?: boolean;
}

interface Mistake {
  readonly place: string;
  readonly source: string;
  readonly diagnostic: Diagnostic;
}

/** The file as it should be; undefined where it is so already. */
type Laid = { readonly text?: string; readonly mistakes: readonly Mistake[] };

export async function fmt(files: readonly string[], { check }: FmtOptions): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const file of files) codes.push(await fmtFile(file, check === true));
  return worst(codes);
}

async function fmtFile(file: string, check: boolean): Promise<ExitCode> {
  try {
    const input = await readInput(file);
    // What somebody dumped or recorded stays as it is.
    if (mayBeLog(file)) throw messages.notFormatted(file);
    const { text, mistakes } = lay(input);
    const colours = palette(process.stdout);
    for (const { place, source, diagnostic } of mistakes) out(`${paintDiagnostic(colours, formatDiagnostic(place, source, diagnostic))}\n`);
    if (text !== undefined) {
      if (!check) await rewrite(file, text);
      out(`${file}: ${check ? 'would change' : 'changed'}\n`);
    }
    if (mistakes.length > 0) return EXIT.unusable;
    return text !== undefined && check ? EXIT.failed : EXIT.ok;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    err(setupErrorText(error));
    return EXIT.unusable;
  }
}

async function rewrite(file: string, text: string): Promise<void> {
  await writeWhole(file, text).catch((error: unknown) => {
    throw messages.cannotRewrite(file, reason(error));
  });
}

function lay(input: Input): Laid {
  switch (input.kind) {
    case 'script': {
      const mistakes = mistakesIn(input.text).map((diagnostic) => ({ place: input.file, source: input.text, diagnostic }));
      return mistakes.length > 0 ? { mistakes } : { mistakes, ...changed(input.text, format(input.text)) };
    }
    case 'notebook':
      return layNotebook(input);
    case 'log':
      throw messages.notFormatted(input.file);
  }
}

const changed = (before: string, after: string): { text?: string } => (before === after ? {} : { text: after });

/** Lays out the cells that are in the language. Other cells, cells with a mistake, and everything but the sources stay. */
function layNotebook({ file, notebook }: Extract<Input, { kind: 'notebook' }>): Laid {
  const mistakes: Mistake[] = [];
  let number = 0;
  const cells = notebook.cells.map((cell): Cell => {
    if (isExecutable(cell)) number++;
    if (cell.cell_type !== 'code') return cell;
    const { language, code } = readCell(cell.source);
    if (language !== 'mremap' || code.trim() === '') return cell;
    const found = mistakesIn(code);
    mistakes.push(...found.map((diagnostic) => ({ place: `${file}:cell ${number}`, source: code, diagnostic })));
    return found.length > 0 ? cell : { ...cell, source: formatCell(cell.source, code) };
  });
  const same = cells.every((cell, i) => cell.source === notebook.cells[i]?.source);
  return same ? { mistakes } : { mistakes, text: writeNotebook({ ...notebook, cells }) };
}

/** Magics at the head of a cell stay as they are. @param code the cell with blanks in their place */
function formatCell(source: string, code: string): string {
  const lines = source.split('\n');
  const blanks = code.split('\n').findIndex((line) => line.trim() !== '');
  const magics = lines.slice(0, blanks).filter((line) => line.trim() !== '');
  const body = format(lines.slice(blanks).join('\n')).trimEnd();
  return [...magics, body].join('\n');
}

const session = createSession(createMachines());

const mistakesIn = (text: string): Diagnostic[] => session.check(text, { mode: 'cell' }).filter((d) => d.phase === 'syntax' && d.severity === 'error');
