/** Phase 3, tokens to a concrete syntax tree: the one parser. Its grammar is in parser/. */
import type { CstNode, IToken, TokenType } from 'chevrotain';
import type { Reporter, Source } from '../messages/diagnostics.js';
import { withinLimits } from './limits.js';
import { splitLines } from './lines.js';
import { MAPS_END } from '../messages/messages.js';
import { MremapParser } from './parser/statements.js';
import { reportSyntax } from './syntax-messages.js';
import { bracedOf, endOf, isA, LParen, LSquare, MapsOpen, tokenize } from './tokens.js';

const parser = new MremapParser();

export interface Parsed {
  readonly cst: CstNode;
  /** The tokens of the statements. */
  readonly tokens: readonly IToken[];
}

/** Phases 1 to 3: text to tokens to lines to a concrete syntax tree. Every text has one. What is in braces is read by `parseBlock`. */
export function parse(source: Source, reporter: Reporter): Parsed {
  const { tokens, open } = splitLines(tokenize(source.text).tokens);
  const parsed = read('script', withinLimits(tokens, reporter), reporter);
  const brace = open.find((t) => !isA(t, LParen) && !isA(t, LSquare));
  if (brace === undefined) return parsed;
  // A line that is wrong anyway is told one mistake.
  const { line } = source.position(brace.startOffset);
  if (!reporter.found.some((d) => d.line === line))
    reporter.report({ start: brace.startOffset, end: endOf(brace) }, 'unclosed-bracket', brace.image, brace.tokenType === MapsOpen ? MAPS_END : undefined);
  return parsed;
}

/** What is in braces, as statements, as the members of a struct, or as the parts of a machine. */
export function parseBlock(block: IToken, rule: 'script' | 'members' | 'parts', reporter: Reporter): Parsed {
  const { tokens } = bracedOf(block);
  return read(rule, rule === 'script' ? withinLimits(tokens, reporter) : [...tokens], reporter);
}

function read(rule: 'script' | 'members' | 'parts', tokens: IToken[], reporter: Reporter): Parsed {
  parser.input = tokens;
  const cst = parser[rule]();
  reportSyntax(parser.errors, tokens, reporter);
  // The one parser would keep the tokens of the last text alive.
  parser.input = [];
  return { cst, tokens };
}

/** What may follow `kernel`, on its own. */
export function parseModel(source: Source, reporter: Reporter): CstNode | undefined {
  const lines = splitLines(tokenize(source.text).tokens);
  parser.input = lines.tokens.slice(1);
  const cst = parser.model();
  reportSyntax(parser.errors, lines.tokens, reporter);
  return parser.errors.length === 0 ? cst : undefined;
}

export interface Next {
  readonly token: TokenType;
  /** The rule that would read it. */
  readonly rule: string;
}

/** What may follow the beginning of a statement, for completion. */
export function nextTokens(statement: readonly IToken[]): Next[] {
  return parser.computeContentAssist('statement', [...statement]).map(({ nextTokenType: token, ruleStack }) => ({ token, rule: ruleStack.at(-1) ?? '' }));
}
