/**
 * Phase 5, the checks that need no machine: names, flags, arguments, fields, kernels, claims.
 * What they let pass can still fail while running, but not for want of a name.
 */
import { assertUnreachable, type Machines, type Span } from '../machine/index.js';
import type { BinaryOperator, Claim, EvaluateStatement, Expression, Name, Script, SetStatement, Statement } from './ast.js';
import { isComparison, isLogical } from './ast.js';
import { CALLABLES, MEASURES, MODELLED_SYSCALLS, ofParam, signature, type Callable, type Param } from './calls.js';
import { bareFlag, CONSTANTS, ERRNO_NAMES, FLAGS, isErrno, looksLikeFlag, type FlagKind } from './constants.js';
import type { Reporter } from './diagnostics.js';
import { fieldNames, fieldOf } from './fields.js';
import { foldFlags, isFlagKind } from './flags.js';
import { LATER_FUNCTIONS, LATER_SETTINGS, LATER_STATEMENTS, LATER_SYSCALLS } from './later.js';
import { resolveModel } from './model.js';
import type { Scope, Type } from './scope.js';
import { COMPARE_IT } from './messages.js';
import { isUnlimited, SETTINGS } from './settings.js';
import { closest } from './suggest.js';
import { KEYWORDS, UNITS } from './tokens.js';
import { isNumeric, KIND_NAMES } from './values.js';
import { checkView } from './views.js';

export interface CheckOptions {
  readonly mode: 'file' | 'cell';
  readonly machines: Pick<Machines, 'releases' | 'behaviours'>;
  /** The names of earlier cells. */
  readonly scope: Scope;
}

const VALUE_NAMES: ReadonlyMap<string, Type> = new Map<string, Type>([
  ['true', 'boolean'],
  ['false', 'boolean'],
  ['none', 'none'],
  ...[...MEASURES.keys()].map((name): [string, Type] => [name, 'integer']),
]);

/** Names with a value of their own. */
export const BUILT_IN: readonly string[] = [...CONSTANTS.keys(), ...VALUE_NAMES.keys()];

export function check(script: Script, options: CheckOptions, reporter: Reporter): void {
  new Checker(script, options, reporter).run();
}

/** What an expression will be worth, as far as the text tells. */
export function typeOf(e: Expression, options: CheckOptions, reporter: Reporter): Type {
  return new Checker({ statements: [] }, options, reporter).expression(e);
}

class Checker {
  readonly #scope: Scope;
  readonly #report: Reporter['report'];

  constructor(
    private readonly script: Script,
    private readonly options: CheckOptions,
    private readonly reporter: Reporter,
  ) {
    this.#scope = options.scope;
    this.#report = reporter.report;
  }

  run(): void {
    for (const s of this.script.statements) this.statement(s);
    if (this.options.mode === 'file') this.unused();
  }

  private statement(s: Statement): void {
    switch (s.kind) {
      case 'kernel':
        resolveModel(s.model, this.options.machines, this.#report);
        return;
      case 'let':
        for (const b of s.bindings) this.evaluate(b, true);
        return;
      case 'evaluate':
        this.evaluate(s, false);
        return;
      case 'expect':
        this.condition(s.condition, '`expect`');
        return;
      case 'print':
        for (const v of s.values) this.expression(v);
        return;
      case 'show':
        checkView(s, s.of && this.expression(s.of), this.#report);
        return;
      case 'set':
        this.setting(s);
        return;
      case 'later':
        this.later(s.word);
        return;
      case 'broken':
        for (const name of s.names) this.bind({ text: name, span: s.span }, 'unknown', false);
        return;
      default:
        assertUnreachable(s);
    }
  }

  private setting({ setting: { text, span }, value }: SetStatement): void {
    const known = SETTINGS[text];
    const later = LATER_SETTINGS[text];
    if (later !== undefined) this.#report(span, 'later-setting', text, later);
    else if (known === undefined) this.#report(span, 'unknown-setting', text, closest(text, Object.keys(SETTINGS)), Object.keys(SETTINGS));
    else if (!isUnlimited(value, known)) this.expression(value);
  }

  private later(word: Name): void {
    const text = word.text.replace(/\W+$/, '');
    this.#report({ ...word.span, end: word.span.start + text.length }, 'later-statement', text, LATER_STATEMENTS[text] ?? 'it');
  }

  private evaluate(s: EvaluateStatement, isLet: boolean): void {
    const type = this.expression(s.value);
    if (s.claim !== undefined) this.claim(s.value, s.claim);
    if (s.name !== undefined) this.bindChecked(s.name, type, isLet);
    else if (this.options.mode === 'file' && s.claim === undefined && !calls(s.value)) this.#report(s.value.span, 'no-effect');
  }

  private bindChecked(name: Name, type: Type, isLet: boolean): void {
    const what = reserved(name.text);
    if (what !== undefined) {
      this.#report(name.span, 'reserved-name', name.text, what);
      return;
    }
    const before = this.#scope.get(name.text);
    if (isLet && this.options.mode === 'file' && before?.let === true && before.span !== undefined) {
      this.#report(name.span, 'already-bound', name.text, this.reporter.source.position(before.span.start).line);
    }
    this.bind(name, type, isLet);
  }

  private bind(name: Name, type: Type, isLet: boolean): void {
    const before = this.#scope.get(name.text);
    this.#scope.set(name.text, {
      type,
      span: before?.span ?? name.span,
      let: isLet || before?.let === true,
      used: before?.used ?? false,
    });
  }

