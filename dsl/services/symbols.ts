/** The outline of a text: what it binds, and the kernels it runs on. */
import type { DocumentSymbol } from '../api.js';
import type { Body, Script, Statement } from '../syntax/ast.js';
import { build } from '../syntax/build.js';
import type { ScriptCstNode } from '../syntax/cst.js';
import { Reporter, Source } from '../messages/diagnostics.js';
import { parse } from '../syntax/parser.js';

export function documentSymbols(text: string): DocumentSymbol[] {
  const reporter = new Reporter(new Source(text), 'syntax');
  const { cst, tokens } = parse(reporter.source, reporter);
  const script: Script = build(cst as ScriptCstNode, tokens, reporter);
  return script.statements.flatMap((s) => symbolsOf(s, reporter.source));
}

function symbolsOf(s: Statement, source: Source): DocumentSymbol[] {
  const within = (...bodies: readonly Body[]): DocumentSymbol[] => bodies.flatMap((b) => b.statements.flatMap((inner) => symbolsOf(inner, source)));
  switch (s.kind) {
    case 'kernel':
      return [{ name: source.slice(s.model.span), kind: 'kernel', span: s.span, children: [] }];
    case 'machine':
      return [{ name: s.arch.text, kind: 'machine', span: s.span, children: [] }];
    case 'let':
      return s.bindings.flatMap((b) => (b.name === undefined ? [] : [{ name: b.name.text, kind: 'name' as const, span: b.span, children: [] }]));
    case 'evaluate':
      return s.name === undefined ? [] : [{ name: s.name.text, kind: 'name', span: s.span, children: [] }];
    case 'def':
      return [{ name: `${s.name.text}(${s.parameters.map((p) => p.text).join(', ')})`, kind: 'function', span: s.span, children: within(s.body) }];
    case 'sweep':
      return [{ name: s.name?.text ?? `sweep ${s.variables.map((v) => v.name.text).join(', ')}`, kind: 'block', span: s.span, children: within(s.body) }];
    case 'compare':
      return [{ name: s.name?.text ?? `compare ${s.models.map((m) => source.slice(m.span)).join(', ')}`, kind: 'block', span: s.span, children: within(s.body) }];
    case 'race':
    case 'thread':
      return [{ name: s.name?.text ?? s.kind, kind: 'block', span: s.span, children: within(s.body) }];
    case 'if':
      return within(...s.branches.map((b) => b.body), ...(s.otherwise === undefined ? [] : [s.otherwise]));
    case 'for':
    case 'in child':
      return within(s.body);
    default:
      return [];
  }
}
