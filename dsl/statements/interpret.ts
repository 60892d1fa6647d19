/** Phase 6, the run: statement by statement on a machine, everything said as it happens. */
import { assertUnreachable, InvariantViolation, type OpRecord, type Span, type View } from '../../machine/index.js';
import { Evaluator, type Host } from '../evaluating/evaluate.js';
import { Names } from '../evaluating/names.js';
import { toInteger } from '../evaluating/operators.js';
import { Interruption, type Flow, type Progress, type Run } from '../evaluating/run.js';
import type { Task } from '../evaluating/task.js';
import { complain, diagnoseIn } from '../evaluating/telling.js';
import { layoutDiffers, setUpLayout } from '../layout/layout.js';
import { mapsDiffer, setUpMaps } from '../layout/maps.js';
import { replayPrintk } from '../layout/printk.js';
import type { Report } from '../messages/diagnostics.js';
import type { Body, Script, Statement } from '../syntax/ast.js';
import { advise } from '../views/advise.js';
import { why } from '../views/why.js';
import { whyMerge } from '../views/why-merge.js';
import { brief } from '../vocabulary/display.js';
import { machineOf } from '../vocabulary/machine-statement.js';
import { resolveModel } from '../vocabulary/model.js';
import type { FunctionValue, Value } from '../vocabulary/values.js';
import { branch, inChild, loop } from './blocks.js';
import { evaluation } from './call.js';
import { compareModels } from './compare.js';
import { applyFunction } from './def.js';
import { compared, expectation } from './expect.js';
import { plot, tabled } from './plot.js';
import { exploreRace, judgeRace, replaySchedule } from './race.js';
import type { Runner } from './runner.js';
import { failAllocation, set } from './set.js';
import { askedMove, show } from './show.js';
import { sweep } from './sweep.js';

export function* interpret(script: Script, run: Run, progress: Progress): Task<void> {
  try {
    const { value } = yield* new Interpreter(run, progress).statements(script.statements);
    progress.value = value;
  } catch (error) {
    if (!(error instanceof Interruption)) throw error;
    progress.interrupted = true;
  }
}

export class Interpreter implements Host, Runner {
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
        for (const b of s.bindings) yield* evaluation(this, b, true);
        return {};
      case 'evaluate': {
        const value = yield* evaluation(this, s, false);
        return s.name === undefined ? { value } : {};
      }
      case 'expect':
        yield* expectation(this, s);
        return {};
      case 'print': {
        const parts: string[] = [];
        for (const v of s.values) parts.push(brief(yield* this.evaluator.evaluate(v)));
        this.run.say({ type: 'text', text: `${parts.join(' ')}\n` });
        return {};
      }
      case 'show':
        yield* show(this, s);
        return {};
      case 'printk':
        this.run.say({ type: 'text', text: `${(yield* replayPrintk(s, this.evaluator)).join('\n')}\n` });
        return {};
      case 'set':
        yield* set(this, s);
        return {};
      case 'fail':
        yield* failAllocation(this, s);
        return {};
      case 'if':
        return yield* branch(this, s);
      case 'for':
        return yield* loop(this, s);
      case 'def': {
        const { name, parameters, body } = s;
        const { source, names } = this.run;
        names.declare(name.text, { kind: 'function', name: name.text, parameters: parameters.map((p) => p.text), body, source, names });
        return {};
      }
      case 'return':
        return { returns: true, value: s.value === undefined ? { kind: 'none' } : yield* this.evaluator.evaluate(s.value) };
      case 'in child':
        return yield* inChild(this, s);
      case 'yield':
        for (const { name, value } of s.columns) this.run.yielded?.(name, yield* this.evaluator.evaluate(value));
        return {};
      case 'sweep':
        tabled(this, s.name, yield* sweep(this, s));
        return {};
      case 'compare':
        tabled(this, s.name, yield* compareModels(this, s));
        return {};
      case 'plot':
        yield* plot(this, s);
        return {};
      case 'why':
        this.view(why(yield* askedMove(this, s.of, s.span, 'why'), this.run.process.machine.model.name));
        return {};
      case 'why merge':
        this.view(yield* whyMerge(s, this.evaluator));
        return {};
      case 'advise':
        this.view(yield* advise(yield* askedMove(this, s.of, s.span, 'advise'), this.run.process));
        return {};
      case 'maps': {
        const range = s.range?.kind === 'range' ? yield* this.evaluator.range(s.range) : undefined;
        if (!s.expected) for (const line of yield* setUpMaps(s, range, this.evaluator)) complain(this.run, diagnoseIn(this.run, line.span, 'lines-apart'));
        else compared(this.run, s.span, 'maps-differ', mapsDiffer(s.lines, range, this.run.process.machine.space()));
        return {};
      }
      case 'layout': {
        const at = toInteger(yield* this.evaluator.evaluate(s.at), s.at.span, '`layout at`');
        const unit = s.unit && toInteger(yield* this.evaluator.evaluate(s.unit), s.unit.span, '`unit`');
        if (!s.expected) yield* setUpLayout(s, at, unit, this.evaluator);
        else compared(this.run, s.span, 'layout-differs', layoutDiffers(s, at, unit, this.run.process.machine.space()));
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

  bind(name: string, value: Value, isLet: boolean): void {
    if (isLet) this.run.names.declare(name, value);
    else this.run.names.assign(name, value);
  }

  view(view: View): void {
    this.run.say({ type: 'view', view });
  }
}

/** The checker has said it already. */
const unheard: Report = () => undefined;
