/** A running scenario: the process, the names bound so far, and the way from a text to its result. */
import { ScenarioError, SetupError, type MachineCosts, type Machines, type ModelSpec } from '../machine/index.js';
import type { Script } from './syntax/ast.js';
import type { Completeness, CompletionList, Diagnostic, DocumentSymbol, Hover, Output, RunOptions, RunResult, Session, Shown, SessionMachines, SignatureHelp } from './api.js';
import { build } from './syntax/build.js';
import { check } from './checking/check.js';
import type { ScriptCstNode } from './syntax/cst.js';
import { byPlace, diagnose, Reporter, runError, Source } from './messages/diagnostics.js';
import { display } from './vocabulary/display.js';
import { interpret } from './statements/interpret.js';
import { Names } from './evaluating/names.js';
import { parse } from './syntax/parser.js';
import { Process } from './evaluating/process.js';
import { Races } from './evaluating/races.js';
import { noProgress, type Progress, type Run } from './evaluating/run.js';
import { Verdicts } from './evaluating/verdicts.js';
import { Scope, type Type } from './checking/scope.js';
import { complete } from './services/complete.js';
import { hover, signatureHelp } from './services/hover.js';
import { isComplete } from './services/is-complete.js';
import { documentSymbols } from './services/symbols.js';
import { Breather, drive } from './evaluating/task.js';
import type { Kind, Value } from './vocabulary/values.js';

/** What a session starts with. */
export interface SessionOptions {
  /** The model that every `kernel` statement means, and the session starts with, whatever the script says. */
  readonly model?: ModelSpec;
  /** What the steps of a move take on the machine in mind; default: as published. */
  readonly costs?: MachineCosts;
}

/**
 * A session on machines of the caller's choice.
 * @param machines `createMachines()` of `sim/`, or anything else that answers like it
 * @throws SetupError where the model that `options` names is unknown
 */
export function createSession(machines: Machines, options: SessionOptions = {}): Session {
  return new LanguageSession(machines, options);
}

interface Checked {
  readonly source: Source;
  readonly script: Script;
  readonly diagnostics: readonly Diagnostic[];
}

class LanguageSession implements Session {
  #names = new Names();
  #process: Process;
  #races = new Races();

  constructor(
    private readonly machines: Machines,
    private readonly options: SessionOptions,
  ) {
    this.#process = this.fresh();
  }

  private fresh(): Process {
    const { model, costs } = this.options;
    return new Process(this.machines, model ?? this.machines.defaultModel, costs === undefined ? {} : { costs });
  }

  get model(): string {
    return this.#process.machine.model.name;
  }

  get records(): RunResult['records'] {
    return this.#process.records;
  }

  space(): ReturnType<Session['space']> {
    return this.#process.machine.space();
  }

  toGoOnWith(): SessionMachines {
    const process = this.#process;
    return { copy: () => process.machine.clone?.(), fresh: () => process.fresh().machine };
  }

  lookup(name: string): Shown | undefined {
    const value = this.#names.get(name);
    return value && shown(value, () => this.model);
  }

  reset(): void {
    this.#names = new Names();
    this.#process = this.fresh();
    this.#races = new Races();
  }

  check(text: string, { mode }: Pick<RunOptions, 'mode'>): readonly Diagnostic[] {
    return this.checked(text, mode).diagnostics;
  }

  complete(text: string, cursor: number): CompletionList {
    return complete(text, cursor, { machines: this.machines, scope: this.scope() });
  }

  hover(text: string, cursor: number): Hover | undefined {
    return hover(text, cursor, this.machines, (name) => this.lookup(name)?.text);
  }

  signature(text: string, cursor: number): SignatureHelp | undefined {
    return signatureHelp(text, cursor);
  }

  symbols(text: string): readonly DocumentSymbol[] {
    return documentSymbols(text);
  }

  isComplete(text: string): Completeness {
    return isComplete(text);
  }

