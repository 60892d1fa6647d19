/**
 * Phase 4, concrete to abstract syntax tree.
 *
 * A line with a syntax error becomes a `broken` statement as a whole, so that nothing here ever
 * sees a token the parser made up or a child that it could not read. What is in the braces of such a
 * line is read all the same, for the sake of its own mistakes.
 */
import type { IToken } from 'chevrotain';
import { InvariantViolation, parsePrintk, type MoveCall, type Span } from '../../machine/index.js';
import type { Body, CompareStatement, Domain, LayoutStatement, MachineStatement, MapsStatement, RaceStatement, Script, Statement, SweepStatement, Variable } from './ast.js';
import { argument, expression } from './build-expression.js';
import { layoutOf } from './build-layout.js';
import { mapsLines } from './build-maps.js';
import { nameOf, only, spanOf, tokenSpan } from './build-parts.js';
import { binding, evaluation, judgement, model, plot, replay, setting, why, yielded } from './build-statement.js';
import type * as cst from './cst.js';
import type { Diagnostic } from '../api.js';
import type { Reporter } from '../messages/diagnostics.js';
import type { Code } from '../messages/messages.js';
import { integerValue } from './literals.js';
import { MAX_DEPTH } from './limits.js';
import { statementsOf } from './lines.js';
import { parseBlock } from './parser.js';
import { slip } from './slips.js';
import { reportToken } from './syntax-messages.js';
import {
  Block, Comma, CompareModels, Def, endOf, Equals, For, If, In, isA, Layout, Let, MachineWord, RaceWord, Sweep, Thread, Word,
} from './tokens.js'; // prettier-ignore

export function build(tree: cst.ScriptCstNode, tokens: readonly IToken[], reporter: Reporter): Script {
  return { statements: new Builder(reporter).lines(tree, tokens) };
}

function printkOf({ image }: IToken): MoveCall {
  const call = parsePrintk(image);
  if (call === undefined) throw new InvariantViolation(`not a printk: ${image}`);
  return call;
}

/** A missing `}` at the end does not spoil what stands between the braces. */
const isLostBrace = (d: Diagnostic, tokens: readonly IToken[]): boolean =>
  d.code === ('unclosed-bracket' satisfies Code) &&
  [...HAS_BODY, Layout, MachineWord].some((type) => tokens.some((t) => isA(t, type))) &&
  tokens.some((t) => isA(t, Block) && t.startOffset <= d.span.start && endOf(t) >= d.span.end);

class Builder {
  #depth = 0;

  constructor(private readonly reporter: Reporter) {}

  lines(tree: cst.ScriptCstNode, tokens: readonly IToken[]): Statement[] {
    const read = tree.children.statement ?? [];
    return statementsOf(tokens).map((own, i) => this.line(only(read.slice(i)), own.slice(1)));
  }

  private line(tree: cst.StatementCstNode, tokens: readonly IToken[]): Statement {
    const { reporter } = this;
    const span = spanOf(tokens);
    const leftover = leftoverOf(tree);
    const misread = reporter.found.some((d) => d.span.start >= span.start && d.span.start <= span.end && !(leftover === undefined && isLostBrace(d, tokens)));
    if (!misread && leftover !== undefined) reportLeftover(leftover, reporter, tokens[tokens.indexOf(leftover) - 1]);
    if (!misread && leftover === undefined) return this.statement(tree, span);
    const bodies = HAS_BODY.some((type) => tokens.some((t) => isA(t, type))) ? tokens.filter((t) => isA(t, Block)) : [];
    return { kind: 'broken', names: boundIn(tokens), bodies: bodies.map((b) => this.body(b)), span };
  }

  /** What is between braces, as statements. */
  private body(block: IToken): Body {
    const span = tokenSpan(block);
    if (this.#depth >= MAX_DEPTH) {
      this.reporter.report({ start: span.start, end: span.start + 1 }, 'too-deep', MAX_DEPTH);
      return { statements: [], span };
    }
    const { cst: tree, tokens } = parseBlock(block, 'script', this.reporter);
    this.#depth++;
    const statements = this.lines(tree as cst.ScriptCstNode, tokens);
    this.#depth--;
    return { statements, span };
  }

