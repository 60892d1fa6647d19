/** Phase 6, the run: statement by statement on a machine, everything said as it happens. */
import {
  assertUnreachable, fitsU64, InvariantViolation, opText, ScenarioError, u64, type Op, type OpRecord, type Span, type View,
} from '../../machine/index.js'; // prettier-ignore
import type {
  Body, CallExpression, Claim, EvaluateStatement, ExpectStatement, Expression, ForStatement, IfStatement, InChildStatement, Name,
  PlotStatement, Script, SetStatement, ShowStatement, Statement, YieldStatement,
} from '../syntax/ast.js'; // prettier-ignore
import { advise } from '../views/advise.js';
import type { Diagnostic, Judgement } from '../api.js';
import { CALLABLES } from '../vocabulary/calls.js';
import { channelsOf, checkChannels } from '../vocabulary/channels.js';
import { LAST_TABLE } from '../checking/check.js';
import { contradiction, placed, type Claimed } from '../evaluating/claim.js';
import { compareModels } from './compare.js';
import { isErrno } from '../vocabulary/constants.js';
import { diagnose, runError, type Report } from '../messages/diagnostics.js';
import { brief } from '../vocabulary/display.js';
import { Evaluator, type Host } from '../evaluating/evaluate.js';
import { judge, type Evidence } from '../evaluating/expectation.js';
import { fail } from '../messages/fail.js';
import { applyFunction } from './def.js';
import { layoutDiffers, setUpLayout } from '../layout/layout.js';
import { mapsDiffer, setUpMaps } from '../layout/maps.js';
import { machineOf } from '../vocabulary/machine-statement.js';
import type { Arguments, Code } from '../messages/messages.js';
import { resolveModel } from '../vocabulary/model.js';
import { replayPrintk } from '../layout/printk.js';
import { Names } from '../evaluating/names.js';
import { toBoolean, toInteger, type Operand } from '../evaluating/operators.js';
import { Interruption, type Flow, type Progress, type Run } from '../evaluating/run.js';
import { exploreRace, judgeRace, replaySchedule } from './race.js';
import { SETTINGS, wordOf, type Setting } from '../vocabulary/settings.js';
import { sweep } from './sweep.js';
import type { Task } from '../evaluating/task.js';
import { KIND_NAMES, type FunctionValue, type Value } from '../vocabulary/values.js';
import { valuesOf } from '../evaluating/variables.js';
import { viewOfRmap } from '../views/table-views.js';
import { isView, viewOfCall, viewOfSpace, viewOfTables, type ViewName } from '../views/views.js';
import { why } from '../views/why.js';
import { whyMerge } from '../views/why-merge.js';

export function* interpret(script: Script, run: Run, progress: Progress): Task<void> {
  try {
    const { value } = yield* new Interpreter(run, progress).statements(script.statements);
    progress.value = value;
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    progress.interrupted = true;
  }
}

export class Interpreter implements Host {
  readonly evaluator: Evaluator;

  constructor(
    readonly run: Run,
    readonly progress: Progress,
  ) {
    this.evaluator = new Evaluator(run.process, run.names, this);
  }

  /** An interpreter for a block, with some properties of the run changed. */
  inner(change: Partial<Run>, progress = this.progress): Interpreter {
    return new Interpreter({ ...this.run, ...change }, progress);
  }

  /** A refusal is said at once and in the kernel's words, whoever made the call and for whatever reason. */
  heard(record: OpRecord): void {
    this.progress.records.push(record);
    if (record.result.kind !== 'errno' || this.run.quiet === true || record.op.name === 'switch') return;
    const { errno, refusal } = record.result;
    const text = `${errno}: ${refusal.why} (refused by check ${refusal.check} in ${refusal.fn})`;
    this.run.say({ type: 'refused', record, text });
  }

  *apply(callee: FunctionValue, args: readonly Value[], span: Span): Task<Value> {
    return yield* applyFunction(this, callee, args, span);
  }

  /** Statements one after the other, with the value of the last. */
  *statements(list: readonly Statement[]): Task<Flow> {
    let flow: Flow = {};
    for (const s of list) {
      yield* this.run.breather.breathe();
      if (this.run.signal?.aborted === true) throw new Interruption();
      flow = yield* this.statement(s);
      this.progress.statements++;
      this.run.watch?.(s);
      if (flow.returns === true) return flow;
    }
    return flow;
  }

  /** What is between braces, with names of its own. */
  *body({ statements }: Body, names = new Names(this.run.names), change: Partial<Run> = {}): Task<Flow> {
    return yield* this.inner({ ...change, names }).statements(statements);
  }

