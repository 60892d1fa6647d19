/** Expressions: names, calls on the machine, questions about its address space. */
import {
  assertUnreachable, fitsU64, hex, InvariantViolation, isAccess, toVpn, u64, unitBytes, type Call, type LevelName, type Op,
  type OpRecord, type Param, type Span,
} from '../../machine/index.js'; // prettier-ignore
import { isComparison, isLogical, type CallExpression, type Expression, type RangeExpression } from '../syntax/ast.js';
import { CALLABLES, fits, ofParam, rangeOf, signature, type Query } from '../vocabulary/calls.js';
import { CONSTANTS, isErrno } from '../vocabulary/constants.js';
import { mapsLine, nearest } from '../vocabulary/display.js';
import { fail } from '../messages/fail.js';
import { fieldsOfValue, getField } from '../vocabulary/fields.js';
import { flagValue, isFlagKind } from '../vocabulary/flags.js';
import { arithmetic, compare, isTooBig, negate, toBoolean, toInteger, type Operand } from './operators.js';
import type { Names } from './names.js';
import type { Process } from './process.js';
import { entryOf, folioAt, measure, vmaAt, vmasIn, type ByteRange } from '../vocabulary/queries.js';
import { closest } from '../messages/suggest.js';
import { settled, type Task } from './task.js';
import { boolean, integer, itemsOf, KIND_NAMES, string, type FunctionValue, type Value } from '../vocabulary/values.js';

/** What an evaluator needs from whoever runs it. */
export interface Host {
  /** Hears of every operation, before anything is made of its result. */
  heard(record: OpRecord): void;
  /** Runs a function of the script. */
  apply(callee: FunctionValue, args: readonly Value[], span: Span): Task<Value>;
}

export class Evaluator {
  /** The call that the value last looked at came from, for those who explain a value. */
  source: OpRecord | undefined;

  constructor(
    readonly process: Process,
    readonly names: Names,
    private readonly host: Host,
  ) {}

  *evaluate(e: Expression): Task<Value> {
    switch (e.kind) {
      case 'integer': {
        const unit = e.unit === undefined ? 1n : unitBytes(this.process.machine.geometry, e.unit);
        const value = e.value * unit;
        return isTooBig(value) ? fail(e.span, 'number-too-big') : integer(value);
      }
      case 'string':
        return string(e.value);
      case 'name':
        return this.name(e.name);
      case 'unary': {
        const operand = yield* this.evaluate(e.operand);
        if (e.operator === 'not') return boolean(!toBoolean(operand, e.operand.span, '`not`'));
        return negate(e.operator, operand, e.operand.span);
      }
      case 'binary': {
        const left = { value: yield* this.evaluate(e.left), span: e.left.span };
        if (isLogical(e.operator)) {
          const where = `\`${e.operator}\``;
          const decided = toBoolean(left.value, left.span, where) === (e.operator === 'or');
          return boolean(decided ? e.operator === 'or' : toBoolean(yield* this.evaluate(e.right), e.right.span, where));
        }
        const right = { value: yield* this.evaluate(e.right), span: e.right.span };
        return isComparison(e.operator) ? compare(e.operator, left, right, e.span) : arithmetic(e.operator, left, right);
      }
      case 'call':
        return yield* this.call(e);
      case 'field': {
        const of = yield* this.evaluate(e.of);
        return this.field(of, e.field.text, e.field.span, e.of.span);
      }
      case 'index': {
        const of = yield* this.evaluate(e.of);
        return this.item(of, e.of.span, { value: yield* this.evaluate(e.index), span: e.index.span });
      }
      case 'list': {
        const items: Value[] = [];
        for (const item of e.items) items.push(yield* this.evaluate(item));
        return { kind: 'list', items };
      }
      case 'struct':
        throw new InvariantViolation('a struct outside of a call passed the checker');
      case 'range':
        throw new InvariantViolation('a range outside of a question about one passed the checker');
      default:
        return assertUnreachable(e);
    }
  }

  private name(name: string): Value {
    const bound = this.names.get(name);
    if (bound !== undefined) {
      if (bound.kind === 'result' || bound.kind === 'moved') this.source = bound.record;
      return bound;
    }
    const constant = CONSTANTS.get(name);
    if (constant !== undefined) return integer(constant);
    if (name === 'true' || name === 'false') return boolean(name === 'true');
    if (name === 'none') return { kind: 'none' };
    if (isErrno(name)) return { kind: 'errno', value: name };
    const measured = measure(name, this.process.machine.space());
    if (measured === undefined) throw new InvariantViolation(`the unknown name ${name} passed the checker`);
    return measured;
  }