  private statement({ children: s }: cst.StatementCstNode, span: Span): Statement {
    const r = this.reporter;
    if (s.binding) return this.binding(only(s.binding), span);
    if (s.kernelStatement) return { kind: 'kernel', model: model(only(only(s.kernelStatement).children.model)), span };
    if (s.letStatement) return this.letStatement(only(s.letStatement), span);
    if (s.expectStatement) return this.expectStatement(only(s.expectStatement), span);
    if (s.printStatement) return { kind: 'print', values: only(s.printStatement).children.expression.map((e) => expression(e, r)), span };
    if (s.showStatement) {
      const { Word: what, expression: of, PrintkOption: printk } = only(s.showStatement).children;
      return { kind: 'show', what: nameOf(only(what)), of: of && expression(only(of), r), ...(printk && { printk: tokenSpan(only(printk)) }), span };
    }
    if (s.printkStatement) return { kind: 'printk', call: printkOf(only(only(s.printkStatement).children.PrintkLine)), span };
    if (s.setStatement) return setting(only(s.setStatement), span, r);
    if (s.ifStatement) return this.ifStatement(only(s.ifStatement), span);
    if (s.forStatement) {
      const { variable, Block: block } = only(s.forStatement).children;
      return { kind: 'for', variable: this.variable(only(variable)), body: this.body(only(block)), span };
    }
    if (s.defStatement) {
      const { Word: name, parameter, Block: block } = only(s.defStatement).children;
      return { kind: 'def', name: nameOf(only(name)), parameters: (parameter ?? []).map(nameOf), body: this.body(only(block)), span };
    }
    if (s.returnStatement) {
      const value = only(s.returnStatement).children.expression;
      return { kind: 'return', value: value && expression(only(value), r), span };
    }
    if (s.inStatement) return { kind: 'in child', body: this.body(only(only(s.inStatement).children.Block)), span };
    if (s.sweepStatement) return this.sweep(only(s.sweepStatement), span);
    if (s.yieldStatement) return yielded(only(s.yieldStatement), span, r);
    if (s.plotStatement) return plot(only(s.plotStatement), span, r);
    if (s.compareStatement) return this.compare(only(s.compareStatement), span);
    if (s.whyStatement) return why(only(s.whyStatement), span, r);
    if (s.adviseStatement) {
      const of = only(s.adviseStatement).children.expression;
      return { kind: 'advise', of: of && expression(only(of), r), span };
    }
    if (s.mapsStatement) return this.maps(only(s.mapsStatement), span, false);
    if (s.layoutStatement) return this.layout(only(s.layoutStatement), span, false);
    if (s.machineStatement) return this.machine(only(s.machineStatement), span);
    if (s.failStatement) {
      const { Identifier: what, expression: after } = only(s.failStatement).children;
      return { kind: 'fail', what: nameOf(only(what)), after: after && expression(only(after), r), span };
    }
    if (s.raceStatement) return this.race(only(s.raceStatement).children, span);
    if (s.threadStatement) return this.named('thread', only(s.threadStatement).children, span);
    if (s.replayStatement) return replay(only(s.replayStatement), span);
    return { ...evaluation(only(s.evaluation), r), span };
  }

  private binding(node: cst.BindingCstNode, span: Span): Statement {
    const { Word: name, sweepStatement, compareStatement } = node.children;
    if (sweepStatement) return { ...this.sweep(only(sweepStatement), span), name: nameOf(only(name)) };
    if (compareStatement) return { ...this.compare(only(compareStatement), span), name: nameOf(only(name)) };
    return binding(node, this.reporter);
  }

  private letStatement({ children: { binding: bindings } }: cst.LetStatementCstNode, span: Span): Statement {
    const block = bindings.map(({ children: b }) => b.sweepStatement?.[0]?.children.Sweep[0] ?? b.compareStatement?.[0]?.children.CompareModels[0]).find((t) => t !== undefined);
    if (block !== undefined) {
      reportLeftover(block, this.reporter);
      return { kind: 'broken', names: bindings.map((b) => only(b.children.Word).image), bodies: [], span };
    }
    return { kind: 'let', bindings: bindings.map((b) => binding(b, this.reporter)), span };
  }

  private expectStatement({ children: e }: cst.ExpectStatementCstNode, span: Span): Statement {
    if (e.judgement) return judgement(only(e.judgement), span, this.reporter);
    if (e.mapsStatement) return this.maps(only(e.mapsStatement), span, true);
    if (e.layoutStatement) return this.layout(only(e.layoutStatement), span, true);
    return { kind: 'expect', condition: expression(only(e.expression), this.reporter), span };
  }

  private ifStatement({ children: s }: cst.IfStatementCstNode, span: Span): Statement {
    const branches = [{ condition: expression(only(s.expression), this.reporter), body: this.body(only(s.Block)) }];
    let otherwise: Body | undefined;
    for (const { children: branch } of s.elseBranch ?? []) {
      // What comes behind the last word is never reached.
      if (otherwise !== undefined) reportLeftover(only(branch.Else), this.reporter);
      const body = this.body(only(branch.Block));
      if (branch.expression === undefined) otherwise = body;
      else branches.push({ condition: expression(only(branch.expression), this.reporter), body });
    }
    return { kind: 'if', branches, otherwise, span };
  }

  private variable({ children: v }: cst.VariableCstNode): Variable {
    const [from, to, step] = v.expression.map((e) => expression(e, this.reporter));
    const first = only([from].filter((e) => e !== undefined));
    const span = { start: first.span.start, end: (step ?? to ?? first).span.end };
    const over: Domain = to === undefined ? { kind: 'values', value: first, span } : { kind: 'steps', from: first, to, step, length: v.RangeLength !== undefined, span };
    return { name: nameOf(only(v.Word)), over };
  }

