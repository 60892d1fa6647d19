/** Phase 4 for expressions. */
import type { IToken } from 'chevrotain';
import { InvariantViolation, type Unit } from '../../machine/index.js';
import type { Arithmetic, BinaryOperator, Comparison, Expression, Name, UnaryOperator } from './ast.js';
import { nameOf, only, tokenSpan } from './build-parts.js';
import type * as cst from './cst.js';
import type { Reporter } from '../messages/diagnostics.js';
import { integerValue, stringValue } from './literals.js';
import { parseBlock } from './parser.js';
import { endOf, isA, Unit as UnitToken } from './tokens.js';

export function expression(node: cst.ExpressionCstNode, r: Reporter): Expression {
  return chain(
    'or',
    node.children.conjunction.map((c) => conjunction(c, r)),
  );
}

function conjunction(node: cst.ConjunctionCstNode, r: Reporter): Expression {
  return chain(
    'and',
    node.children.negation.map((n) => negation(n, r)),
  );
}

function negation({ children: n }: cst.NegationCstNode, r: Reporter): Expression {
  return prefixed(n.Not ?? [], comparison(only(n.comparison), r));
}

function comparison({ children: c }: cst.ComparisonCstNode, r: Reporter): Expression {
  const operands = c.union.map((u) => union(u, r));
  const second = c.Compare?.[1];
  if (second === undefined) return infix(c.Compare, operands);
  r.report(tokenSpan(second), 'chained-comparison');
  // Read as it was meant, so that the checker finds nothing wrong with it but this.
  const pairs = operands.slice(1).map((right, i) => infix(c.Compare?.slice(i), [only(operands.slice(i)), right]));
  return chain('and', pairs);
}

function union(node: cst.UnionCstNode, r: Reporter): Expression {
  return chain(
    '|',
    node.children.difference.map((d) => difference(d, r)),
  );
}

function difference(node: cst.DifferenceCstNode, r: Reporter): Expression {
  return chain(
    '^',
    node.children.intersection.map((i) => intersection(i, r)),
  );
}

function intersection(node: cst.IntersectionCstNode, r: Reporter): Expression {
  return chain(
    '&',
    node.children.shifted.map((s) => shifted(s, r)),
  );
}

function shifted({ children: s }: cst.ShiftedCstNode, r: Reporter): Expression {
  return infix(
    s.Shift,
    s.sum.map((x) => sum(x, r)),
  );
}

function sum({ children: s }: cst.SumCstNode, r: Reporter): Expression {
  return infix(
    s.Additive,
    s.product.map((x) => product(x, r)),
  );
}

function product({ children: p }: cst.ProductCstNode, r: Reporter): Expression {
  return infix(
    p.Multiplicative,
    p.signed.map((x) => signed(x, r)),
  );
}

function signed({ children: s }: cst.SignedCstNode, r: Reporter): Expression {
  const signs = [...(s.Minus ?? []), ...(s.Plus ?? []), ...(s.Tilde ?? [])].sort((a, b) => a.startOffset - b.startOffset);
  return prefixed(signs, access(only(s.access), r));
}

/** Fields and indices, in the order in which they stand. */
function access({ children: a }: cst.AccessCstNode, r: Reporter): Expression {
  const fields = (a.Word ?? []).map((t) => ({ at: t.startOffset, of: (of: Expression) => fieldOf(of, nameOf(t)) }));
  const indices = (a.index ?? []).map((i) => ({ at: only(i.children.LSquare).startOffset, of: (of: Expression) => indexOf(of, i, r) }));
  return [...fields, ...indices].sort((x, y) => x.at - y.at).reduce((of, part) => part.of(of), primary(only(a.primary), r));
}

const fieldOf = (of: Expression, field: Name): Expression => ({ kind: 'field', of, field, span: { start: of.span.start, end: field.span.end } });

