/** Phase 5 for expressions: names, fields, calls and their arguments. */
import { assertUnreachable, type FlagKind, type Machines, type Param, type Span } from '../../machine/index.js';
import { isComparison, isLogical, type BinaryOperator, type Expression, type Name, type Script, type Statement } from '../syntax/ast.js';
import { CALLABLES, MEASURES, MODELLED_SYSCALLS, ofParam, signature, type Callable } from '../vocabulary/calls.js';
import { bareFlag, CONSTANTS, ERRNO_NAMES, FLAGS, isErrno, looksLikeFlag } from '../vocabulary/constants.js';
import type { Report, Reporter } from '../messages/diagnostics.js';
import { fieldNames, fieldOf } from '../vocabulary/fields.js';
import { foldFlags, isFlagKind } from '../vocabulary/flags.js';
import { LATER_SYSCALLS } from '../messages/later.js';
import { COMPARE_IT } from '../messages/messages.js';
import type { Binding, Scope, Type } from './scope.js';
import { closest } from '../messages/suggest.js';
import { ELEMENTS, isNumeric, KIND_NAMES } from '../vocabulary/values.js';

export interface CheckOptions {
  readonly mode: 'file' | 'cell';
  readonly machines: Pick<Machines, 'releases' | 'aliases' | 'behaviours' | 'invariants'>;
  /** The names of earlier cells. */
  readonly scope: Scope;
  /** What conditions about the latest race can name. */
  readonly raced?: readonly string[];
}

export const VALUE_NAMES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['true', 'boolean'],
  ['false', 'boolean'],
  ['none', 'none'],
  ...[...MEASURES.keys()].map((name): [string, Type] => [name, 'integer']),
]);

/** Names with a value of their own. */
const BUILT_IN: readonly string[] = [...CONSTANTS.keys(), ...VALUE_NAMES.keys()];

const RLIMIT_MEMBERS: readonly string[] = ['rlim_cur', 'rlim_max'];

const ownSignature = (name: string, parameters: readonly string[] = []): string => `${name}(${parameters.join(', ')})`;

/** The names that a statement binds in the block it stands in. */
function namesOf(s: Statement): readonly (Name | undefined)[] {
  switch (s.kind) {
    case 'let':
      return s.bindings.map((b) => b.name);
    case 'evaluate':
    case 'sweep':
    case 'compare':
    case 'def':
      return [s.name];
    default:
      return [];
  }
}

export class ExpressionChecker {
  protected readonly report: Report;
  protected scope: Scope;
  /** Whether the call has a claimed result, as in a log: then its arguments are taken as they are. */
  protected claimed = false;

  constructor(
    protected readonly script: Script,
    protected readonly options: CheckOptions,
    protected readonly reporter: Reporter,
  ) {
    this.scope = options.scope;
    this.report = reporter.report;
  }

  /** Checks an expression, and says what it will be worth. */
  expression(e: Expression): Type {
    switch (e.kind) {
      case 'integer':
        return 'integer';
      case 'string':
        return 'string';
      case 'name':
        return this.name(e.name, e.span);
      case 'unary':
        if (e.operator === 'not') this.condition(e.operand, '`not`');
        else this.number(e.operand, `\`${e.operator}\``);
        return e.operator === 'not' ? 'boolean' : 'integer';
      case 'binary':
        return this.binary(e.operator, e.left, e.right);
      case 'range':
        this.number(e.from, 'a range');
        this.number(e.to, 'a range');
        return 'unknown';
      case 'call':
        return this.call(e.callee, e.args, e.span);
      case 'field':
        return this.field(e.of, e.field);
      case 'index':
        return this.index(e.of, e.index);
      case 'list':
        for (const item of e.items) this.expression(item);
        return 'list';
      case 'struct':
        for (const { value } of e.members) this.expression(value);
        this.report(e.span, 'unexpected-struct');
        return 'unknown';
      default:
        return assertUnreachable(e);
    }
  }

