/** From the parser's exceptions to diagnostics: what was wanted, what stands there, and the likely slip. */
import { tokenLabel, type IParserErrorMessageProvider, type IRecognitionException, type IToken } from 'chevrotain';
import type { Reporter } from '../messages/diagnostics.js';
import { slip } from './slips.js';
import {
  BadNumber, Block, COperator, endOf, Equals, ErrnoClaim, isA, LParen, LSquare, MapsBlock, Newline, Release, RParen, RSquare,
  Semicolon, Strange, UnterminatedString, Word,
} from './tokens.js'; // prettier-ignore

const VALUE = 'a value';
const RELEASE = 'a kernel release';

/** All of chevrotain's exceptions know the token before; their common type does not say so. */
type Exception = IRecognitionException & { readonly previousToken?: IToken };

/** What a rule waits for, where the grammar's own word for it would say little. */
const WANTED: Readonly<Record<string, string>> = {
  model: RELEASE,
  switch: 'a behaviour',
  letStatement: 'a name',
  showStatement: 'what to show',
  access: 'a field',
};

/** Says only what was wanted; `reportSyntax` puts it into words together with what was found. */
export const syntaxMessages: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, ruleName }) => (expected === Word && WANTED[ruleName]) || tokenLabel(expected),
  buildNotAllInputParsedMessage: () => tokenLabel(Newline),
  buildNoViableAltMessage: ({ ruleName }) => WANTED[ruleName] ?? VALUE,
  buildEarlyExitMessage: ({ ruleName }) => WANTED[ruleName] ?? VALUE,
};

/** One diagnostic a statement: what goes wrong after its first mistake is mostly its consequence. */
export function reportSyntax(errors: readonly Exception[], tokens: readonly IToken[], reporter: Reporter): void {
  const leaders = tokens.filter((t) => t.tokenType === Newline).slice(1);
  const statementOf = (offset: number): number => leaders.findLastIndex((leader) => leader.startOffset < offset);
  const seen = new Set<number>();
  const placed = errors
    // A token that recovery made up has no place, and what does not fit behind it is a consequence.
    .filter(({ previousToken }) => previousToken?.isInsertedInRecovery !== true)
    .map((error) => ({ error, at: offsetOf(error.token, error.previousToken) }))
    .sort((a, b) => a.at - b.at);
  for (const { error, at } of placed) {
    const statement = statementOf(at);
    if (seen.has(statement)) continue;
    seen.add(statement);
    reportOne(error, tokens, reporter);
  }
}

/** A line end, or the end of the text, whose token has no place. */
const isEnd = (t: IToken): boolean => t.tokenType === Newline || Number.isNaN(t.startOffset);

/** Where a token stands; for a line end, where the line's last token ends; 0 in an empty text. */
const offsetOf = (t: IToken, previous: IToken | undefined): number => (isEnd(t) && previous !== undefined ? endOf(previous) : t.startOffset) || 0;

function reportOne(e: Exception, tokens: readonly IToken[], r: Reporter): void {
  const { token, message: wanted } = e;
  const start = offsetOf(token, e.previousToken);
  // If braces are in the way, only the opening one is marked.
  const span = { start, end: isEnd(token) ? start : isA(token, Block) || isA(token, MapsBlock) ? start + 1 : endOf(token) };
  const found = isEnd(token) ? 'the end of the line' : `\`${token.image}\``;
  if (isA(token, Release) && isA(e.previousToken, Release)) {
    r.report(span, 'expected-token', '`,`', found);
    return;
  }
  if (reportToken(token, r)) return;
  const hint = slip(token, e.previousToken);
  const bracket = isEnd(token) ? openBracket(tokens, token) : undefined;
  if (e.name === 'NotAllInputParsedException') {
    r.report(span, 'unexpected-token', found, hint);
  } else if ((wanted === tokenLabel(RParen) || wanted === tokenLabel(RSquare)) && bracket !== undefined) {
    r.report({ start: bracket.startOffset, end: endOf(bracket) }, 'unclosed-bracket', bracket.image);
  } else if (wanted === VALUE) {
    r.report(span, 'expected-value', found);
  } else if (wanted === RELEASE) {
    r.report(span, 'expected-release', found);
  } else {
    r.report(span, 'expected-token', wanted === tokenLabel(RParen) || wanted === tokenLabel(RSquare) ? `\`,\` or ${wanted}` : wanted, found, hint);
  }
}

/** A token that is a mistake in itself, wherever it stands. */
export function reportToken(token: IToken, r: Reporter): boolean {
  const span = { start: token.startOffset, end: endOf(token) };
  switch (token.tokenType) {
    case BadNumber:
      r.report(span, 'bad-number', token.image, numberHint(token.image));
      return true;
    case Release:
      r.report(span, 'no-decimals', token.image);
      return true;
    case UnterminatedString:
      r.report(span, 'unterminated-string');
      return true;
    case Strange:
      r.report(span, 'unexpected-character', token.image);
      return true;
    case COperator:
      r.report(span, 'c-operator', token.image, { '&&': 'and', '||': 'or' }[token.image] ?? 'not');
      return true;
    case Semicolon:
      r.report(span, 'no-semicolon');
      return true;
    case Equals:
      r.report(span, 'stray-equals');
      return true;
    case ErrnoClaim:
      r.report(span, 'errno-as-value', token.image);
      return true;
    default:
      return false;
  }
}

function numberHint(image: string): string | undefined {
  if (/^\d+\.\d/.test(image)) return wholeNumber(image);
  const [, digits, rest] = /^(\d[\d_]*)(.*)/s.exec(image) ?? [];
  if (digits === undefined || rest === undefined) return undefined;
  if (/^0[xX]/.test(image)) return 'hexadecimal digits are 0-9 and a-f, and take no suffix';
  if (rest === '') return 'a decimal number does not begin with 0: drop it, or write hexadecimal as 0x...';
  const unit = /^([kmgtKMGT])(?:i?[bB])?$/.exec(rest)?.[1];
  if (unit !== undefined) return `write \`${digits}${unit.toUpperCase()}\`: sizes are binary`;
  if (/^(?:page|pmd|pud|p4d|pgd)s?$/.test(rest)) return `put a space before the unit: \`${digits} ${rest.replace(/s$/, '')}\``;
  return 'the suffixes are K, M, G and T';
}

/** `1.5M` is `1536K`. */
function wholeNumber(image: string): string {
  const [, number = '', suffix = ''] = /^(\d+\.\d+)([KMGT])(?:i?B)?$/i.exec(image) ?? [];
  const smaller = Number(number) * 1024;
  const unit = { M: 'K', G: 'M', T: 'G' }[suffix.toUpperCase()];
  return `numbers are integers${unit !== undefined && Number.isInteger(smaller) ? `: write \`${smaller}${unit}\`` : ''}`;
}

/** The innermost bracket of the statement that ends at `end` and is not closed there. */
function openBracket(tokens: readonly IToken[], end: IToken): IToken | undefined {
  const at = tokens.indexOf(end);
  let closed = 0;
  for (let i = (at === -1 ? tokens.length : at) - 1; i >= 0; i--) {
    const t = tokens[i];
    if (t === undefined || t.tokenType === Newline) return undefined;
    if (t.tokenType === RParen || t.tokenType === RSquare) closed++;
    if ((t.tokenType === LParen || t.tokenType === LSquare) && closed-- === 0) return t;
  }
  return undefined;
}