  private race({ Word: name, raceBound: bounds, Block: block }: cst.RaceStatementCstChildren, span: Span): RaceStatement {
    return { kind: 'race', name: name && nameOf(only(name)), ...(bounds && { within: this.bounds(bounds) }), body: this.body(only(block)), span };
  }

  /** `3 preemptions`, `100000 states`, `seed 7` */
  private bounds(bounds: readonly cst.RaceBoundCstNode[]): NonNullable<RaceStatement['within']> {
    const within: { preemptions?: number; states?: number; seed?: number } = {};
    for (const { children: bound } of bounds) {
      const [word, value] = [only(bound.Word), only(bound.Integer)];
      const what = word.image;
      const isInOrder = what === 'seed' ? word.startOffset < value.startOffset : value.startOffset < word.startOffset;
      const n = Number(integerValue(value.image));
      const known = what === 'preemptions' || (what === 'states' && n > 0) || what === 'seed';
      if (known && isInOrder) within[what] = n;
      else this.reporter.report(tokenSpan(word), 'unknown-bound');
    }
    return within;
  }

  /** A block with a name or without. */
  private named(kind: 'thread', { Word: name, Block: block }: Pick<cst.ThreadStatementCstChildren, 'Word' | 'Block'>, span: Span): Statement {
    return { kind, name: name && nameOf(only(name)), body: this.body(only(block)), span };
  }

  private sweep({ children: s }: cst.SweepStatementCstNode, span: Span): SweepStatement {
    return { kind: 'sweep', variables: s.variable.map((v) => this.variable(v)), body: this.body(only(s.Block)), span };
  }

  private compare({ children: c }: cst.CompareStatementCstNode, span: Span): CompareStatement {
    return { kind: 'compare', models: c.model.map(model), body: this.body(only(c.Block)), span };
  }

  private maps({ children: m }: cst.MapsStatementCstNode, span: Span, expected: boolean): MapsStatement {
    return {
      kind: 'maps',
      expected,
      range: m.argument && argument(only(m.argument), this.reporter),
      lines: mapsLines(only(m.MapsBlock), this.reporter),
      span,
    };
  }

  private layout({ children: l }: cst.LayoutStatementCstNode, span: Span, expected: boolean): LayoutStatement {
    const [at, unit] = l.expression.map((e) => expression(e, this.reporter));
    return { kind: 'layout', expected, at: only([at].filter((e) => e !== undefined)), unit, ...layoutOf(only(l.Block), this.reporter), span };
  }

  private machine({ children: m }: cst.MachineStatementCstNode, span: Span): MachineStatement {
    const word = only(m.Identifier);
    const last = m.Integer?.[0] ?? word;
    const arch = { text: this.reporter.source.slice({ start: word.startOffset, end: endOf(last) }), span: { start: word.startOffset, end: endOf(last) } };
    const block = m.Block?.[0];
    if (block === undefined) return { kind: 'machine', arch, parts: [], span };
    const { Word: names = [], Integer: values = [] } = (parseBlock(block, 'parts', this.reporter).cst as cst.PartsCstNode | undefined)?.children ?? {};
    const parts = names.slice(0, values.length).map((name, i) => {
      const value = only(values.slice(i));
      return { name: nameOf(name), value: integerValue(value.image), span: { start: name.startOffset, end: endOf(value) } };
    });
    return { kind: 'machine', arch, parts, span };
  }
}

/** Words whose braces hold statements. */
const HAS_BODY = [If, For, Def, In, Sweep, CompareModels, RaceWord, Thread];

function leftoverOf(line: cst.StatementCstNode): IToken | undefined {
  const rest = line.children.leftover?.[0]?.children;
  if (rest === undefined) return undefined;
  const heads = [rest.Piece?.[0], rest.Block?.[0], rest.MapsBlock?.[0], rest.RCurly?.[0]];
  return heads.filter((t) => t !== undefined).sort((a, b) => a.startOffset - b.startOffset)[0];
}

function reportLeftover(token: IToken, reporter: Reporter, before?: IToken): void {
  const span = { start: token.startOffset, end: token.startOffset + token.image.length };
  if (!reportToken(token, reporter)) reporter.report(span, 'unexpected-token', `\`${token.image}\``, slip(token, before));
}

/** The names that a line would have bound: what it says is lost, that it binds them is not. */
function boundIn(tokens: readonly IToken[]): string[] {
  const isLet = isA(tokens[0], Let);
  const declares = isA(tokens[0], For) || isA(tokens[0], Def);
  const binds = (t: IToken, i: number): boolean =>
    isA(t, Word) && ((declares && i === 1) || (isA(tokens[i + 1], Equals) && (i === 0 || (isLet && (i === 1 || isA(tokens[i - 1], Comma))))));
  return tokens.filter(binds).map((t) => t.image);
}
