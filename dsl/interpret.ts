/** Phase 6, the run: statement by statement on a machine, everything said as it happens. */
import {
  assertUnreachable, fitsU64, InvariantViolation, opText, ScenarioError, u64, type Machines, type ModelSpec, type OpRecord,
  type Span, type View,
} from '../machine/index.js'; // prettier-ignore
import type {
  CallExpression, Claim, EvaluateStatement, ExpectStatement, Expression, Script, SetStatement, ShowStatement, Statement,
} from './ast.js'; // prettier-ignore
import type { Diagnostic, Output } from './api.js';
import { CALLABLES } from './calls.js';
import { contradiction, placed, type Claimed } from './claim.js';
import { isErrno } from './constants.js';
import { diagnose, runError, type Report, type Source } from './diagnostics.js';
import { brief } from './display.js';
import { Evaluator } from './evaluate.js';
import { judge, type Evidence } from './expectation.js';
import { fail } from './fail.js';
import type { Arguments, Code } from './messages.js';
import { resolveModel } from './model.js';
import { toBoolean, toInteger, type Operand } from './operators.js';
import type { Process } from './process.js';
import { isUnlimited, SETTINGS, type Setting } from './settings.js';
import { Breather, type Task } from './task.js';
import { KIND_NAMES, type Value } from './values.js';
import { isView, viewOfCall, viewOfSpace, type ViewName } from './views.js';

export interface Run {
  readonly source: Source;
  readonly process: Process;
  /** The names bound so far; the run adds to them. */
  readonly names: Map<string, Value>;
  readonly machines: Pick<Machines, 'releases' | 'behaviours'>;
  /** The model that every `kernel` statement means, whatever it says. */
  readonly override?: ModelSpec;
  readonly say: (output: Output) => void;
  readonly signal?: AbortSignal;
}

/** How far a run has come; it grows while the run goes on, and holds when it ends early. */
export interface Progress {
  statements: number;
  held: number;
  failed: number;
  readonly records: OpRecord[];
  interrupted: boolean;
  /** The value of the last statement, if it is an expression. */
  value?: Value;
}

export const noProgress = (): Progress => ({ statements: 0, held: 0, failed: 0, records: [], interrupted: false });

export function* interpret(script: Script, run: Run, progress: Progress): Task<void> {
  const interpreter = new Interpreter(run, progress);
  const breather = new Breather();
  for (const statement of script.statements) {
    yield* breather.breathe();
    if (run.signal?.aborted === true) {
      progress.interrupted = true;
      return;
    }
    progress.value = undefined;
    progress.value = yield* interpreter.statement(statement);
    progress.statements++;
  }
}

class Interpreter {
  readonly #evaluator: Evaluator;

  constructor(
    private readonly run: Run,
    private readonly progress: Progress,
  ) {
    this.#evaluator = new Evaluator(run.process, run.names, (record) => this.heard(record));
  }

  /** A refusal is said at once and in the kernel's words, whoever made the call and for whatever reason. */
  private heard(record: OpRecord): void {
    this.progress.records.push(record);
    if (record.result.kind !== 'errno') return;
    const { errno, refusal } = record.result;
    const text = `${errno}: ${refusal.why} (refused by check ${refusal.check} in ${refusal.fn})`;
    this.run.say({ type: 'refused', record, text });
  }

