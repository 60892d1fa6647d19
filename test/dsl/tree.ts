/** Texts as trees, short enough to compare by eye. */
import type { Body, Expression, Script, Statement, Variable } from '../../dsl/syntax/ast.js';
import type { Diagnostic } from '../../dsl/api.js';
import { build } from '../../dsl/syntax/build.js';
import type { ScriptCstNode } from '../../dsl/syntax/cst.js';
import { byPlace, Reporter, Source } from '../../dsl/messages/diagnostics.js';
import { parse } from '../../dsl/syntax/parser.js';
import { printkLine } from '../../machine/index.js';

export function read(text: string): { script: Script; found: readonly Diagnostic[] } {
  const reporter = new Reporter(new Source(text), 'syntax');
  const { cst, tokens } = parse(reporter.source, reporter);
  const script = build(cst as ScriptCstNode, tokens, reporter);
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
    case 'index':
      return `${expressionText(e.of)}[${expressionText(e.index)}]`;
    case 'list':
      return `[${e.items.map(expressionText).join(', ')}]`;
    case 'struct':
      return `{${e.members.map((m) => `${m.name.text}: ${expressionText(m.value)}`).join(', ')}}`;
  }
}

const bodyText = ({ statements: inner }: Body): string => `{ ${inner.map(statementText).join('; ')} }`;

function variableText({ name, over }: Variable): string {
  if (over.kind === 'values') return `${name.text} in ${expressionText(over.value)}`;
  const to = `${over.length ? '..+' : '..'}${expressionText(over.to)}`;
  return `${name.text} in ${expressionText(over.from)}${to}${over.step ? ` step ${expressionText(over.step)}` : ''}`;
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
      return `show ${s.what.text}${s.of ? ` ${expressionText(s.of)}` : ''}${s.printk ? ' --printk' : ''}`;
    case 'printk':
      return printkLine(s.call);
    case 'set':
      return `set ${s.setting.text} to ${expressionText(s.value)}`;
    case 'if': {
      const branches = s.branches.map((b) => `if ${expressionText(b.condition)} ${bodyText(b.body)}`).join(' else ');
      return s.otherwise === undefined ? branches : `${branches} else ${bodyText(s.otherwise)}`;
    }
    case 'for':
      return `for ${variableText(s.variable)} ${bodyText(s.body)}`;
    case 'def':
      return `def ${s.name.text}(${s.parameters.map((p) => p.text).join(', ')}) ${bodyText(s.body)}`;
    case 'return':
      return s.value ? `return ${expressionText(s.value)}` : 'return';
    case 'in child':
      return `in child ${bodyText(s.body)}`;
    case 'sweep':
      return `${s.name ? `${s.name.text} := ` : ''}sweep ${s.variables.map(variableText).join(', ')} ${bodyText(s.body)}`;
    case 'yield':
      return `yield ${s.columns.map((c) => `${c.name}: ${expressionText(c.value)}`).join(', ')}`;
    case 'plot':
      return ['plot', ...(s.table ? [expressionText(s.table)] : []), ...s.channels.map((c) => `${c.key.text}=${c.value.text}`)].join(' ');
    case 'compare':
      return `compare ${s.models.map((m) => m.release.text).join(', ')} ${bodyText(s.body)}`;
    case 'why':
    case 'advise':
      return s.of ? `${s.kind} ${expressionText(s.of)}` : s.kind;
    case 'why merge':
      return `why merge ${expressionText(s.a)}, ${expressionText(s.b)}`;
    case 'maps':
      return `${s.expected ? 'expect ' : ''}maps${s.range ? ` ${expressionText(s.range)}` : ''} of ${s.lines.length}`;
    case 'layout':
      return `${s.expected ? 'expect ' : ''}layout at ${expressionText(s.at)}${s.unit ? ` unit ${expressionText(s.unit)}` : ''} of ${s.width}`;
    case 'machine':
      return ['machine', s.arch.text, ...s.parts.map((p) => `${p.name.text}=${p.value}`)].join(' ');
    case 'fail':
      return `fail ${s.what.text}${s.after ? ` after ${expressionText(s.after)}` : ''}`;
    case 'race':
    case 'thread':
      return `${s.kind}${s.name ? ` ${s.name.text}` : ''} ${bodyText(s.body)}`;
    case 'judge':
      return `expect ${s.quantifier} ${expressionText(s.condition)}`;
    case 'replay':
      return `replay${s.id ? ` ${s.id.text}` : ''}${s.what ? ` with ${s.what.text}` : ''}`;
    case 'broken':
      return `broken ${s.names.join(' ')}`.trim();
  }
}
