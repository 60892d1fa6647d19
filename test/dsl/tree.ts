/** Texts as trees, short enough to compare by eye. */
import type { Expression, Script, Statement } from '../../dsl/ast.js';
import type { Diagnostic } from '../../dsl/api.js';
import { build } from '../../dsl/build.js';
import type { ScriptCstNode } from '../../dsl/cst.js';
import { byPlace, Reporter, Source } from '../../dsl/diagnostics.js';
import { parse } from '../../dsl/parser.js';

export function read(text: string): { script: Script; found: readonly Diagnostic[] } {
  const reporter = new Reporter(new Source(text), 'syntax');
  const { cst, lines } = parse(reporter.source, reporter);
  const script = build(cst as ScriptCstNode, lines.tokens, reporter);
  return { script, found: reporter.found.sort(byPlace) };
}

export const statements = (text: string): string[] => read(text).script.statements.map(statementText);

export function expressionText(e: Expression): string {
  switch (e.kind) {
    case 'integer':
      return e.unit === undefined ? `${e.value}` : `${e.value} ${e.unit}`;
    case 'string':
      return JSON.stringify(e.value);
    case 'name':
      return e.name;
    case 'unary':
      return `(${e.operator} ${expressionText(e.operand)})`;
    case 'binary':
      return `(${expressionText(e.left)} ${e.operator} ${expressionText(e.right)})`;
    case 'range':
      return `${expressionText(e.from)}${e.length ? '..+' : '..'}${expressionText(e.to)}`;
    case 'call':
      return `${e.callee.text}(${e.args.map(expressionText).join(', ')})`;
    case 'field':
      return `${expressionText(e.of)}.${e.field.text}`;
  }
}

function statementText(s: Statement): string {
  switch (s.kind) {
    case 'kernel': {
      const switches = s.model.switches.map((w) => `${w.off ? '-' : '+'}${w.name.text}${w.value ? `=${w.value.text}` : ''}`);
      return ['kernel', s.model.release.text, ...switches].join(' ');
    }
    case 'let':
      return `let ${s.bindings.map(statementText).join('; ')}`;
    case 'evaluate': {
      const claim = s.claim && (s.claim.kind === 'errno' ? s.claim.errno.text : expressionText(s.claim.value));
      return `${s.name ? `${s.name.text} := ` : ''}${expressionText(s.value)}${claim === undefined ? '' : ` claims ${claim}`}`;
    }
    case 'expect':
      return `expect ${expressionText(s.condition)}`;
    case 'print':
      return `print ${s.values.map(expressionText).join(', ')}`;
    case 'show':
      return `show ${s.what.text}${s.of ? ` ${expressionText(s.of)}` : ''}`;
    case 'set':
      return `set ${s.setting.text} to ${expressionText(s.value)}`;
    case 'later':
      return `later ${s.word.text}`;
    case 'broken':
      return `broken ${s.names.join(' ')}`.trim();
  }
}