  private field(of: Value, name: string, span: Span, ofSpan: Span): Value {
    if (of.kind === 'none') {
      if (of.at !== undefined) fail(ofSpan, 'not-mapped', hex(of.at), nearest(this.process.machine.space(), of.at));
      fail(ofSpan, 'unknown-field', name, KIND_NAMES.none);
    }
    return getField(of, name) ?? this.unknownField(of, name, span);
  }

  private unknownField(of: Value, name: string, span: Span): never {
    const known = fieldsOfValue(of);
    return fail(span, 'unknown-field', name, KIND_NAMES[of.kind], closest(name, known), known);
  }

  /** What an index gives is counted from 0. */
  private item(of: Value, span: Span, index: Operand): Value {
    const items = itemsOf(of) ?? fail(span, 'not-several', KIND_NAMES[of.kind]);
    const i = toInteger(index.value, index.span, 'an index');
    if (i < 0n || i >= BigInt(items.count)) fail(index.span, 'no-such-item', i.toString(), items.count);
    return items.at(Number(i));
  }

  // Calls ----------------------------------------------------------------------------------------

  *call(e: CallExpression): Task<Value> {
    const callable = CALLABLES.get(e.callee.text);
    if (callable === undefined) return yield* this.ownCall(e);
    if (callable.role === 'query') {
      const answer = yield* this.query(callable, e);
      // Questions about the address space have no call behind them, even if their argument came from one.
      this.source = undefined;
      return answer;
    }
    const record = yield* this.perform(yield* this.operation(callable, e), e.span);
    return callable.gives === 'integer' && record.result.kind === 'value' ? integer(record.result.value) : { kind: 'result', record };
  }

  private *ownCall(e: CallExpression): Task<Value> {
    const callee = this.names.get(e.callee.text);
    if (callee === undefined) throw new InvariantViolation(`the unknown function ${e.callee.text} passed the checker`);
    if (callee.kind !== 'function') return fail(e.callee.span, 'not-a-function', e.callee.text, KIND_NAMES[callee.kind]);
    const args: Value[] = [];
    for (const arg of e.args) args.push(yield* this.evaluate(arg));
    const usage = `${callee.name}(${callee.parameters.join(', ')})`;
    const missing = callee.parameters[args.length];
    if (missing !== undefined) fail(e.span, 'missing-argument', callee.name, missing, usage);
    if (args.length > callee.parameters.length) fail(e.span, 'extra-argument', callee.name, usage);
    const value = yield* this.host.apply(callee, args, e.span);
    this.source = value.kind === 'result' || value.kind === 'moved' ? value.record : undefined;
    return value;
  }

  /** The operation a call asks for, its arguments worked out. */
  *operation(callable: Call, e: CallExpression): Task<Op> {
    const args: (bigint | undefined)[] = [];
    const texts: Record<string, string> = {};
    for (const [i, param] of callable.params.entries()) {
      const arg = e.args[i];
      if (arg !== undefined && param.kind === 'text') texts[param.name] = yield* this.text(arg, param, callable);
      args.push(arg === undefined || param.kind === 'text' ? undefined : yield* this.argument(arg, param, callable));
    }
    const flags = args[callable.params.findIndex((p) => isFlagKind(p.kind) && p.kind !== 'prot')];
    const needed = flags === undefined ? undefined : callable.needs?.(flags);
    if (needed !== undefined && args[callable.params.findIndex((p) => p.name === needed)] === undefined) {
      if (needed === 'fd') fail(e.span, 'fd-missing');
      fail(e.span, 'missing-argument', callable.name, needed, signature(callable));
    }
    return callable.op(args, texts);
  }

  private *text(e: Expression, param: Param, of: Call): Task<string> {
    const value = yield* this.evaluate(e);
    return value.kind === 'string' ? value.value : fail(e.span, 'wrong-type', ofParam(param, of), KIND_NAMES.string, KIND_NAMES[value.kind]);
  }