  private binary(operator: BinaryOperator, left: Expression, right: Expression): Type {
    const sides = [left, right].map((side) => ({ side, type: this.expression(side) }));
    const where = `\`${operator}\``;
    // If both sides have the wrong type, the operator is the mistake, and one message is enough.
    if (isLogical(operator)) sides.some(({ side, type }) => !this.mustBeCondition(side, type, where));
    else if (operator !== '==' && operator !== '!=') sides.some(({ side, type }) => !this.mustBeNumber(side, type, where));
    return isComparison(operator) || isLogical(operator) ? 'boolean' : 'integer';
  }

  condition(e: Expression, where: string): void {
    this.mustBeCondition(e, this.expression(e), where);
  }

  number(e: Expression, where: string): void {
    this.mustBeNumber(e, this.expression(e), where);
  }

  private mustBeCondition(e: Expression, type: Type, where: string): boolean {
    if (type === 'unknown' || type === 'boolean') return true;
    this.report(e.span, 'wrong-type', where, KIND_NAMES.boolean, KIND_NAMES[type], isNumeric(type) ? COMPARE_IT : undefined);
    return false;
  }

  protected mustBeNumber(e: Expression, type: Type, where: string): boolean {
    if (type === 'unknown' || isNumeric(type)) return true;
    this.report(e.span, 'wrong-type', where, KIND_NAMES.integer, KIND_NAMES[type]);
    return false;
  }

  private name(name: string, span: Span): Type {
    const bound = this.scope.get(name);
    if (bound !== undefined) {
      bound.used = true;
      if (bound.type === 'function') this.report(span, 'call-without-brackets', ownSignature(name, bound.parameters));
      return bound.type === 'function' ? 'unknown' : bound.type;
    }
    if (CONSTANTS.has(name)) return 'integer';
    const own = VALUE_NAMES.get(name);
    if (own !== undefined) return own;
    if (isErrno(name)) return 'errno';
    this.unknownName(name, span);
    return 'unknown';
  }

  private unknownName(name: string, span: Span): void {
    const callable = CALLABLES.get(name);
    const line = this.boundLater(name, span);
    if (callable !== undefined) this.report(span, 'call-without-brackets', signature(callable));
    else if (line !== undefined) this.report(span, 'bound-later', name, line);
    else if (looksLikeFlag(name)) this.report(span, 'unknown-flag', name, closest(name, CONSTANTS.keys()));
    else if (LATER_SYSCALLS.has(name)) this.report(span, 'later-call', name, MODELLED_SYSCALLS);
    else this.report(span, 'unknown-name', name, closest(name, [...this.scope.all().keys(), ...BUILT_IN, ...ERRNO_NAMES, ...CALLABLES.keys()]));
  }

  /** The line on which a later statement binds the name. */
  private boundLater(name: string, span: Span): number | undefined {
    for (const s of this.script.statements) {
      if (s.span.end <= span.start) continue;
      const found = namesOf(s).find((n) => n?.text === name);
      if (found !== undefined) return this.reporter.source.position(found.span.start).line;
    }
    return undefined;
  }

  /** Checks an index: `vmas()[0]`. */
  private index(of: Expression, index: Expression): Type {
    const type = this.expression(of);
    this.number(index, 'an index');
    if (type === 'unknown') return 'unknown';
    const element = ELEMENTS[type];
    if (element === undefined) this.report(of.span, 'not-several', KIND_NAMES[type]);
    return element ?? 'unknown';
  }

  private field(of: Expression, field: Name): Type {
    const type = this.expression(of);
    // The columns of a row are known once there is a table.
    if (type === 'unknown' || type === 'row') return 'unknown';
    const known = fieldOf(type, field.text);
    if (known !== undefined) return known.gives === 'errno' ? 'unknown' : known.gives;
    const names = fieldNames(type);
    this.report(field.span, 'unknown-field', field.text, KIND_NAMES[type], closest(field.text, names), names);
    return 'unknown';
  }

