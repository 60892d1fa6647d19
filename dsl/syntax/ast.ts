/** The syntax tree. Every node knows its place; a statement that could not be read leaves its names behind. */
import type { MoveCall, RaceLimits, Span, Unit } from '../../machine/index.js';

export interface Script {
  readonly statements: readonly Statement[];
}

export interface Name {
  readonly text: string;
  readonly span: Span;
}

export type Statement =
  | KernelStatement
  | LetStatement
  | EvaluateStatement
  | ExpectStatement
  | PrintStatement
  | ShowStatement
  | PrintkStatement
  | SetStatement
  | IfStatement
  | ForStatement
  | DefStatement
  | ReturnStatement
  | InChildStatement
  | SweepStatement
  | YieldStatement
  | PlotStatement
  | CompareStatement
  | WhyStatement
  | WhyMergeStatement
  | AdviseStatement
  | MapsStatement
  | LayoutStatement
  | MachineStatement
  | FailStatement
  | RaceStatement
  | ThreadStatement
  | JudgeStatement
  | ReplayStatement
  | BrokenStatement;

/** `kernel 6.12 with realign=none` */
export interface KernelStatement {
  readonly kind: 'kernel';
  readonly model: ModelExpression;
  readonly span: Span;
}

/** What follows `kernel`. */
export interface ModelExpression {
  readonly release: Name;
  readonly switches: readonly Switch[];
  readonly span: Span;
}

/** `with NAME=value`, `with NAME` (no value) or `without NAME` (`off`). */
export interface Switch {
  readonly name: Name;
  readonly value?: Name;
  readonly off: boolean;
}

export interface LetStatement {
  readonly kind: 'let';
  readonly bindings: readonly EvaluateStatement[];
  readonly span: Span;
}

/** `[NAME =] expr [= claim]` */
export interface EvaluateStatement {
  readonly kind: 'evaluate';
  readonly name?: Name;
  readonly value: Expression;
  readonly claim?: Claim;
  readonly span: Span;
}

/** What the kernel is said to have answered. */
export type Claim = { readonly kind: 'value'; readonly value: Expression; readonly span: Span } | { readonly kind: 'errno'; readonly errno: Name; readonly span: Span };

export interface ExpectStatement {
  readonly kind: 'expect';
  readonly condition: Expression;
  readonly span: Span;
}

export interface PrintStatement {
  readonly kind: 'print';
  readonly values: readonly Expression[];
  readonly span: Span;
}

export interface ShowStatement {
  readonly kind: 'show';
  readonly what: Name;
  readonly of?: Expression;
  /** `--printk`, where it stands. */
  readonly printk?: Span;
  readonly span: Span;
}

/** A pasted line of move_page_tables()'s printk. */
export interface PrintkStatement {
  readonly kind: 'printk';
  readonly call: MoveCall;
  readonly span: Span;
}

/** `set rlimit.memlock = 64K`; a value that is a word of the language is left to the checker. */
export interface SetStatement {
  readonly kind: 'set';
  /** Dots included: `rlimit.memlock`. */
  readonly setting: Name;
  readonly value: Expression;
  readonly span: Span;
}

/** What is between braces. */
export interface Body {
  readonly statements: readonly Statement[];
  readonly span: Span;
}

export interface IfStatement {
  readonly kind: 'if';
  readonly branches: readonly { readonly condition: Expression; readonly body: Body }[];
  readonly otherwise?: Body;
  readonly span: Span;
}

/** `x in a..b step s`, `x in [1M, 2M]` */
export interface Variable {
  readonly name: Name;
  readonly over: Domain;
}

export type Domain =
  | { readonly kind: 'values'; readonly value: Expression; readonly span: Span }
  | {
      readonly kind: 'steps';
      readonly from: Expression;
      readonly to: Expression;
      /** `a..+length` */
      readonly length: boolean;
      readonly step?: Expression;
      readonly span: Span;
    };

export interface ForStatement {
  readonly kind: 'for';
  readonly variable: Variable;
  readonly body: Body;
  readonly span: Span;
}

export interface DefStatement {
  readonly kind: 'def';
  readonly name: Name;
  readonly parameters: readonly Name[];
  readonly body: Body;
  readonly span: Span;
}

export interface ReturnStatement {
  readonly kind: 'return';
  readonly value?: Expression;
  readonly span: Span;
}

export interface InChildStatement {
  readonly kind: 'in child';
  readonly body: Body;
  readonly span: Span;
}

export interface SweepStatement {
  readonly kind: 'sweep';
  readonly name?: Name;
  readonly variables: readonly Variable[];
  readonly body: Body;
  readonly span: Span;
}

/** A value of a sweep's point, and what its column is called. */
export interface YieldedColumn {
  readonly name: string;
  readonly value: Expression;
}

export interface YieldStatement {
  readonly kind: 'yield';
  readonly columns: readonly YieldedColumn[];
  readonly span: Span;
}

export interface PlotStatement {
  readonly kind: 'plot';
  /** Without one, the last table. */
  readonly table?: Expression;
  readonly channels: readonly { readonly key: Name; readonly value: Name }[];
  readonly span: Span;
}

export interface CompareStatement {
  readonly kind: 'compare';
  readonly name?: Name;
  readonly models: readonly ModelExpression[];
  readonly body: Body;
  readonly span: Span;
}

export interface WhyStatement {
  readonly kind: 'why';
  /** Without one, the last mremap. */
  readonly of?: Expression;
  readonly span: Span;
}

