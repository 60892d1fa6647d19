/** Phase 4 for statements without braces. */
import type { Span } from '../../machine/index.js';
import type {
  Claim,
  EvaluateStatement,
  Expression,
  JudgeStatement,
  ModelExpression,
  PlotStatement,
  Statement,
  Switch,
  WhyMergeStatement,
  WhyStatement,
  YieldStatement,
} from './ast.js';
import { expression } from './build-expression.js';
import { nameOf, only, tokenSpan } from './build-parts.js';
import type * as cst from './cst.js';
import type { Reporter } from '../messages/diagnostics.js';
import { stringValue } from './literals.js';

export function setting({ children: s }: cst.SetStatementCstNode, span: Span, reporter: Reporter): Statement {
  const path = s.Word.map(nameOf);
  const name = { text: path.map((n) => n.text).join('.'), span: { start: only(path).span.start, end: path.at(-1)?.span.end ?? span.end } };
  const word = s.Quantifier?.[0];
  const value: Expression = word ? { kind: 'name', name: word.image, span: tokenSpan(word) } : expression(only(s.expression), reporter);
  return { kind: 'set', setting: name, value, span };
}

export function judgement({ children: j }: cst.JudgementCstNode, span: Span, reporter: Reporter): Statement {
  const quantifier = only(j.Quantifier).image as JudgeStatement['quantifier'];
  return { kind: 'judge', quantifier, condition: expression(only(j.expression), reporter), span };
}

export function replay({ children: r }: cst.ReplayStatementCstNode, span: Span): Statement {
  const what = r.what?.[0];
  const id = (r.Identifier ?? r.Integer ?? r.BadNumber)?.[0];
  return { kind: 'replay', id: id && nameOf(id), what: what && nameOf(what), span };
}

export function binding({ children: b }: cst.BindingCstNode, reporter: Reporter): EvaluateStatement {
  const name = nameOf(only(b.Word));
  const of = evaluation(only(b.evaluation), reporter);
  return { ...of, name, span: { start: name.span.start, end: of.span.end } };
}

export function evaluation({ children: e }: cst.EvaluationCstNode, reporter: Reporter): EvaluateStatement {
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

/** A column is called as it was named, or as the last field of what is yielded: `pte` of `m.moved.pte`. */
export function yielded({ children: y }: cst.YieldStatementCstNode, span: Span, reporter: Reporter): YieldStatement {
  const columns = y.column.map(({ children: c }) => {
    const value = expression(only(c.expression), reporter);
    const given = c.Word?.[0]?.image;
    const own = value.kind === 'field' ? value.field.text : reporter.source.slice(value.span);
    return { name: given ?? own, given: given !== undefined, value };
  });
  // Two that would be called the same are called as they are written.
  const twice = (name: string): boolean => columns.filter((c) => c.name === name).length > 1;
  return {
    kind: 'yield',
    columns: columns.map(({ name, given, value }) => ({ name: !given && twice(name) ? reporter.source.slice(value.span) : name, value })),
    span,
  };
}

export function plot({ children: p }: cst.PlotStatementCstNode, span: Span, reporter: Reporter): PlotStatement {
  const channels = (p.channel ?? []).map(({ children: c }) => {
    const text = c.Text?.[0];
    const value = text === undefined ? nameOf(only(c.value)) : { text: stringValue(text.image), span: tokenSpan(text) };
    return { key: nameOf(only(c.key)), value };
  });
  return { kind: 'plot', table: p.expression && expression(only(p.expression), reporter), channels, span };
}

export function why({ children: w }: cst.WhyStatementCstNode, span: Span, reporter: Reporter): WhyStatement | WhyMergeStatement {
  const [a, b] = (w.expression ?? []).map((e) => expression(e, reporter));
  return a !== undefined && b !== undefined ? { kind: 'why merge', a, b, span } : { kind: 'why', of: a, span };
}