  private *statement(s: Statement): Task<Flow> {
    switch (s.kind) {
      case 'kernel': {
        const spec = this.run.override ?? resolveModel(s.model, this.run.machines, unheard);
        if (spec === undefined) throw new InvariantViolation('an unknown kernel passed the checker');
        this.run.process.start(spec);
        return {};
      }
      case 'machine': {
        const machine = machineOf(s);
        if (machine === undefined) throw new InvariantViolation('an unknown machine passed the checker');
        this.run.process.startOn(machine);
        return {};
      }
      case 'let':
        for (const b of s.bindings) yield* this.evaluation(b, true);
        return {};
      case 'evaluate': {
        const value = yield* this.evaluation(s, false);
        return s.name === undefined ? { value } : {};
      }
      case 'expect':
        yield* this.expectation(s);
        return {};
      case 'print': {
        const parts: string[] = [];
        for (const v of s.values) parts.push(brief(yield* this.evaluator.evaluate(v)));
        this.run.say({ type: 'text', text: `${parts.join(' ')}\n` });
        return {};
      }
      case 'show':
        yield* this.show(s);
        return {};
      case 'printk':
        this.run.say({ type: 'text', text: `${(yield* replayPrintk(s, this.evaluator)).join('\n')}\n` });
        return {};
      case 'set':
        yield* this.setting(s);
        return {};
      case 'fail': {
        const after = s.after === undefined ? 0n : toInteger(yield* this.evaluator.evaluate(s.after), s.after.span, '`fail`');
        if (after < 0n || after > 1_000_000_000n) fail(s.after?.span ?? s.span, 'out-of-range', '`after`', after.toString(), '0 to 1000000000');
        yield* this.evaluator.perform({ name: 'fail', what: s.what.text, after: Number(after) } as Op, s.span);
        return {};
      }
      case 'if':
        return yield* this.branch(s);
      case 'for':
        return yield* this.loop(s);
      case 'def': {
        const { name, parameters, body } = s;
        const { source, names } = this.run;
        names.declare(name.text, { kind: 'function', name: name.text, parameters: parameters.map((p) => p.text), body, source, names });
        return {};
      }
      case 'return':
        return { returns: true, value: s.value === undefined ? { kind: 'none' } : yield* this.evaluator.evaluate(s.value) };
      case 'in child':
        return yield* this.inChild(s);
      case 'yield':
        yield* this.yield(s);
        return {};
      case 'sweep': {
        const { table, view } = yield* sweep(this, s);
        this.tabled(s.name, { kind: 'table', table }, view);
        return {};
      }
      case 'compare': {
        const { table, view } = yield* compareModels(this, s);
        this.tabled(s.name, { kind: 'table', table }, view);
        return {};
      }
      case 'plot':
        yield* this.plot(s);
        return {};
      case 'why':
        this.view(why(yield* this.move(s.of, s.span, 'why'), this.run.process.machine.model.name));
        return {};
      case 'why merge':
        this.view(yield* whyMerge(s, this.evaluator));
        return {};
      case 'advise':
        this.view(yield* advise(yield* this.move(s.of, s.span, 'advise'), this.run.process));
        return {};
      case 'maps': {
        const range = s.range?.kind === 'range' ? yield* this.evaluator.range(s.range) : undefined;
        if (!s.expected) for (const line of yield* setUpMaps(s, range, this.evaluator)) this.complain(this.diagnose(line.span, 'lines-apart'), []);
        else this.compared(s.span, 'maps-differ', mapsDiffer(s.lines, range, this.run.process.machine.space()));
        return {};
      }
      case 'layout': {
        const at = toInteger(yield* this.evaluator.evaluate(s.at), s.at.span, '`layout at`');
        const unit = s.unit && toInteger(yield* this.evaluator.evaluate(s.unit), s.unit.span, '`unit`');
        if (!s.expected) yield* setUpLayout(s, at, unit, this.evaluator);
        else this.compared(s.span, 'layout-differs', layoutDiffers(s, at, unit, this.run.process.machine.space()));
        return {};
      }
      case 'race':
        yield* exploreRace(this, s);
        return {};
      case 'judge':
        yield* judgeRace(this, s);
        return {};
      case 'replay':
        replaySchedule(this, s);
        return {};
      case 'thread':
      case 'broken':
        throw new InvariantViolation(`a ${s.kind} statement passed the checker`);
      default:
        return assertUnreachable(s);
    }
  }

  // Names and blocks -----------------------------------------------------------------------------

  private bind(name: string, value: Value, isLet: boolean): void {
    if (isLet) this.run.names.declare(name, value);
    else this.run.names.assign(name, value);
  }