  /** Carries a statement out; an expression has a value. */
  *statement(s: Statement): Task<Value | undefined> {
    switch (s.kind) {
      case 'kernel': {
        const spec = this.run.override ?? resolveModel(s.model, this.run.machines, unheard);
        if (spec === undefined) throw new InvariantViolation('an unknown kernel passed the checker');
        this.run.process.start(spec);
        return undefined;
      }
      case 'let':
        for (const b of s.bindings) yield* this.evaluation(b);
        return undefined;
      case 'evaluate': {
        const value = yield* this.evaluation(s);
        return s.name === undefined ? value : undefined;
      }
      case 'expect':
        yield* this.expectation(s);
        return undefined;
      case 'print': {
        const parts: string[] = [];
        for (const v of s.values) parts.push(brief(yield* this.#evaluator.evaluate(v)));
        this.run.say({ type: 'text', text: `${parts.join(' ')}\n` });
        return undefined;
      }
      case 'show':
        yield* this.show(s);
        return undefined;
      case 'set':
        yield* this.setting(s);
        return undefined;
      case 'later':
      case 'broken':
        throw new InvariantViolation(`a ${s.kind} statement passed the checker`);
      default:
        return assertUnreachable(s);
    }
  }

  private *evaluation(s: EvaluateStatement): Task<Value> {
    const { value: e, claim } = s;
    const value = claim !== undefined && e.kind === 'call' ? yield* this.claimed(e, claim) : yield* this.#evaluator.evaluate(e);
    if (s.name !== undefined) this.run.names.set(s.name.text, value);
    return value;
  }

  private *claimed(call: CallExpression, claim: Claim): Task<Value> {
    const callable = CALLABLES.get(call.callee.text);
    if (callable?.role !== 'syscall') throw new InvariantViolation('a claim without a system call passed the checker');
    const op = yield* this.#evaluator.operation(callable, call);
    const claimed = yield* this.claim(claim);
    const record = yield* this.#evaluator.perform(placed(op, claimed), call.span);
    const wrong = contradiction(claimed, record);
    if (wrong !== undefined) {
      const diagnostic = this.diagnose(claim.span, 'claim-failed', wrong.claimed, wrong.answered, wrong.why);
      const text = this.run.source.slice(call.span);
      const plain = opText(record.op);
      this.complain(diagnostic, [{ text, value: wrong.answered, ...(text !== plain && { from: plain }) }]);
    }
    return { kind: 'result', record };
  }

  private *claim(claim: Claim): Task<Claimed> {
    if (claim.kind === 'value') {
      const value = toInteger(yield* this.#evaluator.evaluate(claim.value), claim.span, 'the claimed result');
      if (!fitsU64(value)) fail(claim.span, 'out-of-range', 'the claimed result', value.toString(), 'what 64 bits hold');
      return { kind: 'value', value };
    }
    if (!isErrno(claim.errno.text)) throw new InvariantViolation('an unknown errno passed the checker');
    return { kind: 'errno', errno: claim.errno.text };
  }

  /** A failure is told and counted; what was done stays done, and the next expectation is judged too. */
  private *expectation({ condition }: ExpectStatement): Task<void> {
    try {
      const { holds, evidence } = yield* judge(condition, this.#evaluator, this.run.source);
      if (holds) this.progress.held++;
      else this.unmet(this.diagnose(condition.span, 'expect-failed'), evidence);
    } catch (error) {
      // That nothing is mapped there says no more than that the expectation does not hold.
      if (!(error instanceof ScenarioError) || error.code !== ('not-mapped' satisfies Code)) throw error;
      this.unmet(runError(error, this.run.source), []);
    }
  }

  private unmet(diagnostic: Diagnostic, evidence: readonly Evidence[]): void {
    this.progress.failed++;
    this.complain(diagnostic, evidence);
  }

  private *setting({ setting: { text }, value: e }: SetStatement): Task<void> {
    const setting = SETTINGS[text];
    if (setting === undefined) throw new InvariantViolation(`the unknown setting ${text} passed the checker`);
    yield* this.#evaluator.perform(setting.op(yield* this.settingValue(setting, text, e)), e.span);
  }

  private *settingValue(setting: Setting, name: string, e: Expression): Task<bigint | null> {
    if (isUnlimited(e, setting)) return null;
    const value = yield* this.#evaluator.evaluate(e);
    if (setting.takes === 'flag') return toBoolean(value, e.span, `\`${name}\``) ? 1n : 0n;
    const n = toInteger(value, e.span, `\`${name}\``);
    if (n < 0n || !fitsU64(n)) fail(e.span, 'out-of-range', `\`${name}\``, n.toString(), 'what 64 bits hold');
    return n;
  }

  private *show({ what, of }: ShowStatement): Task<void> {
    const name = what.text;
    if (!isView(name)) throw new InvariantViolation(`the unknown view ${name} passed the checker`);
    const value = of && { value: yield* this.#evaluator.evaluate(of), span: of.span };
    this.run.say({ type: 'view', view: this.view(name, what.span, value) });
  }

  private view(name: ViewName, at: Span, of: Operand | undefined): View {
    const { process } = this.run;
    if (name === 'tables') {
      const address = of && u64(toInteger(of.value, of.span, `\`show ${name}\``));
      return viewOfSpace('tables', address, process.machine);
    }
    if (of !== undefined) {
      if (of.value.kind !== 'result') fail(of.span, 'wrong-type', `\`show ${name}\``, KIND_NAMES.result, KIND_NAMES[of.value.kind]);
      return viewOfCall(name, of.value.record, process.machine);
    }
    if (name === 'maps') return viewOfSpace('maps', undefined, process.machine);
    const record = process.last('mremap');
    if (record === undefined) return fail(at, 'nothing-to-show', name);
    return viewOfCall(name, record, process.machine);
  }

  private diagnose<C extends Code>(span: Span, code: C, ...args: Arguments<C>): Diagnostic {
    return diagnose(this.run.source, 'run', span, code, ...args);
  }

  private complain(diagnostic: Diagnostic, values: readonly Evidence[]): void {
    this.run.say({ type: 'diagnostic', diagnostic: values.length === 0 ? diagnostic : { ...diagnostic, values } });
  }
}

/** The checker has said it already. */
const unheard: Report = () => undefined;