  async run(text: string, options: RunOptions): Promise<RunResult> {
    const { source, script, diagnostics: found } = this.checked(text, options.mode);
    const diagnostics: Diagnostic[] = [];
    const say = (output: Output): void => {
      if (output.type === 'diagnostic') diagnostics.push(output.diagnostic);
      options.onOutput?.(output);
    };
    for (const diagnostic of found) say({ type: 'diagnostic', diagnostic });

    const progress = noProgress();
    const ended = (outcome: RunResult['outcome'], verdicts: Verdicts): RunResult => result(outcome, progress, verdicts, diagnostics, () => this.model);
    if (diagnostics.some(isError)) return ended('rejected', new Verdicts(source));
    const verdicts = new Verdicts(source, script);

    const run: Run = {
      source,
      process: this.#process,
      names: this.#names,
      machines: this.machines,
      override: this.options.model,
      races: this.#races,
      verdicts,
      say,
      signal: options.signal,
      limits: options.races,
      breather: new Breather(),
      depth: 0,
    };
    try {
      // 6: run
      await drive(interpret(script, run, progress));
    } catch (error) {
      say({ type: 'diagnostic', diagnostic: explain(error, source) });
      progress.value = undefined;
    }
    if (progress.interrupted) return ended('interrupted', verdicts);
    return ended(diagnostics.some(isError) ? 'failed' : 'ok', verdicts);
  }

  private checked(text: string, mode: RunOptions['mode']): Checked {
    const source = new Source(text);
    const syntax = new Reporter(source, 'syntax');
    // 1 to 3: text to tokens, to lines, to a concrete syntax tree
    const { cst, tokens } = parse(source, syntax);
    // 4: to a syntax tree
    const script = build(cst as ScriptCstNode, tokens, syntax);
    // 5: checked
    const checks = new Reporter(source, 'check');
    check(script, { mode, machines: this.machines, scope: this.scope(), raced: this.#races.names }, checks);
    const all = [...syntax.found, ...checks.found].sort(byPlace);
    // What looks unused may be used in the statement that could not be read.
    return { source, script, diagnostics: all.some(isError) ? all.filter(isError) : all };
  }

  private scope(): Scope {
    return new Scope(
      [...this.#names.all()].map(([name, value]) => [
        name,
        {
          type: typeOfKind(value.kind),
          let: false,
          used: true,
          ...(value.kind === 'function' && { parameters: value.parameters }),
          ...(value.kind === 'table' && { columns: value.table.columns.map((c) => c.name) }),
        },
      ]),
    );
  }
}

/** A question that had no answer may have one when it is asked again. */
const typeOfKind = (kind: Kind): Type => (kind === 'none' ? 'unknown' : kind);

const isError = (d: Diagnostic): boolean => d.severity === 'error';

const shown = (value: Value, model: () => string): Shown => ({
  text: display(value),
  ...(value.kind === 'result' && { record: value.record }),
  ...(value.kind === 'table' && { view: { what: 'table', title: 'table', text: [], table: value.table, model: model() } }),
});

function result(outcome: RunResult['outcome'], progress: Progress, verdicts: Verdicts, diagnostics: readonly Diagnostic[], model: () => string): RunResult {
  const { statements, records, races, value } = progress;
  return {
    ok: outcome === 'ok',
    outcome,
    statements,
    expectations: verdicts.expectations,
    judgements: verdicts.list(),
    diagnostics,
    ...(value !== undefined && { value: shown(value, model) }),
    records,
    races,
  };
}

/** What a user can mend becomes a diagnostic; a bug of this project stays an exception. */
function explain(error: unknown, source: Source): Diagnostic {
  if (error instanceof ScenarioError) return runError(error, source);
  if (error instanceof SetupError) return diagnose(source, 'run', { start: 0, end: 0 }, 'set-up', error.message, error.hint);
  throw error;
}