  /** A table becomes the last one; unless it was given a name, it is shown. */
  private tabled(name: Name | undefined, table: Value, view: View): void {
    this.run.names.declare(LAST_TABLE, table);
    if (name === undefined) this.view(view);
    else this.bind(name.text, table, false);
  }

  private *branch({ branches, otherwise }: IfStatement): Task<Flow> {
    for (const { condition, body } of branches) {
      if (toBoolean(yield* this.evaluator.evaluate(condition), condition.span, '`if`')) return yield* this.body(body);
    }
    return otherwise === undefined ? {} : yield* this.body(otherwise);
  }

  private *loop({ variable, body }: ForStatement): Task<Flow> {
    const values = yield* valuesOf(variable.over, this.evaluator);
    for (let i = 0n; i < values.count; i++) {
      const names = new Names(this.run.names);
      names.declare(variable.name.text, values.at(i));
      const flow = yield* this.body(body, names);
      if (flow.returns === true) return flow;
    }
    return {};
  }

  /** The parent is the actor again, whatever becomes of the block. */
  private *inChild({ body, span }: InChildStatement): Task<Flow> {
    const { result } = yield* this.evaluator.perform({ name: 'switch', to: 'child' }, span);
    if (result.kind === 'errno') fail({ start: span.start, end: body.span.start }, 'no-child', result.refusal.why);
    try {
      return yield* this.body(body);
    } finally {
      yield* this.evaluator.perform({ name: 'switch', to: 'parent' }, span);
    }
  }

  private *yield({ columns }: YieldStatement): Task<void> {
    for (const { name, value } of columns) this.run.yielded?.(name, yield* this.evaluator.evaluate(value));
  }

  private *plot({ table: of, channels, span }: PlotStatement): Task<void> {
    const value = of === undefined ? this.run.names.get(LAST_TABLE) : yield* this.evaluator.evaluate(of);
    if (value === undefined) return fail(span, 'nothing-to-plot');
    if (value.kind !== 'table') return fail((of ?? { span }).span, 'wrong-type', '`plot`', KIND_NAMES.table, KIND_NAMES[value.kind]);
    checkChannels(
      channels,
      value.table.columns.map((c) => c.name),
      fail,
    );
    this.view({ what: 'plot', table: value.table, model: this.run.process.machine.model.name, ...channelsOf(channels, value.table) });
  }

  /** The call that is asked about: the last mremap if none is named. */
  private *move(of: Expression | undefined, span: Span, what: string): Task<OpRecord> {
    if (of === undefined) return this.run.process.lastMove() ?? fail(span, 'nothing-to-show', what);
    const value = yield* this.evaluator.evaluate(of);
    return value.kind === 'result' ? value.record : fail(of.span, 'wrong-type', `\`${what}\``, KIND_NAMES.result, KIND_NAMES[value.kind]);
  }

  /** A layout that was expected; one message tells every line that differs. */
  private compared(span: Span, code: 'maps-differ' | 'layout-differs', lines: readonly Evidence[]): void {
    this.judged(code === 'maps-differ' ? 'maps' : 'layout', span, lines.length === 0 ? 'held' : 'failed');
    if (lines.length > 0) this.complain(this.diagnose({ start: span.start, end: Math.min(span.end, this.endOfLine(span.start)) }, code), lines);
  }

  private endOfLine(at: number): number {
    const end = this.run.source.text.indexOf('\n', at);
    return end < 0 ? this.run.source.text.length : end;
  }

  private view(view: View): void {
    this.run.say({ type: 'view', view });
  }

  // Calls, claims and expectations ---------------------------------------------------------------

  private *evaluation(s: EvaluateStatement, isLet: boolean): Task<Value> {
    const { value: e, claim } = s;
    const value = claim !== undefined && e.kind === 'call' ? yield* this.claimed(e, claim) : yield* this.evaluator.evaluate(e);
    if (s.name !== undefined) this.bind(s.name.text, value, isLet);
    return value;
  }