export interface WhyMergeStatement {
  readonly kind: 'why merge';
  readonly a: Expression;
  readonly b: Expression;
  readonly span: Span;
}

export interface AdviseStatement {
  readonly kind: 'advise';
  readonly of?: Expression;
  readonly span: Span;
}

/** One line of `/proc/PID/maps`; a column that is not there says nothing. */
export interface MapsLine {
  readonly start: bigint;
  readonly end: bigint;
  readonly perms: string;
  readonly offset?: bigint;
  readonly name?: string;
  /** VmFlags of smaps: two letters each. */
  readonly vmFlags?: readonly string[];
  /** `Anonymous:` of smaps, in bytes. */
  readonly anonymous?: bigint;
  readonly span: Span;
}

/** Sets an address space up; behind `expect`, compares with one. */
export interface MapsStatement {
  readonly kind: 'maps';
  readonly expected: boolean;
  readonly range?: Expression;
  readonly lines: readonly MapsLine[];
  readonly span: Span;
}

/** A letter's pages in a row of a layout. */
export interface LayoutCell {
  /** Upper case, whatever was written. */
  readonly letter: string;
  readonly faulted: boolean;
  /** How many units from the start. */
  readonly index: number;
}

export interface LayoutStatement {
  readonly kind: 'layout';
  readonly expected: boolean;
  readonly at: Expression;
  readonly unit?: Expression;
  readonly cells: readonly LayoutCell[];
  /** How many units are drawn, holes included. */
  readonly width: number;
  /** What `B: r--s` lines say. */
  readonly kinds: readonly { readonly letter: string; readonly perms: string; readonly span: Span }[];
  readonly span: Span;
}

export interface MachineStatement {
  readonly kind: 'machine';
  readonly arch: Name;
  readonly parts: readonly { readonly name: Name; readonly value: bigint; readonly span: Span }[];
  readonly span: Span;
}

/** `fail page_table_alloc after 3` */
export interface FailStatement {
  readonly kind: 'fail';
  readonly what: Name;
  readonly after?: Expression;
  readonly span: Span;
}

/** `race lost within 3 preemptions { thread mover { ... } thread user { ... } }` */
export interface RaceStatement {
  readonly kind: 'race';
  readonly name?: Name;
  /** How far it is explored. */
  readonly within?: Partial<Omit<RaceLimits, 'steps'>>;
  readonly body: Body;
  readonly span: Span;
}

/** `thread mover { mremap(...) }` */
export interface ThreadStatement {
  readonly kind: 'thread';
  readonly name?: Name;
  readonly body: Body;
  readonly span: Span;
}

/** `expect never lost_page` */
export interface JudgeStatement {
  readonly kind: 'judge';
  readonly quantifier: 'always' | 'never' | 'sometimes';
  readonly condition: Expression;
  readonly span: Span;
}

/** `replay a7f3 with state` */
export interface ReplayStatement {
  readonly kind: 'replay';
  /** Without one, the latest schedule that was shown. */
  readonly id?: Name;
  readonly what?: Name;
  readonly span: Span;
}

/** A statement with a syntax error; the names it would have bound count as bound. */
export interface BrokenStatement {
  readonly kind: 'broken';
  readonly names: readonly string[];
  /** What is in its braces. */
  readonly bodies: readonly Body[];
  readonly span: Span;
}

export type Expression =
  | IntegerLiteral
  | StringLiteral
  | NameExpression
  | UnaryExpression
  | BinaryExpression
  | RangeExpression
  | CallExpression
  | FieldExpression
  | IndexExpression
  | ListExpression
  | StructExpression;

/** `4K`, `0x1000`, `3 pmd`, and `page` alone, which is one page. */
export interface IntegerLiteral {
  readonly kind: 'integer';
  readonly value: bigint;
  readonly unit?: Unit;
  readonly span: Span;
}

export interface StringLiteral {
  readonly kind: 'string';
  readonly value: string;
  readonly span: Span;
}

export interface NameExpression {
  readonly kind: 'name';
  readonly name: string;
  readonly span: Span;
}

export type UnaryOperator = '-' | '+' | '~' | 'not';

export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
  readonly span: Span;
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type Arithmetic = '+' | '-' | '*' | '/' | '%' | '<<' | '>>' | '&' | '|' | '^';
export type Logical = 'and' | 'or';
export type BinaryOperator = Comparison | Arithmetic | Logical;

export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly span: Span;
}

/** `a..b`, or `a..+length`. */
export interface RangeExpression {
  readonly kind: 'range';
  readonly from: Expression;
  readonly to: Expression;
  readonly length: boolean;
  readonly span: Span;
}

export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Name;
  readonly args: readonly Expression[];
  readonly span: Span;
}

export interface FieldExpression {
  readonly kind: 'field';
  readonly of: Expression;
  readonly field: Name;
  readonly span: Span;
}

/** `vmas()[0]` */
export interface IndexExpression {
  readonly kind: 'index';
  readonly of: Expression;
  readonly index: Expression;
  readonly span: Span;
}

export interface ListExpression {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly span: Span;
}

/** `{rlim_cur=8192*1024, rlim_max=RLIM_INFINITY}`, as an argument only. */
export interface StructExpression {
  readonly kind: 'struct';
  readonly members: readonly { readonly name: Name; readonly value: Expression }[];
  readonly span: Span;
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

export const isComparison = (op: BinaryOperator): op is Comparison => COMPARISONS.has(op);
export const isLogical = (op: BinaryOperator): op is Logical => op === 'and' || op === 'or';