  // Calls ----------------------------------------------------------------------------------------

  private call(callee: Name, args: readonly Expression[], span: Span): Type {
    const callable = CALLABLES.get(callee.text);
    if (callable === undefined) {
      const own = this.scope.get(callee.text);
      for (const arg of args) this.expression(arg);
      if (own === undefined) this.unknownFunction(callee);
      else this.ownCall(own, callee, args, span);
      return 'unknown';
    }
    if (this.commaForRange(callable, args)) return callable.gives;
    args.forEach((arg, i) => this.argument(callable, callable.params[i], arg));
    this.arity(callable, args, span);
    return callable.gives;
  }

  /** `vmas(1G, 2G)`: one mistake, though it is a wrong argument and one too many. */
  private commaForRange(callable: Callable, args: readonly Expression[]): boolean {
    const [start, end, ...more] = args;
    if (start === undefined || end === undefined || more.length > 0 || start.kind === 'range' || end.kind === 'range') return false;
    if (callable.params.length !== 1 || callable.params[0]?.kind !== 'range') return false;
    for (const arg of args) this.expression(arg);
    const { source } = this.reporter;
    this.report({ start: start.span.start, end: end.span.end }, 'range-expected', callable.name, [source.slice(start.span), source.slice(end.span)]);
    return true;
  }

  /** Checks the arguments of a function that the script defines. */
  private ownCall(own: Binding, { text, span }: Name, args: readonly Expression[], whole: Span): void {
    own.used = true;
    if (own.type === 'unknown') return;
    if (own.type !== 'function') {
      this.report(span, 'not-a-function', text, KIND_NAMES[own.type]);
      return;
    }
    const parameters = own.parameters ?? [];
    const extra = args[parameters.length];
    const missing = parameters[args.length];
    const usage = ownSignature(text, parameters);
    if (extra !== undefined) this.report(extra.span, 'extra-argument', text, usage);
    else if (missing !== undefined) this.report({ start: whole.end - 1, end: whole.end }, 'missing-argument', text, missing, usage);
  }

  private unknownFunction({ text, span }: Name): void {
    if (LATER_SYSCALLS.has(text)) this.report(span, 'later-call', text, MODELLED_SYSCALLS);
    else this.report(span, 'unknown-function', text, closest(text, [...CALLABLES.keys(), ...LATER_SYSCALLS, ...this.functions()]));
  }

  private arity(callable: Callable, args: readonly Expression[], span: Span): void {
    const { params } = callable;
    const extra = args[params.length];
    if (extra !== undefined) {
      this.report(extra.span, 'extra-argument', callable.name, signature(callable));
      return;
    }
    const missing = params[args.length];
    if (missing === undefined) return;
    if (missing.optional !== true) {
      this.report({ start: span.end - 1, end: span.end }, 'missing-argument', callable.name, missing.name, signature(callable));
    } else if (callable.role !== 'query') {
      this.conditional(callable, args, span);
    }
  }

  /** An argument that is needed only with certain flags. Flags whose value is not known yet are checked when the call is made. */
  private conditional(callable: Exclude<Callable, { role: 'query' }>, args: readonly Expression[], span: Span): void {
    const at = callable.params.findIndex((p) => isFlagKind(p.kind) && p.kind !== 'prot');
    const kind = callable.params[at]?.kind;
    const arg = args[at];
    if (arg === undefined || kind === undefined || !isFlagKind(kind)) return;
    const flags = foldFlags(arg, kind);
    const needed = flags === undefined ? undefined : callable.needs?.(flags);
    const position = callable.params.findIndex((p) => p.name === needed);
    if (needed === undefined || position < args.length) return;
    const end = { start: span.end - 1, end: span.end };
    if (needed === 'fd') this.report(end, 'fd-missing');
    else this.report(end, 'missing-argument', callable.name, needed, signature(callable));
  }

