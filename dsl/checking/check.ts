/**
 * Phase 5, the checks that need no machine: names, flags, arguments, fields, kernels, claims, blocks.
 * A program that passes can still fail while it runs, but not because a name is unknown.
 */
import { ANY_VIOLATION, assertUnreachable, RACE_CALLS } from '../../machine/index.js';
import type {
  Body, Claim, CompareStatement, DefStatement, Domain, EvaluateStatement, Expression, IfStatement, JudgeStatement, Name, PlotStatement, RaceStatement, Script,
  SetStatement, Statement, SweepStatement, ThreadStatement, Variable,
} from '../syntax/ast.js'; // prettier-ignore
import { CALLABLES } from '../vocabulary/calls.js';
import { checkChannels } from '../vocabulary/channels.js';
import { ExpressionChecker, type CheckOptions } from './check-expression.js';
import { ERRNO_NAMES, isErrno } from '../vocabulary/constants.js';
import type { Reporter } from '../messages/diagnostics.js';
import { calls, reserved } from './effects.js';
import { LATER_SYSCALLS } from '../messages/later.js';
import { checkMachine, FAILURES } from '../vocabulary/machine-statement.js';
import { resolveModel } from '../vocabulary/model.js';
import type { Binding, Scope, Type } from './scope.js';
import { SETTINGS, wordOf } from '../vocabulary/settings.js';
import { closest } from '../messages/suggest.js';
import { ELEMENTS, KIND_NAMES, LAST_TABLE, type Kind } from '../vocabulary/values.js';
import { checkView } from './check-view.js';

export type { CheckOptions } from './check-expression.js';

export function check(script: Script, options: CheckOptions, reporter: Reporter, within?: Within): void {
  new Checker(script, options, reporter, within).run();
}

/** What an expression will be worth, as far as the text tells. */
export function typeOf(e: Expression, options: CheckOptions, reporter: Reporter): Type {
  return new ExpressionChecker({ statements: [] }, options, reporter).expression(e);
}

/** The page size, in bytes, that every machine's page size is a multiple of. */
const SMALLEST_PAGE = 4096n;

/** Called with the scope at the end of each block around a place, the innermost first. */
export interface Within {
  readonly at: number;
  readonly seen: (scope: Scope) => void;
}

/** Columns of a sweep whose block is being checked. */
interface Point {
  readonly columns: string[];
  yields: boolean;
}

class Checker extends ExpressionChecker {
  #function: 'none' | 'inside' = 'none';
  #point: Point | undefined;
  #comparing = false;
  /** Names of the latest race that conditions can use. */
  private raced: readonly string[];

  constructor(
    script: Script,
    options: CheckOptions,
    reporter: Reporter,
    private readonly within?: Within,
  ) {
    super(script, options, reporter);
    this.raced = options.raced ?? [];
  }

  run(): void {
    this.statements(this.script.statements);
    this.unused();
  }

  private statements(list: readonly Statement[]): void {
    for (const s of list) this.statement(s);
    const ends = list.findIndex((s) => s.kind === 'return');
    const after = list[ends + 1];
    if (ends >= 0 && after !== undefined && this.options.mode === 'file') this.report(after.span, 'unreachable');
  }

