/** Cells of every language, over one session. */
import { cellReport, type CellReport } from '../cell-report.js';
import type { KernelDeps } from '../deps.js';
import type { Content } from '../protocol/message.js';
import type { Magic } from '../attach/magics.js';
import { SharedSession } from '../session.js';
import { plain } from './bundle.js';
import { currentCell, type CellContext } from './context.js';
import type { CellError } from './error.js';
import { createLab } from './lab.js';
import { runLogCell } from './log.js';
import { magicList, unknownMagic } from './magics.js';
import { projectError, runScenario } from './scenario.js';
import { readCell, type LineMagic } from './source.js';
import { thrownError } from './thrown.js';
import type { TypeScriptCells } from './typescript.js';

export interface CellOutcome {
  readonly error?: CellError;
  /** For the front end to act on, beside the outputs: pages to show. */
  readonly payload: readonly Content[];
  /** Of a cell in the language that ran. */
  readonly report?: CellReport;
}

type Notes = { readonly payload: Content[]; report?: CellReport };

export class Cells {
  readonly session: SharedSession;
  private ts: Promise<TypeScriptCells> | undefined;

  /** Magics that are none of a cell's own: filled in by whoever has them, before the first cell runs. */
  extraMagics: Readonly<Record<string, Magic>> = {};

  constructor(private readonly deps: KernelDeps) {
    this.session = new SharedSession(() => deps.session());
  }

  /** Never throws: whatever goes wrong is the cell's error. */
  async run(text: string, cell: CellContext, executionCount: number): Promise<CellOutcome> {
    const notes: Notes = { payload: [] };
    const failed = (e: unknown): CellError => projectError(e) ?? thrownError(e);
    const error = await currentCell.run(cell, () => this.runCell(text, cell, executionCount, notes).catch(failed));
    const undrawn = await cell.output.settled();
    return { error: error ?? (undrawn === undefined ? undefined : failed(undrawn)), ...notes };
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
    const { language, magics, code } = readCell(text);
    if (typeof language === 'object') return unknownMagic(language.unknown);
    for (const magic of magics) {
      const error = await this.runMagic(magic, cell, notes.payload);
      if (error !== undefined) return error;
    }
    if (code.trim() === '') return undefined;
    if (language === 'ts') return (await this.typescript()).run(code, cell, executionCount);
    if (language === 'strace') {
      const { report, error } = await runLogCell(this.deps, this.session, code, cell);
      notes.report = report;
      return error;
    }
    const { result, error } = await runScenario({ deps: this.deps, session: this.session }, code, cell);
    notes.report = cellReport(result);
    if (error === undefined && result.value !== undefined) cell.output.result(plain(result.value.text), executionCount);
    return error;
  }

  private async runMagic(magic: LineMagic, cell: CellContext, payload: Content[]): Promise<CellError | undefined> {
    const { output } = cell;
    if (magic.kind === 'help') {
      payload.push({ source: 'page', start: 0, data: plain((await this.help(magic.name)) ?? `nothing is known about ${magic.name}`).data });
      return undefined;
    }
    switch (magic.name) {
      case 'lsmagic':
        output.stream('stdout', magicList());
        return undefined;
      case 'reset':
        (await this.session.get()).reset();
        await (await this.ts)?.reset();
        return undefined;
      default:
        return Object.hasOwn(this.extraMagics, magic.name) ? this.extraMagics[magic.name]?.(magic.rest, cell) : unknownMagic(`%${magic.name}`);
    }
  }

  /** What is known about a name of the language: its value, or its page of help. */
  async help(name: string): Promise<string | undefined> {
    const session = await this.session.get();
    return session.hover(name, name.length)?.text;
  }

  private async startTypeScript(): Promise<TypeScriptCells> {
    const { TypeScriptCells } = await import('./typescript.js');
    const lab = createLab({ deps: this.deps, session: this.session }, await this.session.get());
    return TypeScriptCells.create(this.deps, lab);
  }
}