  private argument(callable: Callable, param: Param | undefined, arg: Expression): void {
    if (param === undefined) {
      this.expression(arg);
    } else if (param.kind === 'range') {
      this.expression(arg);
      if (arg.kind !== 'range') this.report(arg.span, 'range-expected', callable.name);
    } else if (arg.kind === 'range') {
      this.expression(arg);
      this.report(arg.span, 'unexpected-range', callable.name);
    } else if (param.kind === 'text') {
      const type = this.expression(arg);
      if (type !== 'string' && type !== 'unknown') this.report(arg.span, 'wrong-type', ofParam(param, callable), KIND_NAMES.string, KIND_NAMES[type]);
    } else if (param.kind === 'switch') {
      const type = this.expression(arg);
      if (type !== 'boolean') this.mustBeNumber(arg, type, ofParam(param, callable));
    } else if (param.kind === 'rlimit') {
      this.rlimit(arg, ofParam(param, callable));
    } else if (isFlagKind(param.kind)) {
      this.flags(arg, param.kind);
    } else {
      this.number(arg, ofParam(param, callable));
      if (callable.role === 'syscall' && param.kind === 'length') this.mixedUp(arg, ofParam(param, callable));
    }
  }

  /** A length of a few bytes was most likely meant as pages; 0 and 1 have meanings of their own. */
  private mixedUp(arg: Expression, where: string): void {
    if (this.options.mode !== 'file' || this.claimed || arg.kind !== 'integer' || arg.unit !== undefined || arg.value < 2n || arg.value > 64n) return;
    const written = this.reporter.source.slice(arg.span);
    if (/^\d+$/.test(written)) this.report(arg.span, 'size-of-units', where.replaceAll('`', ''), `${written} page`);
  }

  /** `{rlim_cur=..., rlim_max=...}`, or NULL. */
  private rlimit(arg: Expression, where: string): void {
    if (arg.kind !== 'struct') {
      if (!(arg.kind === 'name' && arg.name === 'NULL')) this.report(arg.span, 'struct-expected', where);
      return;
    }
    for (const { name, value } of arg.members) {
      this.number(value, `\`${name.text}\``);
      if (!RLIMIT_MEMBERS.includes(name.text)) this.report(name.span, 'unknown-field', name.text, '`struct rlimit`', closest(name.text, RLIMIT_MEMBERS), RLIMIT_MEMBERS);
    }
  }

  private functions(): string[] {
    return [...this.scope.all()].filter(([, b]) => b.type === 'function').map(([name]) => name);
  }

  /** A place for flags: its family's names, long and short, joined by operators. */
  private flags(e: Expression, kind: FlagKind): void {
    if (e.kind === 'binary' && !isComparison(e.operator) && !isLogical(e.operator)) {
      this.flags(e.left, kind);
      this.flags(e.right, kind);
    } else if (e.kind === 'unary' && e.operator !== 'not') {
      this.flags(e.operand, kind);
    } else if (e.kind === 'name') {
      this.flag(e.name, e.span, kind);
    } else {
      this.expression(e);
    }
  }

  private flag(name: string, span: Span, kind: FlagKind): void {
    const family = FLAGS[kind];
    if (family.short.has(name) || family.constants.has(name)) return;
    if (this.scope.has(name) || this.boundLater(name, span) !== undefined || CALLABLES.has(name)) {
      this.name(name, span);
      return;
    }
    const namesake = [...family.constants.keys()].find((c) => bareFlag(c) === bareFlag(name));
    const foreign = CONSTANTS.has(name) || Object.values(FLAGS).some((f) => f.short.has(name));
    if (name === 'NULL') return;
    if (foreign) this.report(span, 'wrong-flag', name, family.name, namesake);
    else this.report(span, 'unknown-flag', name, closest(name, [...family.constants.keys(), ...family.short.keys()]));
  }
}
