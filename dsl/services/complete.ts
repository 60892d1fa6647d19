/**
 * Completion: the grammar says what kinds of token may come next, the tables say which words those are.
 * Only this module and `nextTokens` know that the grammar is chevrotain's.
 */
import type { FlagKind } from '../../machine/index.js';
import type { Completion, CompletionList } from '../api.js';
import { build } from '../syntax/build.js';
import { CALLABLES, MEASURES, signature } from '../vocabulary/calls.js';
import { check, typeOf, type CheckOptions, type Within } from '../checking/check.js';
import { CONSTANTS, ERRNO_NAMES, FLAGS } from '../vocabulary/constants.js';
import type { ScriptCstNode } from '../syntax/cst.js';
import { Reporter, Source } from '../messages/diagnostics.js';
import { fieldNames, fieldOf } from '../vocabulary/fields.js';
import { isFlagKind } from '../vocabulary/flags.js';
import type { Known } from '../vocabulary/model.js';
import { splitLines } from '../syntax/lines.js';
import { nextTokens, parse, type Next } from '../syntax/parser.js';
import type { Scope, Type } from '../checking/scope.js';
import {
  Compare, Identifier, isA, KEYWORD_TOKENS, LCurly, Not, Quantifier, QUANTIFIERS, Release, Show, tokenize, Unit, UNITS, Word,
} from '../syntax/tokens.js'; // prettier-ignore
import { SETTINGS } from '../vocabulary/settings.js';
import { KIND_NAMES } from '../vocabulary/values.js';
import { isView, VIEWS } from '../vocabulary/views.js';
import { chainBefore, cursorAt, paramAt, type Cursor } from './cursor.js';

export interface CompleteContext {
  readonly machines: Known;
  readonly scope: Scope;
}

export function complete(text: string, cursor: number, context: CompleteContext): CompletionList {
  const at = cursorAt(text, cursor);
  if (at === undefined) return { start: cursor, end: cursor, items: [] };
  const options: CheckOptions = { mode: 'cell', machines: context.machines, scope: scopeAt(at.before, context) };
  const words = new Map<string, Completion>();
  for (const next of nextTokens(at.statement)) {
    for (const item of itemsFor(next, at, text, options)) words.set(item.text, words.get(item.text) ?? item);
  }
  const typed = at.prefix.toLowerCase();
  const items = [...words.values()].filter((c) => c.text.toLowerCase().startsWith(typed));
  return { start: at.start, end: cursor, items: items.sort((a, b) => ORDER.indexOf(a.kind) - ORDER.indexOf(b.kind)) };
}

const ORDER: readonly Completion['kind'][] = ['field', 'variable', 'constant', 'release', 'behaviour', 'function', 'unit', 'keyword'];

/** The names that can be seen at the end of a text, whose open braces are closed for the purpose. */
function scopeAt(before: string, { machines, scope }: CompleteContext): Scope {
  const open = splitLines(tokenize(before).tokens).open.filter((t) => isA(t, LCurly)).length;
  const options: CheckOptions = { mode: 'cell', machines, scope: scope.copy() };
  let inner: Scope | undefined;
  scriptOf(`${before}${'\n}'.repeat(open)}`, options, { at: before.length, seen: (s) => (inner ??= s) });
  return (inner ?? options.scope).copy();
}

/** Reads a text and lets it bind its names in the scope; what is wrong with it is not the cursor's concern. */
function scriptOf(text: string, options: CheckOptions, within?: Within): ReturnType<typeof build> {
  const reporter = new Reporter(new Source(text), 'syntax');
  const { cst, tokens } = parse(reporter.source, reporter);
  const script = build(cst as ScriptCstNode, tokens, reporter);
  check(script, options, reporter, within);
  return script;
}

function itemsFor({ token, rule }: Next, at: Cursor, text: string, options: CheckOptions): Completion[] {
  if (token === Release) return rule === 'model' ? releases(options.machines) : [];
  if (token === Identifier) return rule === 'model' ? [] : values(at, options.scope);
  if (token === Unit) return flagKind(at) === undefined && !wantsResult(at) ? units : [];
  if (token === Word) return words(rule, at, text, options);
  if (token === Quantifier) return rule === 'judgement' ? quantifiers : [];
  if (token === Not && (flagKind(at) !== undefined || wantsResult(at))) return [];
  return KEYWORD_TOKENS.includes(token) ? [{ text: token.PATTERN as string, kind: 'keyword' }] : [];
}

/** How often a condition is to be true of the final states of a race. */
const quantifiers = QUANTIFIERS.map((text): Completion => ({ text, kind: 'keyword' }));

const units = UNITS.map((unit): Completion => ({ text: unit, kind: 'unit', detail: 'a unit of the machine' }));

