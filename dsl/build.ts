/**
 * Phase 4, concrete to abstract syntax tree.
 *
 * A line with a syntax error becomes a `broken` statement as a whole, so that nothing here ever
 * sees a token the parser made up or a child that it could not read.
 */
import type { IToken } from 'chevrotain';
import { InvariantViolation, type Span, type Unit } from '../machine/index.js';
import type {
  Arithmetic, BinaryOperator, Claim, Comparison, EvaluateStatement, Expression, ModelExpression, Name, Script, Statement,
  Switch, UnaryOperator,
} from './ast.js'; // prettier-ignore
import type * as cst from './cst.js';
import type { Reporter } from './diagnostics.js';
import { integerValue, stringValue } from './literals.js';
import { statementsOf } from './lines.js';
import { reportToken } from './syntax-messages.js';
import { Comma, endOf, Equals, isA, Let, Unit as UnitToken, Word } from './tokens.js';

export function build(tree: cst.ScriptCstNode, tokens: readonly IToken[], reporter: Reporter): Script {
  const read = tree.children.statement ?? [];
  return { statements: statementsOf(tokens).map((own, i) => line(only(read.slice(i)), own.slice(1), reporter)) };
}

function line(tree: cst.StatementCstNode, tokens: readonly IToken[], reporter: Reporter): Statement {
  const span = spanOf(tokens);
  const leftover = leftoverOf(tree);
  const misread = reporter.found.some((d) => d.span.start >= span.start && d.span.start <= span.end);
  if (!misread && leftover !== undefined) reportLeftover(leftover, reporter);
  if (misread || leftover !== undefined) return { kind: 'broken', names: boundIn(tokens), span };
  return statement(tree, span, reporter);
}

function leftoverOf(line: cst.StatementCstNode): IToken | undefined {
  const rest = line.children.leftover?.[0]?.children;
  if (rest === undefined) return undefined;
  const heads = [rest.Piece?.[0], rest.block?.[0]?.children.LCurly[0], rest.RCurly?.[0]];
  return heads.filter((t) => t !== undefined).sort((a, b) => a.startOffset - b.startOffset)[0];
}

function reportLeftover(token: IToken, reporter: Reporter): void {
  if (!reportToken(token, reporter)) reporter.report(tokenSpan(token), 'unexpected-token', `\`${token.image}\``);
}

/** The names that a line would have bound: what it says is lost, that it binds them is not. */
function boundIn(tokens: readonly IToken[]): string[] {
  const isLet = isA(tokens[0], Let);
  const binds = (t: IToken, i: number): boolean =>
    isA(t, Word) && isA(tokens[i + 1], Equals) && (i === 0 || (isLet && (i === 1 || isA(tokens[i - 1], Comma))));
  return tokens.filter(binds).map((t) => t.image);
}

// Statements -------------------------------------------------------------------------------------

function statement({ children: s }: cst.StatementCstNode, span: Span, reporter: Reporter): Statement {
  if (s.binding) return binding(only(s.binding), reporter);
  if (s.kernelStatement) return { kind: 'kernel', model: model(only(only(s.kernelStatement).children.model)), span };
  if (s.letStatement) return { kind: 'let', bindings: only(s.letStatement).children.binding.map((b) => binding(b, reporter)), span };
  if (s.expectStatement) {
    const { laterStatement, expression: condition } = only(s.expectStatement).children;
    if (laterStatement) return later(only(laterStatement), span);
    return { kind: 'expect', condition: expression(only(condition), reporter), span };
  }
  if (s.printStatement) {
    return { kind: 'print', values: only(s.printStatement).children.expression.map((e) => expression(e, reporter)), span };
  }
  if (s.showStatement) {
    const { Word: what, expression: of } = only(s.showStatement).children;
    return { kind: 'show', what: nameOf(only(what)), of: of && expression(only(of), reporter), span };
  }
  if (s.setStatement) return setting(only(s.setStatement), span, reporter);
  if (s.laterStatement) return later(only(s.laterStatement), span);
  return { ...evaluation(only(s.evaluation), reporter), span };
}

function setting({ children: s }: cst.SetStatementCstNode, span: Span, reporter: Reporter): Statement {
  const path = s.Word.map(nameOf);
  const name = { text: path.map((n) => n.text).join('.'), span: { start: only(path).span.start, end: path.at(-1)?.span.end ?? span.end } };
  const word = s.Later?.[0];
  const value: Expression = word ? { kind: 'name', name: word.image, span: tokenSpan(word) } : expression(only(s.expression), reporter);
  return { kind: 'set', setting: name, value, span };
}

const later = (node: cst.LaterStatementCstNode, span: Span): Statement => ({
  kind: 'later',
  word: nameOf(only(node.children.Later)),
  span,
});

function binding({ children: b }: cst.BindingCstNode, reporter: Reporter): EvaluateStatement {
  const name = nameOf(only(b.Word));
  const of = evaluation(only(b.evaluation), reporter);
  return { ...of, name, span: { start: name.span.start, end: of.span.end } };
}