  private statement(s: Statement): void {
    switch (s.kind) {
      case 'kernel':
        if (this.#comparing) this.report(s.span, 'misplaced', 'kernel', 'not in a block of `compare`, whose models are given already');
        resolveModel(s.model, this.options.machines, this.report);
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
        checkView(s, s.of && this.expression(s.of), this.report);
        return;
      case 'set':
        this.setting(s);
        return;
      case 'if':
        this.ifStatement(s);
        return;
      case 'for':
        this.loop(s.variable, s.body);
        return;
      case 'def':
        this.def(s);
        return;
      case 'return':
        if (this.#function === 'none') this.report({ start: s.span.start, end: s.span.start + 'return'.length }, 'misplaced', 'return', 'only in the block of a `def`');
        if (s.value !== undefined) this.expression(s.value);
        return;
      case 'in child':
        this.body(s.body);
        return;
      case 'sweep':
        this.sweep(s);
        return;
      case 'yield':
        if (this.#point === undefined) this.report({ start: s.span.start, end: s.span.start + 'yield'.length }, 'misplaced', 'yield', 'only in the block of a `sweep`');
        if (this.#point !== undefined) this.#point.yields = true;
        for (const { name, value } of s.columns) {
          this.expression(value);
          if (this.#point !== undefined && !this.#point.columns.includes(name)) this.#point.columns.push(name);
        }
        return;
      case 'plot':
        this.plot(s);
        return;
      case 'compare':
        this.compare(s);
        return;
      case 'why':
      case 'advise':
        if (s.of !== undefined) this.result(s.of, `\`${s.kind}\``);
        return;
      case 'why merge':
        this.number(s.a, '`why merge`');
        this.number(s.b, '`why merge`');
        return;
      case 'maps':
        if (s.range?.kind === 'range') this.expression(s.range);
        else if (s.range !== undefined) this.report(s.range.span, 'range-expected', 'maps');
        return;
      case 'layout':
        this.number(s.at, '`layout at`');
        if (s.unit !== undefined) this.number(s.unit, '`unit`');
        return;
      case 'machine':
        checkMachine(s, this.report);
        return;
      case 'fail':
        if (!FAILURES.has(s.what.text)) this.report(s.what.span, 'unknown-failure', s.what.text, closest(s.what.text, FAILURES), [...FAILURES]);
        if (s.after !== undefined) this.number(s.after, '`fail`');
        return;
      case 'printk':
        return;
      case 'race':
        this.race(s);
        return;
      case 'thread':
        this.report({ start: s.span.start, end: s.span.start + 'thread'.length }, 'misplaced', 'thread', 'only in the block of a `race`');
        return;
      case 'judge':
        this.judge(s);
        return;
      case 'replay':
        if (s.what !== undefined && s.what.text !== 'state') this.report(s.what.span, 'unknown-replay', s.what.text);
        return;
      case 'broken':
        for (const name of s.names) this.bind({ text: name, span: s.span }, 'unknown', false);
        return;
      default:
        assertUnreachable(s);
    }
  }

  // Races ----------------------------------------------------------------------------------------

  private race({ body, span }: RaceStatement): void {
    const raced: Name[] = [];
    const threads = body.statements.filter((s) => s.kind !== 'broken');
    if (threads.length === 0 && body.statements.length === 0) this.report({ start: span.start, end: span.start + 'race'.length }, 'race-empty');
    for (const s of threads) {
      if (s.kind === 'thread') this.thread(s, raced);
      else this.report(s.span, 'not-in-a-race', 'a race holds threads only', 'write `thread NAME { ... }`');
    }
    this.raced = raced.map((n) => n.text);
  }

  /** Calls one after the other, whose arguments are known before the race begins. */
  private thread({ body }: ThreadStatement, raced: Name[]): void {
    for (const s of body.statements) {
      if (s.kind === 'broken') continue;
      const called = s.kind === 'evaluate' && s.value.kind === 'call' ? s.value.callee : undefined;
      if (s.kind !== 'evaluate' || called === undefined || s.claim !== undefined) {
        this.report(
          s.span,
          'not-in-a-race',
          'a thread makes calls only, and claims nothing',
          'work values out before the race; judge it with `expect always`, `never` or `sometimes`',
        );
        continue;
      }
      const known = RACE_CALLS.has(called.text) || !CALLABLES.has(called.text);
      if (known) this.expression(s.value);
      else this.report(called.span, 'not-in-a-race', `\`${called.text}\` is not modelled in races`, `a thread may call ${[...RACE_CALLS].join(', ')}`);
      if (s.name !== undefined && reserved(s.name.text) !== undefined) this.bindChecked(s.name, 'unknown', false);
      else if (s.name !== undefined) raced.push(s.name);
    }
  }

  /** In a condition, the invariants are names, and so is what the threads' calls gave. */
  private judge({ condition }: JudgeStatement): void {
    const around = this.scope;
    this.scope = around.inner();
    const declare = (name: string, type: Type): void => this.scope.declare(name, { type, let: false, used: true });
    for (const { name } of this.options.machines.invariants ?? []) declare(name, 'boolean');
    declare(ANY_VIOLATION, 'boolean');
    for (const name of this.raced) declare(name, 'unknown');
    this.condition(condition, '`expect`');
    this.scope = around;
  }

  private setting({ setting: { text, span }, value }: SetStatement): void {
    const known = SETTINGS[text];
    if (known === undefined) {
      const names = Object.keys(SETTINGS);
      this.report(span, 'unknown-setting', text, names.find((name) => name.endsWith(`.${text}`)) ?? closest(text, names), names);
    } else if (wordOf(value, known) === undefined) {
      if (known.words === undefined) this.settingValue(value, text, known.takes);
      else this.report(value.span, 'unknown-setting-value', text, this.reporter.source.slice(value.span), known.words);
    }
  }

  private settingValue(value: Expression, name: string, takes: 'size' | 'number' | 'flag' | 'word'): void {
    const type = this.expression(value);
    if (takes === 'flag') {
      if (type !== 'boolean' && type !== 'unknown') this.report(value.span, 'wrong-type', `\`${name}\``, KIND_NAMES.boolean, KIND_NAMES[type]);
    } else {
      this.mustBeNumber(value, type, `\`${name}\``);
    }
  }

  // Names ----------------------------------------------------------------------------------------

  private evaluate(s: EvaluateStatement, isLet: boolean): void {
    this.claimed = s.claim !== undefined;
    const type = this.expression(s.value);
    this.claimed = false;
    if (s.claim !== undefined) this.claim(s.value, s.claim);
    if (s.name !== undefined) this.bindChecked(s.name, type, isLet, s.value);
    else if (this.options.mode === 'file' && this.#function === 'none' && s.claim === undefined && !calls(s.value)) this.report(s.value.span, 'no-effect');
  }

  private bindChecked(name: Name, type: Type, isLet: boolean, value?: Expression): void {
    const what = reserved(name.text);
    if (what !== undefined) {
      this.report(name.span, 'reserved-name', name.text, what);
      return;
    }
    const before = this.scope.owns(name.text) ? this.scope.get(name.text) : undefined;
    if (isLet && this.options.mode === 'file' && before?.let === true && before.span !== undefined) {
      this.report(name.span, 'already-bound', name.text, this.reporter.source.position(before.span.start).line);
    }
    this.bind(name, type, isLet, value?.kind === 'name' ? { columns: this.scope.get(value.name)?.columns } : {});
  }

  private bind(name: Name, type: Type, isLet: boolean, more: Partial<Binding> = {}): void {
    const holder = isLet ? undefined : this.scope.holder(name.text);
    const target = holder ?? this.scope;
    const before = target.owns(name.text) ? target.get(name.text) : undefined;
    // Whether a block that binds an outer name again is run at all is known later.
    const outside = target !== this.scope && before !== undefined && before.type !== type;
    target.declare(name.text, {
      ...more,
      type: outside ? 'unknown' : type,
      span: before?.span ?? name.span,
      let: isLet || before?.let === true,
      used: before?.used ?? false,
    });
  }

  private unused(): void {
    if (this.options.mode !== 'file') return;
    for (const [name, b] of this.scope.own()) {
      if (b.let && !b.used && b.span !== undefined) this.report(b.span, 'unused-let', name);
    }
  }

  private claim(of: Expression, claim: Claim): void {
    const syscall = of.kind === 'call' && (CALLABLES.get(of.callee.text)?.role === 'syscall' || LATER_SYSCALLS.has(of.callee.text));
    if (!syscall) {
      const { source } = this.reporter;
      const span = { start: of.span.start, end: claim.span.end };
      this.report(span, 'claim-without-call', source.slice(of.span), source.slice(claim.span));
    } else if (claim.kind === 'value') {
      this.number(claim.value, 'the claimed result');
      if (of.kind === 'call') this.possible(of.callee.text, claim.value);
    } else if (!isErrno(claim.errno.text)) {
      this.report(claim.errno.span, 'unknown-errno', claim.errno.text, closest(claim.errno.text, ERRNO_NAMES));
    }
  }

  /** Claims that no kernel can fulfil: a negative result (that would be an errno), or a mapping that does not begin on a page. */
  private possible(call: string, value: Expression): void {
    if (value.kind === 'unary' && value.operator === '-' && !(value.operand.kind === 'integer' && value.operand.value === 1n))
      this.report(value.span, 'impossible-claim', 'a failed call is claimed as `-1 ENAME`');
    else if ((call === 'mmap' || call === 'mremap') && value.kind === 'integer' && value.unit === undefined && value.value % SMALLEST_PAGE !== 0n) {
      this.report(value.span, 'impossible-claim', 'a mapping begins on a page boundary');
    }
  }

  private result(e: Expression, where: string): void {
    const type = this.expression(e);
    if (type !== 'result' && type !== 'unknown') this.report(e.span, 'wrong-type', where, KIND_NAMES.result, KIND_NAMES[type]);
  }

  // Blocks ---------------------------------------------------------------------------------------

  /** What is between braces, in names of its own; `declare` gives it some to begin with. */
  private body(body: Body, options: { sealed?: boolean; declare?: () => void } = {}): void {
    const around = this.scope;
    this.scope = around.inner(options.sealed);
    options.declare?.();
    this.statements(body.statements);
    this.unused();
    const { within } = this;
    if (within !== undefined && body.span.start < within.at && within.at <= body.span.end) within.seen(this.scope);
    this.scope = around;
  }

  private ifStatement({ branches, otherwise }: IfStatement): void {
    for (const { condition, body } of branches) {
      this.condition(condition, '`if`');
      this.body(body);
    }
    if (otherwise !== undefined) this.body(otherwise);
  }

  private loop(variable: Variable, body: Body): void {
    const type = this.domain(variable.over);
    this.body(body, { declare: () => this.declare(variable.name, type) });
  }

  private declare(name: Name, type: Type): void {
    const what = reserved(name.text);
    if (what !== undefined) this.report(name.span, 'reserved-name', name.text, what);
    this.scope.declare(name.text, { type, span: name.span, let: false, used: false });
  }

  /** What the values of a variable will be. */
  private domain(over: Domain): Type {
    if (over.kind === 'steps') {
      this.number(over.from, 'a range');
      this.number(over.to, 'a range');
      if (over.step !== undefined) this.number(over.step, '`step`');
      return 'integer';
    }
    const type = this.expression(over.value);
    const element = type === 'unknown' ? 'unknown' : ELEMENTS[type];
    if (element === undefined) this.report(over.value.span, 'wrong-type', '`in`', 'a list or a range', KIND_NAMES[type as Kind]);
    return element ?? 'unknown';
  }

  private def({ name, parameters, body }: DefStatement): void {
    const what = reserved(name.text) ?? (CALLABLES.has(name.text) || LATER_SYSCALLS.has(name.text) ? 'a call' : undefined);
    if (what !== undefined) this.report(name.span, 'reserved-name', name.text, what);
    parameters.forEach((p, i) => {
      if (parameters.findIndex((q) => q.text === p.text) < i) this.report(p.span, 'parameter-twice', p.text);
    });
    const names = parameters.map((p) => p.text);
    if (what === undefined) this.scope.declare(name.text, { type: 'function', span: name.span, let: false, used: true, parameters: names });
    const [around, point] = [this.#function, this.#point];
    this.#function = 'inside';
    this.#point = undefined;
    this.body(body, { sealed: true, declare: () => parameters.forEach((p) => this.declare(p, 'unknown')) });
    this.#function = around;
    this.#point = point;
  }

  private sweep({ name, variables, body, span }: SweepStatement): void {
    const point: Point = { columns: variables.map((v) => v.name.text), yields: false };
    const around = this.#point;
    const inner = this.scope.inner(true);
    const outer = this.scope;
    // A variable can depend on those before it.
    this.scope = inner;
    for (const v of variables) this.declare(v.name, this.domain(v.over));
    this.#point = point;
    this.body(body);
    this.#point = around;
    this.scope = outer;
    if (!point.yields) this.report({ start: span.start, end: span.start + 'sweep'.length }, 'no-yield');
    this.table(name, point.columns);
  }

  private compare({ name, models, body }: CompareStatement): void {
    for (const m of models) resolveModel(m, this.options.machines, this.report);
    const around = this.#comparing;
    this.#comparing = true;
    this.body(body, { sealed: true });
    this.#comparing = around;
    this.table(name, undefined);
  }

  private table(name: Name | undefined, columns: readonly string[] | undefined): void {
    if (name !== undefined && reserved(name.text) !== undefined) this.bindChecked(name, 'table', false);
    else if (name !== undefined) this.bind(name, 'table', false, { columns });
    this.scope.declare(LAST_TABLE, { type: 'table', let: false, used: true, columns });
  }

  private plot({ table, channels, span }: PlotStatement): void {
    const of = table ?? { kind: 'name', name: LAST_TABLE, span };
    if (of.kind === 'name' && of.name === LAST_TABLE && !this.scope.has(LAST_TABLE)) {
      this.report({ start: span.start, end: span.start + 'plot'.length }, 'nothing-to-plot');
      return;
    }
    const type = this.expression(of);
    if (type !== 'table' && type !== 'unknown') this.report(of.span, 'wrong-type', '`plot`', KIND_NAMES.table, KIND_NAMES[type]);
    checkChannels(channels, of.kind === 'name' ? this.scope.get(of.name)?.columns : undefined, this.report);
  }
}
