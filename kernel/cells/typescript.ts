/** `%%ts` cells: TypeScript in tslab, with the session in scope as `lab`. Made on the first such cell; it takes a second. */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { runInThisContext } from 'node:vm';
import type { CompletionInfo, Converter, Diagnostic } from 'tslab/dist/converter.js';
import type { Executor } from 'tslab/dist/executor.js';
import { InvariantViolation } from '../../machine/index.js';
import type { KernelDeps } from '../deps.js';
import { CellInterrupted } from '../interrupts.js';
import { ScenarioFailed, type Lab } from '../lab.js';
import { forwardTslabDisplay } from './tslab-display.js';
import type { CellContext } from './context.js';
import { interrupted, type CellError } from './error.js';
import { LAB_MODULE, labTypes } from './lab-types.js';
import { guardLoops, installGuards } from './loop-guard.js';
import { compileError } from './ts-diagnostics.js';
import { projectError } from './scenario.js';
import { nameCompiledCell } from './ts-frames.js';
import { thrownError } from './thrown.js';
import { valueBundle } from './value.js';

/** Where the hidden first cell finds `lab`. */
const SHARED = '__mremap_lab__';

const require = createRequire(import.meta.url);
/** tslab's object itself, on which its methods have to be called. */
const vm = require('node:vm') as { runInThisContext: typeof runInThisContext };

interface Attempt {
  readonly executionCount: number;
  value?: { readonly it: unknown };
  thrown?: { readonly it: unknown };
  diagnostics: readonly Diagnostic[];
  interrupted: boolean;
}

export class TypeScriptCells {
  private attempt: Attempt = { executionCount: 0, diagnostics: [], interrupted: false };

  private constructor(
    private readonly deps: KernelDeps,
    private readonly executor: Executor,
  ) {}

  static async create(deps: KernelDeps, lab: Lab): Promise<TypeScriptCells> {
    const { createConverter } = require('tslab/dist/converter.js') as typeof import('tslab/dist/converter.js');
    const { createExecutor } = require('tslab/dist/executor.js') as typeof import('tslab/dist/executor.js');
    forwardTslabDisplay();
    // No guard runs inside a regular expression. One that would backtrack for hours is handed to V8's second engine, which does not backtrack.
    setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

    const node = createConverter();
    let browser: Converter | undefined;
    const watched: Converter = {
      ...node,
      convert: (declarations, source) => {
        const converted = node.convert(declarations, source);
        const { attempt } = cells;
        attempt.diagnostics = converted.diagnostics;
        if (converted.output === undefined || converted.output === '') return converted;
        const sideOutputs = converted.sideOutputs?.map(({ path, data }) => ({ path, data: guardLoops(data) }));
        return { ...converted, sideOutputs, output: nameCompiledCell(attempt.executionCount, source, guardLoops(converted.output)) };
      },
    };
    const converters = {
      node: watched,
      get browser() {
        return (browser ??= createConverter({ isBrowser: true }));
      },
      close: () => {
        node.close();
        browser?.close();
      },
    };
    const executor = createExecutor(process.cwd(), converters, {
      log: (value: unknown) => (cells.attempt.value = { it: value }),
      error: (error: unknown) => (cells.attempt.thrown ??= { it: error }),
    });
    const cells: TypeScriptCells = new TypeScriptCells(deps, executor);
    installGuards(() => cells.attempt);
    const wrong = node.addModule(LAB_MODULE, labTypes(process.cwd()));
    if (wrong.length > 0) throw uncompiled(wrong);
    (globalThis as Record<string, unknown>)[SHARED] = lab;
    await cells.shareLab();
    return cells;
  }

  /** @returns why the cell failed */
  async run(code: string, cell: CellContext, executionCount: number): Promise<CellError | undefined> {
    if (cell.signal.aborted) return interrupted();
    const attempt: Attempt = { executionCount, diagnostics: [], interrupted: false };
    this.attempt = attempt;
    const interrupt = (): void => {
      attempt.interrupted = true;
      this.executor.interrupt();
    };
    cell.signal.addEventListener('abort', interrupt, { once: true });
    const ok = await this.execute(code).finally(() => cell.signal.removeEventListener('abort', interrupt));
    if (!ok) return this.failure(code, attempt, cell.signal);
    if (attempt.value !== undefined) {
      try {
        cell.output.result(await valueBundle(this.deps, attempt.value.it, cell.signal), executionCount);
      } catch (e) {
        return cell.signal.aborted ? interrupted() : (projectError(e) ?? thrownError(e));
      }
    }
    return undefined;
  }

  complete(code: string, cursor: number): CompletionInfo {
    return this.executor.complete(code, cursor);
  }

  /** The type and the documentation of what stands at the cursor. */
  describe(code: string, cursor: number): string | undefined {
    const { printQuickInfo } = require('tslab/dist/inspect.js') as typeof import('tslab/dist/inspect.js');
    const info = this.executor.inspect(code, cursor) as ReturnType<Executor['inspect']> | undefined;
    return info === undefined ? undefined : printQuickInfo(info);
  }

  async reset(): Promise<void> {
    this.executor.reset();
    await this.shareLab();
  }

  /**
   * tslab asks for `breakOnSigint`. For that Node takes all handlers of the signal off and puts them
   * back, and one that comes meanwhile ends the process; the loops are guarded anyway.
   */
  private execute(code: string): Promise<boolean> {
    const original = vm.runInThisContext;
    vm.runInThisContext = (text, options) => original(text, typeof options === 'object' ? { ...options, breakOnSigint: false } : options);
    try {
      return this.executor.execute(code);
    } finally {
      vm.runInThisContext = original;
    }
  }

  private async shareLab(): Promise<void> {
    await this.execute(`let lab = (globalThis as any).${SHARED} as import('./${LAB_MODULE}').Lab;`);
    if (this.attempt.diagnostics.length > 0) throw uncompiled(this.attempt.diagnostics);
  }

  private failure(code: string, { thrown, diagnostics }: Attempt, signal: AbortSignal): CellError {
    if (diagnostics.length > 0) return compileError(code, diagnostics);
    const error = thrown?.it;
    if (signal.aborted || error instanceof CellInterrupted) return interrupted();
    if (error instanceof ScenarioFailed) return error.shown;
    return projectError(error) ?? thrownError(error);
  }
}

const uncompiled = (diagnostics: readonly Diagnostic[]): Error => new InvariantViolation(`the types of lab do not compile: ${diagnostics.map((d) => d.messageText).join('; ')}`);

/** Whether a cell is whole, for consoles that send it at Enter. */
export function tsCompleteness(code: string): { readonly completed: boolean; readonly indent?: string } {
  const { isCompleteCode } = require('tslab/dist/converter.js') as typeof import('tslab/dist/converter.js');
  return isCompleteCode(code);
}
