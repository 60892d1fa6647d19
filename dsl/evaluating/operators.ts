/** Arithmetic and comparison on values. */
import { ERRNO, hex, type Span } from '../../machine/index.js';
import type { Arithmetic, Comparison, UnaryOperator } from '../syntax/ast.js';
import { fail } from '../messages/fail.js';
import { COMPARE_IT } from '../messages/messages.js';
import { asInteger, boolean, isAddress, isNumeric, KIND_NAMES, type Value } from '../vocabulary/values.js';

/** Room for any product of two addresses; what outgrows it is a slip, and would only get slower. */
const LIMIT = 1n << 256n;

/** The value as a number; `where` says who wants one. */
export function toInteger(v: Value, span: Span, where: string): bigint {
  const n = asInteger(v);
  if (n !== undefined) return n;
  if (v.kind === 'none' && v.at !== undefined) fail(span, 'not-mapped', hex(v.at), undefined);
  return fail(span, 'wrong-type', where, KIND_NAMES.integer, KIND_NAMES[v.kind]);
}

export function toBoolean(v: Value, span: Span, where: string): boolean {
  if (v.kind === 'boolean') return v.value;
  const hint = isNumeric(v.kind) ? COMPARE_IT : undefined;
  return fail(span, 'wrong-type', where, KIND_NAMES.boolean, KIND_NAMES[v.kind], hint);
}

export function negate(operator: Exclude<UnaryOperator, 'not'>, v: Value, span: Span): Value {
  const n = toInteger(v, span, `\`${operator}\``);
  switch (operator) {
    case '-':
      return { kind: 'integer', value: -n };
    case '+':
      return { kind: 'integer', value: n };
    case '~':
      return { kind: 'integer', value: ~n };
  }
}

export interface Operand {
  readonly value: Value;
  readonly span: Span;
}

/** What comes of sums and products of 64 bits is smaller; beyond that somebody counts for counting's sake. */
export const isTooBig = (value: bigint): boolean => value >= LIMIT || value <= -LIMIT;

export function arithmetic(operator: Arithmetic, left: Operand, right: Operand): Value {
  const where = `\`${operator}\``;
  const a = toInteger(left.value, left.span, where);
  const b = toInteger(right.value, right.span, where);
  const value = compute(operator, a, b, right.span);
  if (isTooBig(value)) fail({ start: left.span.start, end: right.span.end }, 'number-too-big');
  return { kind: 'integer', value, address: givesAddress(operator, isAddress(left.value), isAddress(right.value)) };
}

function compute(operator: Arithmetic, a: bigint, b: bigint, at: Span): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
    case '%':
      if (b === 0n) fail(at, 'division-by-zero');
      return operator === '/' ? a / b : a % b;
    case '<<':
    case '>>':
      if (b < 0n || b > 64n) fail(at, 'out-of-range', 'the shift', b.toString(), '0 to 64');
      return operator === '<<' ? a << b : a >> b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
  }
}

/** As with pointers in C: an address and an offset make an address, two addresses a distance. */
function givesAddress(operator: Arithmetic, left: boolean, right: boolean): boolean {
  switch (operator) {
    case '+':
      return left !== right;
    case '-':
      return left && !right;
    case '&':
    case '|':
      return left || right;
    default:
      return false;
  }
}

export function compare(operator: Comparison, left: Operand, right: Operand, span: Span): Value {
  if (operator === '==' || operator === '!=') {
    return boolean(equal(left.value, right.value, span) === (operator === '=='));
  }
  const where = `\`${operator}\``;
  const a = toInteger(left.value, left.span, where);
  const b = toInteger(right.value, right.span, where);
  switch (operator) {
    case '<':
      return boolean(a < b);
    case '<=':
      return boolean(a <= b);
    case '>':
      return boolean(a > b);
    case '>=':
      return boolean(a >= b);
  }
}

function equal(a: Value, b: Value, span: Span): boolean {
  if (a.kind === 'none' || b.kind === 'none') return a.kind === b.kind;
  if ((a.kind === 'string' || a.kind === 'boolean') && a.kind === b.kind) return a.value === b.value;
  const x = errnoNumber(a) ?? asInteger(a);
  const y = errnoNumber(b) ?? asInteger(b);
  const kinds = [a.kind, b.kind];
  if (x === undefined || y === undefined || (kinds.includes('errno') && kinds.includes('result'))) {
    return fail(span, 'cannot-compare', KIND_NAMES[a.kind], KIND_NAMES[b.kind], hintFor(kinds));
  }
  return x === y;
}

function hintFor(kinds: readonly string[]): string | undefined {
  if (!kinds.includes('errno')) return undefined;
  if (kinds.includes('result')) return 'ask the result for its `.errno`';
  return kinds.includes('string') ? 'an errno stands without quotes' : undefined;
}

const errnoNumber = (v: Value): bigint | undefined => (v.kind === 'errno' ? BigInt(ERRNO[v.value][0]) : undefined);
