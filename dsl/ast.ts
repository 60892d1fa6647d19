/** The syntax tree. Every node knows its place; a statement that could not be read leaves its names behind. */
import type { Span, Unit } from '../machine/index.js';

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
  | SetStatement
  | LaterStatement
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
export type Claim =
  | { readonly kind: 'value'; readonly value: Expression; readonly span: Span }
  | { readonly kind: 'errno'; readonly errno: Name; readonly span: Span };

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

/** A statement of the language that this version reads and does not know yet. */
export interface LaterStatement {
  readonly kind: 'later';
  readonly word: Name;
  readonly span: Span;
}

/** A statement with a syntax error; the names it would have bound count as bound. */
export interface BrokenStatement {
  readonly kind: 'broken';
  readonly names: readonly string[];
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
  | FieldExpression;

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

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);

export const isComparison = (op: BinaryOperator): op is Comparison => COMPARISONS.has(op);
export const isLogical = (op: BinaryOperator): op is Logical => op === 'and' || op === 'or';
