/** Cells of every language, over one session. */
import { cellReport, type CellReport } from '../cell-report.js';
import type { RunResult } from '../../dsl/api.js';
import { SetupError } from '../../machine/index.js';
import type { KernelDeps } from '../deps.js';
import type { Content } from '../protocol/message.js';
import type { Magic } from '../attach/magics.js';
import { SharedSession } from '../session.js';
import { shownBundle } from '../charts.js';
import { currentCell, type CellContext } from './context.js';
import { interrupted, type CellError } from './error.js';
import { createLab } from './lab.js';
import { runMagic } from './line-magics.js';
import { runLogCell } from './log.js';
import { unknownMagic } from './magics.js';
import { joinNeighbours } from './maps-cell.js';
import { projectError, runScenario, type Scenarios } from './scenario.js';
import { readCell, type CellSource } from './source.js';
import { thrownError } from './thrown.js';
import { stopwatch } from './time.js';
import { Transcript } from './transcript.js';
import type { TypeScriptCells } from './typescript.js';

export interface CellOutcome {
  readonly error?: CellError;
  /** What the front end is to do besides showing outputs, such as opening a page of help. */
  readonly payload: readonly Content[];
  /** What the run came to, for a cell in the language. */
  readonly report?: CellReport;
}

/** In characters. Compiling a longer one would hold up everything else for minutes. */
const LONGEST = { program: 1_000_000, log: 16_000_000 } as const;

type Notes = { readonly payload: Content[]; report?: CellReport };

export class Cells {
  readonly session: SharedSession;
  readonly scenarios: Scenarios;
  private readonly transcript = new Transcript();
  private ts: Promise<TypeScriptCells> | undefined;

  /** Magics that are none of a cell's own: filled in by whoever has them, before the first cell runs. */
  extraMagics: Readonly<Record<string, Magic>> = {};

  constructor(private readonly deps: KernelDeps) {
    this.session = new SharedSession(() => deps.session());
    this.scenarios = { deps, session: this.session };
  }

  /** Never throws: whatever goes wrong is the cell's error. */
  async run(text: string, cell: CellContext, executionCount: number): Promise<CellOutcome> {
    const notes: Notes = { payload: [] };
    const failed = (e: unknown): CellError => projectError(e) ?? thrownError(e);
    const error = await currentCell.run(cell, () => this.runCell(text, cell, executionCount, notes).catch(failed));
    const undrawn = await cell.output.settled();
    return { error: error ?? (undrawn === undefined ? undefined : cell.signal.aborted ? interrupted() : failed(undrawn)), ...notes };
  }

  /** Opens the session ahead of the first cell. If that fails, the first cell says so. */
  prepare(): void {
    this.session.get().catch(() => undefined);
  }

  typescript(): Promise<TypeScriptCells> {
    return (this.ts ??= this.startTypeScript().catch((e: unknown) => {
      this.ts = undefined;
      throw e;
    }));
  }

  private async runCell(text: string, cell: CellContext, executionCount: number, notes: Notes): Promise<CellError | undefined> {
    const source = readCell(text);
    const { language, magics } = source;
    const most = language === 'strace' ? LONGEST.log : LONGEST.program;
    if (text.length > most)
      throw new SetupError(`the cell has ${text.length} characters, and at most ${most} are taken`, 'a log of any length can be run from a file: %run FILE.strace');
    if (typeof language === 'object') return unknownMagic(language.unknown);
    for (const magic of magics) {
      const error = await runMagic(magic, {
        ...this.scenarios,
        transcript: this.transcript,
        cell,
        payload: notes.payload,
        reset: async () => (await this.ts)?.reset(),
        reported: (report) => (notes.report = report),
        extra: this.extraMagics,
      });
      if (error !== undefined) return error;
    }
    if (source.code.trim() === '') return undefined;
    const timed = magics.some((magic) => magic.kind === 'magic' && magic.name === 'time') ? stopwatch() : undefined;
    const error = await this.runCode(source, cell, executionCount, notes);
    if (timed !== undefined) cell.output.stream('stdout', timed());
    return error;
  }

  private async runCode({ language, code: text }: CellSource, cell: CellContext, executionCount: number, notes: Notes): Promise<CellError | undefined> {
    if (language === 'ts') return (await this.typescript()).run(text, cell, executionCount);
    if (language === 'strace') {
      const { report, error } = await runLogCell(this.deps, this.session, text, cell);
      notes.report = report;
      return error;
    }
    const { code, warning } = language === 'maps' ? joinNeighbours(text) : { code: text, warning: undefined };
    if (warning !== undefined) cell.output.stream('stderr', warning);
    const { result, error } = await runScenario(this.scenarios, code, cell);
    notes.report = cellReport(result);
    if (ran(result)) this.transcript.add(code);
    if (error === undefined && result.value !== undefined) cell.output.result(await shownBundle(this.deps, result.value), executionCount);
    return error;
  }

  private async startTypeScript(): Promise<TypeScriptCells> {
    const { TypeScriptCells } = await import('./typescript.js');
    const lab = createLab(this.scenarios, await this.session.get());
    return TypeScriptCells.create(this.deps, lab);
  }
}

/** Runs the text to its end, even if an expectation fails. */
const ran = ({ outcome, diagnostics }: RunResult): boolean =>
  outcome === 'ok' || (outcome === 'failed' && diagnostics.every((d) => d.severity !== 'error' || /^(?:expect|claim)/.test(d.code)));