  private unused(): void {
    for (const [name, b] of this.#scope) {
      if (b.let && !b.used && b.span !== undefined) this.#report(b.span, 'unused-let', name);
    }
  }

  private claim(of: Expression, claim: Claim): void {
    const syscall = of.kind === 'call' && (CALLABLES.get(of.callee.text)?.role === 'syscall' || LATER_SYSCALLS.has(of.callee.text));
    if (!syscall) {
      const { source } = this.reporter;
      const span = { start: of.span.start, end: claim.span.end };
      this.#report(span, 'claim-without-call', source.slice(of.span), source.slice(claim.span));
    } else if (claim.kind === 'value') {
      this.expression(claim.value);
    } else if (!isErrno(claim.errno.text)) {
      this.#report(claim.errno.span, 'unknown-errno', claim.errno.text, closest(claim.errno.text, ERRNO_NAMES));
    }
  }

  // Expressions ----------------------------------------------------------------------------------

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
      default:
        return assertUnreachable(e);
    }
  }

  private binary(operator: BinaryOperator, left: Expression, right: Expression): Type {
    const sides = [left, right].map((side) => ({ side, type: this.expression(side) }));
    const where = `\`${operator}\``;
    // Two wrong sides are one mistake: the wrong operator.
    if (isLogical(operator)) sides.some(({ side, type }) => !this.mustBeCondition(side, type, where));
    else if (operator !== '==' && operator !== '!=') sides.some(({ side, type }) => !this.mustBeNumber(side, type, where));
    return isComparison(operator) || isLogical(operator) ? 'boolean' : 'integer';
  }

  private condition(e: Expression, where: string): void {
    this.mustBeCondition(e, this.expression(e), where);
  }

  private number(e: Expression, where: string): void {
    this.mustBeNumber(e, this.expression(e), where);
  }

  private mustBeCondition(e: Expression, type: Type, where: string): boolean {
    if (type === 'unknown' || type === 'boolean') return true;
    this.#report(e.span, 'wrong-type', where, KIND_NAMES.boolean, KIND_NAMES[type], isNumeric(type) ? COMPARE_IT : undefined);
    return false;
  }

  private mustBeNumber(e: Expression, type: Type, where: string): boolean {
    if (type === 'unknown' || isNumeric(type)) return true;
    this.#report(e.span, 'wrong-type', where, KIND_NAMES.integer, KIND_NAMES[type]);
    return false;
  }

  private name(name: string, span: Span): Type {
    const bound = this.#scope.get(name);
    if (bound !== undefined) {
      bound.used = true;
      return bound.type;
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
    if (callable !== undefined) this.#report(span, 'call-without-brackets', signature(callable));
    else if (line !== undefined) this.#report(span, 'bound-later', name, line);
    else if (looksLikeFlag(name)) this.#report(span, 'unknown-flag', name, closest(name, CONSTANTS.keys()));
    else if (LATER_SYSCALLS.has(name)) this.#report(span, 'later-call', name, MODELLED_SYSCALLS);
    else this.#report(span, 'unknown-name', name, closest(name, [...this.#scope.keys(), ...BUILT_IN, ...ERRNO_NAMES, ...CALLABLES.keys()]));
  }

  /** The line on which a later statement binds the name. */
  private boundLater(name: string, span: Span): number | undefined {
    for (const s of this.script.statements) {
      if (s.span.end <= span.start) continue;
      const names = s.kind === 'let' ? s.bindings.map((b) => b.name) : s.kind === 'evaluate' ? [s.name] : [];
      const found = names.find((n) => n?.text === name);
      if (found !== undefined) return this.reporter.source.position(found.span.start).line;
    }
    return undefined;
  }

  private field(of: Expression, field: Name): Type {
    const type = this.expression(of);
    if (type === 'unknown') return 'unknown';
    const known = fieldOf(type, field.text);
    if (known !== undefined) return known.gives === 'errno' ? 'unknown' : known.gives;
    const names = fieldNames(type);
    this.#report(field.span, 'unknown-field', field.text, KIND_NAMES[type], closest(field.text, names), names);
    return 'unknown';
  }

  // Calls ----------------------------------------------------------------------------------------

  private call(callee: Name, args: readonly Expression[], span: Span): Type {
    const callable = CALLABLES.get(callee.text);
    if (callable === undefined) {
      this.unknownFunction(callee);
      return 'unknown';
    }
    args.forEach((arg, i) => this.argument(callable, callable.params[i], arg));
    this.arity(callable, args, span);
    return callable.gives;
  }

  private unknownFunction({ text, span }: Name): void {
    const later = LATER_FUNCTIONS[text];
    if (LATER_SYSCALLS.has(text)) this.#report(span, 'later-call', text, MODELLED_SYSCALLS);
    else if (later !== undefined) this.#report(span, 'later-function', text, later);
    else this.#report(span, 'unknown-function', text, closest(text, [...CALLABLES.keys(), ...LATER_SYSCALLS]));
  }

  private arity(callable: Callable, args: readonly Expression[], span: Span): void {
    const { params } = callable;
    const extra = args[params.length];
    if (extra !== undefined) {
      this.#report(extra.span, 'extra-argument', callable.name, signature(callable));
      return;
    }
    const missing = params[args.length];
    if (missing === undefined) return;
    if (missing.optional !== true) {
      this.#report({ start: span.end - 1, end: span.end }, 'missing-argument', callable.name, missing.name, signature(callable));
    } else if (callable.role !== 'query') {
      this.conditional(callable, args, span);
    }
  }

  /** An argument that may be left out unless the flags ask for it; flags known only later are judged when the call is made. */
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
    if (needed === 'fd') this.#report(end, 'fd-missing');
    else this.#report(end, 'missing-argument', callable.name, needed, signature(callable));
  }

  private argument(callable: Callable, param: Param | undefined, arg: Expression): void {
    if (param === undefined) {
      this.expression(arg);
    } else if (param.kind === 'range') {
      this.expression(arg);
      if (arg.kind !== 'range') this.#report(arg.span, 'range-expected', callable.name);
    } else if (arg.kind === 'range') {
      this.expression(arg);
      this.#report(arg.span, 'unexpected-range', callable.name);
    } else if (isFlagKind(param.kind)) {
      this.flags(arg, param.kind);
    } else {
      this.number(arg, ofParam(param, callable));
    }
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
    if (this.#scope.has(name) || this.boundLater(name, span) !== undefined || CALLABLES.has(name)) {
      this.name(name, span);
      return;
    }
    const namesake = [...family.constants.keys()].find((c) => bareFlag(c) === bareFlag(name));
    const foreign = CONSTANTS.has(name) || Object.values(FLAGS).some((f) => f.short.has(name));
    if (name === 'NULL') return;
    if (foreign) this.#report(span, 'wrong-flag', name, family.name, namesake);
    else this.#report(span, 'unknown-flag', name, closest(name, [...family.constants.keys(), ...family.short.keys()]));
  }
}

/** What a name is that it cannot be bound. */
export function reserved(name: string): string | undefined {
  if (KEYWORDS.includes(name)) return 'a keyword';
  if ((UNITS as readonly string[]).includes(name)) return 'a unit';
  if (CONSTANTS.has(name) || isErrno(name)) return 'a constant';
  if (VALUE_NAMES.has(name)) return 'a name of the language';
  return undefined;
}

/** True of an expression that does something. */
function calls(e: Expression): boolean {
  switch (e.kind) {
    case 'call':
      return CALLABLES.get(e.callee.text)?.role !== 'query' || e.args.some(calls);
    case 'unary':
      return calls(e.operand);
    case 'binary':
      return calls(e.left) || calls(e.right);
    case 'range':
      return calls(e.from) || calls(e.to);
    case 'field':
      return calls(e.of);
    case 'integer':
    case 'string':
    case 'name':
      return false;
    default:
      return assertUnreachable(e);
  }
}