function evaluation({ children: e }: cst.EvaluationCstNode, reporter: Reporter): EvaluateStatement {
  const value = expression(only(e.expression), reporter);
  const claim = claimOf(e, reporter);
  return { kind: 'evaluate', value, claim, span: { start: value.span.start, end: (claim ?? value).span.end } };
}

function claimOf(e: cst.EvaluationCstChildren, reporter: Reporter): Claim | undefined {
  const failed = e.ErrnoClaim?.[0];
  if (failed !== undefined) {
    const text = /E[A-Z0-9_]+/.exec(failed.image)?.[0] ?? '';
    const start = failed.startOffset + failed.image.indexOf(text);
    return { kind: 'errno', errno: { text, span: { start, end: start + text.length } }, span: tokenSpan(failed) };
  }
  if (e.claim === undefined) return undefined;
  const value = expression(only(e.claim), reporter);
  return { kind: 'value', value, span: value.span };
}

export function model({ children: m, location }: cst.ModelCstNode): ModelExpression {
  const release = nameOf(only(m.Release ?? m.Integer ?? m.BadNumber ?? m.Identifier));
  const switches = (m.switches ?? []).flatMap(({ children: s }) => s.switch.map((one) => switchOf(one, s.Without !== undefined)));
  const end = location?.endOffset;
  return { release, switches, span: { start: release.span.start, end: end === undefined ? release.span.end : end + 1 } };
}

function switchOf({ children: s }: cst.SwitchCstNode, off: boolean): Switch {
  const value = s.switchValue?.[0]?.children;
  const token = value && (value.Word ?? value.Integer ?? value.Release);
  return { name: nameOf(only(s.Word)), value: token && nameOf(only(token)), off };
}

// Expressions ------------------------------------------------------------------------------------

function expression(node: cst.ExpressionCstNode, r: Reporter): Expression {
  return chain('or', node.children.conjunction.map((c) => conjunction(c, r)));
}

function conjunction(node: cst.ConjunctionCstNode, r: Reporter): Expression {
  return chain('and', node.children.negation.map((n) => negation(n, r)));
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
  return chain('|', node.children.difference.map((d) => difference(d, r)));
}

function difference(node: cst.DifferenceCstNode, r: Reporter): Expression {
  return chain('^', node.children.intersection.map((i) => intersection(i, r)));
}

function intersection(node: cst.IntersectionCstNode, r: Reporter): Expression {
  return chain('&', node.children.shifted.map((s) => shifted(s, r)));
}

function shifted({ children: s }: cst.ShiftedCstNode, r: Reporter): Expression {
  return infix(s.Shift, s.sum.map((x) => sum(x, r)));
}

function sum({ children: s }: cst.SumCstNode, r: Reporter): Expression {
  return infix(s.Additive, s.product.map((x) => product(x, r)));
}

function product({ children: p }: cst.ProductCstNode, r: Reporter): Expression {
  return infix(p.Multiplicative, p.signed.map((x) => signed(x, r)));
}

function signed({ children: s }: cst.SignedCstNode, r: Reporter): Expression {
  const signs = [...(s.Minus ?? []), ...(s.Plus ?? []), ...(s.Tilde ?? [])].sort((a, b) => a.startOffset - b.startOffset);
  return prefixed(signs, access(only(s.access), r));
}

function access({ children: a }: cst.AccessCstNode, r: Reporter): Expression {
  return (a.Word ?? []).map(nameOf).reduce<Expression>(
    (of, field) => ({ kind: 'field', of, field, span: { start: of.span.start, end: field.span.end } }),
    primary(only(a.primary), r),
  );
}

function primary({ children: p }: cst.PrimaryCstNode, r: Reporter): Expression {
  if (p.quantity) return quantity(only(p.quantity));
  if (p.Text) {
    const token = only(p.Text);
    return { kind: 'string', value: stringValue(token.image), span: tokenSpan(token) };
  }
  if (p.reference) return reference(only(p.reference), r);
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

function argument({ children: a }: cst.ArgumentCstNode, r: Reporter): Expression {
  const [from, to] = a.expression.map((e) => expression(e, r));
  if (from === undefined) throw new InvariantViolation('an argument without an expression');
  if (to === undefined) return from;
  return { kind: 'range', from, to, length: a.RangeLength !== undefined, span: { start: from.span.start, end: to.span.end } };
}

// Parts ------------------------------------------------------------------------------------------

const join = (left: Expression, operator: BinaryOperator, right: Expression): Expression => ({
  kind: 'binary',
  operator,
  left,
  right,
  span: { start: left.span.start, end: right.span.end },
});

const chain = (operator: BinaryOperator, operands: readonly Expression[]): Expression =>
  operands.reduce((left, right) => join(left, operator, right));

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

function only<T>(list: readonly T[] | undefined): T {
  const first = list?.[0];
  if (first === undefined) throw new InvariantViolation('the syntax tree lacks a part the grammar demands');
  return first;
}

const tokenSpan = (t: IToken): Span => ({ start: t.startOffset, end: endOf(t) });
const nameOf = (t: IToken): Name => ({ text: t.image, span: tokenSpan(t) });

function spanOf(tokens: readonly IToken[]): Span {
  const a = only(tokens);
  return { start: a.startOffset, end: endOf(tokens.at(-1) ?? a) };
}