const indexOf = (of: Expression, { children: i }: cst.IndexCstNode, r: Reporter): Expression => ({
  kind: 'index',
  of,
  index: expression(only(i.expression), r),
  span: { start: of.span.start, end: endOf(only(i.RSquare)) },
});

function primary({ children: p }: cst.PrimaryCstNode, r: Reporter): Expression {
  if (p.quantity) return quantity(only(p.quantity));
  if (p.Text) {
    const token = only(p.Text);
    return { kind: 'string', value: stringValue(token.image), span: tokenSpan(token) };
  }
  if (p.reference) return reference(only(p.reference), r);
  if (p.list) {
    const { LSquare, expression: items, RSquare } = only(p.list).children;
    const span = { start: only(LSquare).startOffset, end: endOf(only(RSquare)) };
    return { kind: 'list', items: (items ?? []).map((e) => expression(e, r)), span };
  }
  const { LParen, expression: inner, RParen } = only(p.parenthesis).children;
  // The brackets belong to the place of what they hold: that is what a caret should underline.
  return { ...expression(only(inner), r), span: { start: only(LParen).startOffset, end: endOf(only(RParen)) } };
}

function quantity({ children: q }: cst.QuantityCstNode): Expression {
  const number = only(q.Integer);
  const unit = q.Unit?.[0];
  return {
    kind: 'integer',
    value: integerValue(number.image),
    unit: unit?.image as Unit | undefined,
    span: { start: number.startOffset, end: endOf(unit ?? number) },
  };
}

function reference({ children: n }: cst.ReferenceCstNode, r: Reporter): Expression {
  const token = only(n.Identifier ?? n.Unit);
  const callee = nameOf(token);
  const brackets = n.arguments?.[0]?.children;
  if (brackets !== undefined) {
    const args = (brackets.argument ?? []).map((a) => argument(a, r));
    return { kind: 'call', callee, args, span: { start: callee.span.start, end: endOf(only(brackets.RParen)) } };
  }
  if (isA(token, UnitToken)) return { kind: 'integer', value: 1n, unit: token.image as Unit, span: callee.span };
  return { kind: 'name', name: callee.text, span: callee.span };
}

export function argument({ children: a }: cst.ArgumentCstNode, r: Reporter): Expression {
  if (a.Block) return struct(only(a.Block), r);
  const [from, to] = (a.expression ?? []).map((e) => expression(e, r));
  if (from === undefined) throw new InvariantViolation('an argument without an expression');
  if (to === undefined) return from;
  return { kind: 'range', from, to, length: a.RangeLength !== undefined, span: { start: from.span.start, end: to.span.end } };
}

function struct(block: IToken, r: Reporter): Expression {
  // What cannot be read gives no tree; that is told already.
  const tree = parseBlock(block, 'members', r).cst as cst.MembersCstNode | undefined;
  const members = (tree?.children.member ?? []).map(({ children: m }) => ({ name: nameOf(only(m.Word)), value: expression(only(m.expression), r) }));
  return { kind: 'struct', members, span: tokenSpan(block) };
}

const join = (left: Expression, operator: BinaryOperator, right: Expression): Expression => ({
  kind: 'binary',
  operator,
  left,
  right,
  span: { start: left.span.start, end: right.span.end },
});

const chain = (operator: BinaryOperator, operands: readonly Expression[]): Expression => operands.reduce((left, right) => join(left, operator, right));

function infix(operators: readonly IToken[] | undefined, operands: readonly Expression[]): Expression {
  return operands.reduce((left, right, i) => join(left, only(operators?.slice(i - 1)).image as Arithmetic | Comparison, right));
}

function prefixed(operators: readonly IToken[], operand: Expression): Expression {
  return operators.reduceRight<Expression>(
    (inner, t) => ({
      kind: 'unary',
      operator: t.image as UnaryOperator,
      operand: inner,
      span: { start: t.startOffset, end: inner.span.end },
    }),
    operand,
  );
}