  /** The soft limit of a struct rlimit, the only one that calls look at; undefined for NULL. */
  private *rlimit(e: Expression): Task<bigint | undefined> {
    const soft = e.kind === 'struct' ? e.members.find((m) => m.name.text === 'rlim_cur') : undefined;
    if (soft === undefined) return undefined;
    const value = toInteger(yield* this.evaluate(soft.value), soft.value.span, '`rlim_cur`');
    if (value < 0n || !fitsU64(value)) fail(soft.value.span, 'out-of-range', '`rlim_cur`', value.toString(), 'what 64 bits hold');
    return value;
  }

  private *argument(e: Expression, param: Param, of: Call): Task<bigint | undefined> {
    if (param.kind === 'rlimit') return yield* this.rlimit(e);
    const where = ofParam(param, of);
    const given = param.kind === 'switch' ? yield* this.evaluate(e) : undefined;
    if (given?.kind === 'boolean') return given.value ? 1n : 0n;
    const value = toInteger(given ?? (yield* isFlagKind(param.kind) ? this.flags(e, param.kind) : this.evaluate(e)), e.span, where);
    if (!fits(param.kind, value)) {
      fail(e.span, 'out-of-range', where, value.toString(), rangeOf(param.kind)?.text ?? 'what 64 bits hold');
    }
    return value;
  }

  /** An expression in a place for flags, where the short forms mean flags. */
  private *flags(e: Expression, kind: Parameters<typeof flagValue>[1]): Task<Value> {
    if (e.kind === 'name') {
      const flag = flagValue(e.name, kind);
      return flag === undefined ? this.name(e.name) : integer(flag);
    }
    if (e.kind === 'unary' && e.operator !== 'not') {
      return negate(e.operator, yield* this.flags(e.operand, kind), e.operand.span);
    }
    if (e.kind === 'binary' && !isComparison(e.operator) && !isLogical(e.operator)) {
      const left = { value: yield* this.flags(e.left, kind), span: e.left.span };
      const right = { value: yield* this.flags(e.right, kind), span: e.right.span };
      return arithmetic(e.operator, left, right);
    }
    return yield* this.evaluate(e);
  }

  /** Asks the machine. Only user code's own loads and stores end in a signal, and that ends the script. */
  *perform(op: Op, span: Span): Task<OpRecord> {
    const record = yield* settled(this.process.machine.perform(op));
    this.process.keep(record);
    this.host.heard(record);
    this.source = record;
    if (record.result.kind === 'signal') signalled(record, span);
    return record;
  }

  // Questions ------------------------------------------------------------------------------------

  private *query(query: Query, e: CallExpression): Task<Value> {
    const [arg] = e.args;
    if (query.name === 'vmas') {
      const range = arg?.kind === 'range' ? yield* this.range(arg) : undefined;
      return vmasIn(this.process.machine.space(), range);
    }
    if (arg === undefined) throw new InvariantViolation(`${query.name} without its argument passed the checker`);
    const at = u64(toInteger(yield* this.evaluate(arg), arg.span, `\`p\` of \`${query.name}\``));
    const space = this.process.machine.space();
    if (query.name === 'folio') return folioAt(this.process.machine, at);
    return query.name === 'vma' ? vmaAt(space, at) : entryOf(space, query.name as LevelName, at);
  }

  *range(e: RangeExpression): Task<ByteRange> {
    const start = toInteger(yield* this.evaluate(e.from), e.from.span, 'a range');
    const to = toInteger(yield* this.evaluate(e.to), e.to.span, 'a range');
    const end = e.length ? start + to : to;
    for (const [value, span] of [
      [start, e.from.span],
      [end, e.to.span],
    ] as const) {
      // prettier-ignore
      if (value < 0n || !fitsU64(value)) fail(span, 'out-of-range', 'the bound', value.toString(), 'what 64 bits hold');
    }
    return { start, end };
  }
}

function signalled({ op, result, after }: OpRecord, span: Span): never {
  if (result.kind !== 'signal' || !isAccess(op)) throw new InvariantViolation(`${op.name} ended in a signal`);
  const at = hex(result.at);
  const vma = after.vmaAt(toVpn(after.geometry, result.at));
  const code = result.signal === 'SIGSEGV' ? 'segmentation-fault' : 'bus-error';
  if (vma === undefined) return fail(span, code, at, 'nothing is mapped there', nearest(after, result.at));
  const access = op.name === 'peek' || op.name === 'load_words' ? 'read' : 'written';
  return fail(span, code, at, `what is mapped there cannot be ${access}`, `there lies ${mapsLine(after.geometry, vma)}`);
}