/** The next part of a setting's name. */
function settings({ statement }: Cursor): Completion[] {
  const path = statement
    .slice(1)
    .map((t) => t.image)
    .join('');
  const names = Object.entries(SETTINGS).filter(([name]) => name.startsWith(path));
  return names.map(([name, { summary }]) => {
    const [text = '', ...rest] = name.slice(path.length).split('.');
    return { text, kind: 'keyword', ...(rest.length === 0 && { detail: summary }) };
  });
}

/** Where any word may stand, the rule says which make sense. */
function words(rule: string, at: Cursor, text: string, { machines, scope }: CheckOptions): Completion[] {
  switch (rule) {
    case 'access':
      return fields(at, text, { mode: 'cell', machines, scope });
    case 'showStatement':
      return Object.entries(VIEWS).map(([name, { summary }]) => ({ text: name, kind: 'keyword', detail: summary }));
    case 'setStatement':
      return settings(at);
    case 'switch':
      return machines.behaviours.map((b) => ({ text: b.name, kind: 'behaviour', detail: b.summary }));
    case 'switchValue': {
      const behaviour = machines.behaviours.find((b) => b.name === at.statement.at(-2)?.image);
      return (behaviour?.values ?? []).map((value) => ({ text: value, kind: 'behaviour', detail: behaviour?.summary }));
    }
    default:
      return [];
  }
}

function releases({ releases, aliases = [] }: Known): Completion[] {
  return [
    ...releases.map(({ name, recorded }): Completion => ({
      text: name,
      kind: 'release',
      detail: recorded === null ? 'derived: no recording of it exists' : `recorded as ${recorded}`,
    })),
    ...aliases.map(({ name, sentence }): Completion => ({ text: name, kind: 'release', detail: sentence })),
  ];
}

function fields(at: Cursor, text: string, options: CheckOptions): Completion[] {
  const type = chainType(chainBefore(at.statement, text), options);
  if (type === 'unknown') return [];
  return fieldNames(type).map((name) => ({ text: name, kind: 'field', detail: fieldOf(type, name)?.summary }));
}

function chainType(chain: string | undefined, options: CheckOptions): Type {
  if (chain === undefined) return 'unknown';
  const [statement] = scriptOf(chain, options).statements;
  if (statement?.kind !== 'evaluate') return 'unknown';
  return typeOf(statement.value, options, new Reporter(new Source(chain), 'check'));
}

// Values -----------------------------------------------------------------------------------------

/** The family of flags that the argument at the cursor takes, if it does. */
function flagKind(at: Cursor): FlagKind | undefined {
  const kind = paramAt(at.statement)?.kind;
  return kind !== undefined && isFlagKind(kind) ? kind : undefined;
}

/** `show moves <|>`: only the result of a call will do. */
function wantsResult({ statement: [show, view] }: Cursor): boolean {
  return isA(show, Show) && view !== undefined && isView(view.image) && VIEWS[view.image].of === 'result';
}

/** The names an expression may begin with at the cursor. */
function values(at: Cursor, scope: Scope): Completion[] {
  const variables: Completion[] = [...scope.all()].map(([name, { type }]) => ({
    text: name,
    kind: 'variable',
    ...(type !== 'unknown' && { detail: KIND_NAMES[type] }),
  }));
  const results = [...scope.all().values()].map(({ type }) => type === 'result' || type === 'unknown');
  const flags = flagKind(at);
  if (flags !== undefined) {
    const { constants, short } = FLAGS[flags];
    return [...constant(constants.keys()), ...constant(short.keys()), ...variables];
  }
  const measures: Completion[] = [...MEASURES].map(([name, detail]) => ({ text: name, kind: 'variable', detail }));
  if (wantsResult(at)) return variables.filter((_, i) => results[i]);
  if (paramAt(at.statement) !== undefined) return [...variables, ...constant(['NULL']), ...functions(false)];
  const errnos = isA(at.statement.at(-1), Compare) ? ERRNO_NAMES : [];
  const all = at.statement.length === 0 ? [] : [...CONSTANTS.keys(), ...errnos, 'true', 'false', 'none'];
  return [...variables, ...constant(all), ...functions(true), ...measures];
}

const constant = (names: Iterable<string>): Completion[] => [...names].map((text) => ({ text, kind: 'constant' }));

/** All calls, or those that make sense as an argument of another. */
function functions(all: boolean): Completion[] {
  return [...CALLABLES.values()]
    .filter((c) => all || c.role === 'query' || c.gives === 'integer')
    .map((c) => ({ text: c.name, kind: 'function', detail: `${signature(c)}: ${c.summary}` }));
}