  private *claimed(call: CallExpression, claim: Claim): Task<Value> {
    const callable = CALLABLES.get(call.callee.text);
    if (callable?.role !== 'syscall') throw new InvariantViolation('a claim without a system call passed the checker');
    const op = yield* this.evaluator.operation(callable, call);
    const claimed = yield* this.claim(claim);
    const record = yield* this.evaluator.perform(placed(op, claimed), call.span);
    const wrong = contradiction(claimed, record);
    this.judged('claim', claim.span, wrong === undefined ? 'held' : 'failed');
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
      const value = toInteger(yield* this.evaluator.evaluate(claim.value), claim.span, 'the claimed result');
      if (!fitsU64(value)) fail(claim.span, 'out-of-range', 'the claimed result', value.toString(), 'what 64 bits hold');
      return { kind: 'value', value };
    }
    if (!isErrno(claim.errno.text)) throw new InvariantViolation('an unknown errno passed the checker');
    return { kind: 'errno', errno: claim.errno.text };
  }

  /** A failure is told and counted; what was done stays done, and the next expectation is judged too. */
  private *expectation({ condition, span }: ExpectStatement): Task<void> {
    try {
      const { holds, evidence } = yield* judge(condition, this.evaluator, this.run.source);
      this.judged('expect', span, holds ? 'held' : 'failed');
      if (!holds) this.complain(this.diagnose(condition.span, 'expect-failed'), evidence);
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      this.judged('expect', span, 'failed');
      // That nothing is mapped there says no more than that the expectation does not hold.
      if (error.code !== ('not-mapped' satisfies Code)) throw error;
      this.complain(runError(error, this.run.source), []);
    }
  }

  /** What a function of an earlier cell judges is counted where it was called. */
  judged(kind: Judgement['kind'], span: Span, verdict: 'held' | 'failed' | 'undecided'): void {
    this.run.verdicts.note(kind, this.run.elsewhere?.span ?? span, verdict);
  }

  private *setting({ setting: { text }, value: e }: SetStatement): Task<void> {
    const setting = SETTINGS[text];
    if (setting === undefined) throw new InvariantViolation(`the unknown setting ${text} passed the checker`);
    yield* this.evaluator.perform(setting.op(yield* this.settingValue(setting, text, e)), e.span);
  }

  private *settingValue(setting: Setting, name: string, e: Expression): Task<bigint | null> {
    const word = wordOf(e, setting);
    if (word !== undefined) return word;
    const value = yield* this.evaluator.evaluate(e);
    if (setting.takes === 'flag') return toBoolean(value, e.span, `\`${name}\``) ? 1n : 0n;
    const n = toInteger(value, e.span, `\`${name}\``);
    if (n < 0n || !fitsU64(n)) fail(e.span, 'out-of-range', `\`${name}\``, n.toString(), 'what 64 bits hold');
    return n;
  }

  private *show({ what, of, printk }: ShowStatement): Task<void> {
    const name = what.text;
    if (!isView(name)) throw new InvariantViolation(`the unknown view ${name} passed the checker`);
    const value = of && { value: yield* this.evaluator.evaluate(of), span: of.span };
    const view = yield* this.viewOf(name, what.span, value);
    this.view(printk === undefined || view.what !== 'steps' ? view : { ...view, printk: true });
  }

  private *viewOf(name: ViewName, at: Span, of: Operand | undefined): Task<View> {
    const { process } = this.run;
    if (name === 'rmap') return viewOfRmap(u64(of === undefined ? 0n : toInteger(of.value, of.span, '`show rmap`')), process.machine);
    if (name === 'tables') {
      if (of?.value.kind === 'result') return viewOfTables(of.value.record, process.machine);
      const address = of && u64(toInteger(of.value, of.span, `\`show ${name}\``));
      return viewOfSpace('tables', address, process.machine);
    }
    if (of !== undefined) {
      if (of.value.kind !== 'result') fail(of.span, 'wrong-type', `\`show ${name}\``, KIND_NAMES.result, KIND_NAMES[of.value.kind]);
      return yield* viewOfCall(name, of.value.record, this.run);
    }
    if (name === 'maps') return viewOfSpace('maps', undefined, process.machine);
    const record = process.lastMove();
    if (record === undefined) return fail(at, 'nothing-to-show', name);
    return yield* viewOfCall(name, record, this.run);
  }

  /** What goes wrong in a function of an earlier cell is told where it was called. */
  private diagnose<C extends Code>(span: Span, code: C, ...args: Arguments<C>): Diagnostic {
    const { elsewhere, source } = this.run;
    if (elsewhere === undefined) return diagnose(source, 'run', span, code, ...args);
    const found = diagnose(elsewhere.source, 'run', elsewhere.span, code, ...args);
    return { ...found, hint: `in \`${elsewhere.name}\`: ${source.line(source.position(span.start).line).trim()}` };
  }

  private complain(diagnostic: Diagnostic, values: readonly Evidence[]): void {
    this.run.say({ type: 'diagnostic', diagnostic: values.length === 0 ? diagnostic : { ...diagnostic, values } });
  }
}

/** The checker has said it already. */
const unheard: Report = () => undefined;
