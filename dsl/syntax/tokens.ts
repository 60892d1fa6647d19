/**
 * Phase 1, text to tokens: the words and signs of the language, and the one lexer.
 *
 * The lexer never fails. What is no token of the language becomes one that no rule accepts
 * (`Strange`, `BadNumber`, `UnterminatedString`), so that the parser is the only one to complain.
 */
import { PRINTK } from '../../machine/index.js';
import { createToken, createTokenInstance, Lexer, type CustomPatternMatcherFunc, type IToken, type TokenType } from 'chevrotain';

const category = (name: string, ...categories: TokenType[]): TokenType => createToken({ name, pattern: Lexer.NA, categories });

/** Everything but line ends and braces: what a statement that nobody understands is made of. */
export const Piece = category('Piece');
/** Whatever is spelt like a name. Most of these may not be bound, but each can be a field. */
export const Word = category('Word', Piece);
/** Keywords that begin a statement. */
export const Starter = category('Starter', Word);
/** How often, of all interleavings. */
export const Quantifier = category('Quantifier', Word);
/** Signs and words that need something to their right: a line that ends in one goes on. */
export const Continues = category('Continues', Piece);

export const Identifier = createToken({
  name: 'Identifier',
  pattern: /[A-Za-z_]\w*/,
  label: 'a name',
  categories: [Word],
});

const keyword = (text: string, ...categories: TokenType[]): TokenType =>
  createToken({
    name: text.charAt(0).toUpperCase() + text.slice(1),
    pattern: text,
    longer_alt: Identifier,
    label: `\`${text}\``,
    categories,
  });

const sign = (name: string, text: string, ...categories: TokenType[]): TokenType =>
  createToken({ name, pattern: text, label: `\`${text}\``, categories: categories.length > 0 ? categories : [Piece] });

const shape = (name: string, pattern: RegExp, label: string): TokenType => createToken({ name, pattern, label, categories: [Piece] });

// Words ------------------------------------------------------------------------------------------

export const Kernel = keyword('kernel', Starter);
export const Let = keyword('let', Starter);
export const Expect = keyword('expect', Starter);
export const Print = keyword('print', Starter);
export const Show = keyword('show', Starter);
export const SetKeyword = keyword('set', Starter);
export const Def = keyword('def', Starter);
export const Return = keyword('return', Starter);
export const If = keyword('if', Starter);
export const Else = keyword('else', Starter);
export const For = keyword('for', Starter);
export const In = keyword('in', Starter);
export const Sweep = keyword('sweep', Starter);
export const Yield = keyword('yield', Starter);
export const Plot = keyword('plot', Starter);
/** `Compare` is the operators. */
export const CompareModels = createToken({ name: 'CompareModels', pattern: 'compare', longer_alt: Identifier, label: '`compare`', categories: [Starter] });
export const Why = keyword('why', Starter);
export const Advise = keyword('advise', Starter);
export const Maps = keyword('maps', Starter);
export const Layout = keyword('layout', Starter);
export const MachineWord = createToken({ name: 'MachineWord', pattern: 'machine', longer_alt: Identifier, label: '`machine`', categories: [Starter] });
export const Fail = keyword('fail', Starter);
export const RaceWord = createToken({ name: 'RaceWord', pattern: 'race', longer_alt: Identifier, label: '`race`', categories: [Starter] });
export const Thread = keyword('thread', Starter);
export const Replay = keyword('replay', Starter);

/** Words that mean something in one place, and are names like any other elsewhere. */
const contextual = (text: string): TokenType => keyword(text, Identifier);
export const Step = contextual('step');
export const At = contextual('at');
export const UnitWord = createToken({ name: 'UnitWord', pattern: 'unit', longer_alt: Identifier, label: '`unit`', categories: [Identifier] });
export const After = contextual('after');
export const Child = contextual('child');
export const Merge = contextual('merge');
export const Within = contextual('within');

export const With = keyword('with', Word, Continues);
export const Without = keyword('without', Word, Continues);
export const And = keyword('and', Word, Continues);
export const Or = keyword('or', Word, Continues);
export const Not = keyword('not', Word, Continues);

export const QUANTIFIERS = ['always', 'never', 'sometimes'] as const;

/** A `{` in a line that begins with `maps` or `expect maps`. */
const opensMaps: CustomPatternMatcherFunc = (text, offset, tokens) => {
  if (text[offset] !== '{') return null;
  let i = tokens.length - 1;
  while (i >= 0 && tokens[i]?.tokenType !== Newline && tokens[i]?.tokenType !== LCurly) i--;
  const [first, second] = [tokens[i + 1]?.tokenType, tokens[i + 2]?.tokenType];
  return first === Maps || (first === Expect && second === Maps) ? ['{'] : null;
};

/** Opens raw lines as /proc/PID/maps prints them, up to a line that holds only `}`. */
export const MapsOpen = createToken({
  name: 'MapsOpen',
  pattern: opensMaps,
  start_chars_hint: ['{'],
  line_breaks: false,
  label: '`{`',
  push_mode: 'maps',
});
export const MapsLine = shape('MapsLine', /[^\n]+/, 'a line of /proc/PID/maps');
export const MapsClose = createToken({
  name: 'MapsClose',
  pattern: /[ \t]*\}(?![^\S\n]*\S)/,
  label: '`}`',
  categories: [Piece],
  pop_mode: true,
});

const QUANTIFIER_TOKENS = QUANTIFIERS.map((text) => keyword(text, Quantifier));

export const UNITS = ['page', 'pmd', 'pud', 'p4d', 'pgd'] as const;
export const Unit = category('Unit', Word);
const units = UNITS.map((text) => keyword(text, Unit));

// Literals ---------------------------------------------------------------------------------------

/** What a failed call prints: `-1 EFAULT (Bad address)`, one token so that its words are no keywords. */
export const ErrnoClaim = shape('ErrnoClaim', /-1[ \t]+E[A-Z0-9_]+(?!\w)(?:[ \t]*\([^()\n]*\))?/, 'an errno');
export const Release = shape('Release', /(?:\d+\.\d+(?:\.\d+)*(?:-rc\d+)?|(?:amazon|android|debian|fedora|rhel|sles|ubuntu)-\d+(?:\.\d+)?)(?!\w)/, 'a kernel release');
export const Integer = shape('Integer', /(?:0[xX][0-9a-fA-F][0-9a-fA-F_]*|(?:[1-9][\d_]*|0)(?:[KMGT]|[KMGT]iB)?)(?!\w|\.\d)/, 'a number');
export const BadNumber = shape('BadNumber', /\d\w*(?:\.\d\w*)*/, 'a number');
export const Text = shape('Text', /"(?:[^"\\\r\n]|\\[^\r\n])*"/, 'a string');
export const UnterminatedString = shape('UnterminatedString', /"(?:[^"\\\r\n]|\\[^\r\n])*\\?/, 'a string');

// Signs ------------------------------------------------------------------------------------------

export const Equals = sign('Equals', '=', Continues);
export const Compare = category('Compare', Continues);
export const Shift = category('Shift', Continues);
export const Additive = category('Additive', Continues);
export const Multiplicative = category('Multiplicative', Continues);

export const RangeLength = sign('RangeLength', '..+', Continues);
export const RangeTo = sign('RangeTo', '..', Continues);
export const Dot = sign('Dot', '.', Continues);
export const Comma = sign('Comma', ',', Continues);
export const Pipe = sign('Pipe', '|', Continues);
export const Caret = sign('Caret', '^', Continues);
export const Ampersand = sign('Ampersand', '&', Continues);
export const Tilde = sign('Tilde', '~', Continues);
export const Plus = sign('Plus', '+', Additive);
export const Minus = sign('Minus', '-', Additive);
export const LParen = sign('LParen', '(');
export const RParen = sign('RParen', ')');
export const LSquare = sign('LSquare', '[');
export const RSquare = sign('RSquare', ']');
export const LCurly = createToken({ name: 'LCurly', pattern: '{', label: '`{`' });
export const RCurly = createToken({ name: 'RCurly', pattern: '}', label: '`}`' });

const EqualTo = sign('EqualTo', '==', Compare);
const NotEqualTo = sign('NotEqualTo', '!=', Compare);
const AtMost = sign('AtMost', '<=', Compare);
const AtLeast = sign('AtLeast', '>=', Compare);
const Below = sign('Below', '<', Compare);
const Above = sign('Above', '>', Compare);
const ShiftLeft = sign('ShiftLeft', '<<', Shift);
const ShiftRight = sign('ShiftRight', '>>', Shift);
const Times = sign('Times', '*', Multiplicative);
const Over = sign('Over', '/', Multiplicative);
const Modulo = sign('Modulo', '%', Multiplicative);

/** The option of `show steps`. */
export const PrintkOption = shape('PrintkOption', /--printk(?!\w)/, '`--printk`');
/** A line of the kernel log that stands for a scenario, wrapped and quoted as mail does it. */
export const PrintkLine = createToken({ name: 'PrintkLine', pattern: PRINTK, label: 'a printk of move_page_tables()', categories: [Piece], line_breaks: true });

/** Operators of C that have a name here. */
export const COperator = shape('COperator', /&&|\|\||!(?!=)/, 'an operator of C');
export const Semicolon = shape('Semicolon', /;/, '`;`');
/** A sign that means nothing here, or several that belong together (quotation marks, letters of other scripts). */
export const Strange = shape('Strange', /[^\s\x20-\x7e]+|\S/, 'a sign');

// What separates ---------------------------------------------------------------------------------

export const Newline = createToken({ name: 'Newline', pattern: /\n/, label: 'the end of the line' });
/** Braces and all that is in them, as one token: `lines.ts` makes it, and `Braced` is what it carries. */
export const Block = createToken({ name: 'Block', pattern: Lexer.NA, label: '`{`' });
/** Braces with lines of /proc/PID/maps in them, as one token. */
export const MapsBlock = createToken({ name: 'MapsBlock', pattern: Lexer.NA, label: '`{`' });

/** What is between braces. */
export interface Braced {
  readonly open: IToken;
  /** Undefined where the text ends first. */
  readonly close: IToken | undefined;
  /** The tokens as if the block were a file: a Newline before every statement. */
  readonly tokens: readonly IToken[];
}

export const bracedOf = (block: IToken): Braced => block.payload as Braced;
const Blank = createToken({ name: 'Blank', pattern: /[^\S\n]+/, group: Lexer.SKIPPED });
const Comment = createToken({ name: 'Comment', pattern: /#[^\n]*|\/\*[^]*?\*\//, group: 'comments', line_breaks: true });

/** First come, first served: a sign stands before its own beginnings. */
const main: TokenType[] = [
  Blank, Newline, Comment, Text, UnterminatedString, PrintkLine, PrintkOption,
  MapsOpen, Kernel, Let, Expect, Print, Show, SetKeyword, Def, Return, If, Else, For, In, Sweep, Yield, Plot, CompareModels, Why,
  Advise, Maps, Layout, MachineWord, Fail, RaceWord, Thread, Replay, Step, At, UnitWord, After, Child, Merge, Within, Without, With, And, Or, Not, ...QUANTIFIER_TOKENS,
  Release, ...units, Identifier,
  ErrnoClaim, Integer, BadNumber,
  RangeLength, RangeTo, Dot, Comma, LParen, RParen, LSquare, RSquare, LCurly, RCurly,
  EqualTo, NotEqualTo, ShiftLeft, ShiftRight, AtMost, AtLeast, Below, Above, COperator, Equals,
  Pipe, Caret, Ampersand, Tilde, Plus, Minus, Times, Over, Modulo, Semicolon, Strange,
]; // prettier-ignore

const categories = [Piece, Word, Starter, Quantifier, Continues, Unit, Compare, Shift, Additive, Multiplicative];

const lexer = new Lexer(
  { defaultMode: 'main', modes: { main: [...categories, ...main], maps: [Newline, MapsClose, MapsLine] } },
  { positionTracking: 'onlyOffset', ensureOptimizations: false },
);

/** Every token type, for the parser. */
export const VOCABULARY: TokenType[] = [...new Set([...categories, ...main, MapsLine, MapsClose, Block, MapsBlock])];

export interface Lexed {
  readonly tokens: IToken[];
  readonly comments: IToken[];
}

export function tokenize(text: string): Lexed {
  let lexed = lex(text, 0);
  for (let i = 0; i < MOST_LOST; i++) {
    const mended = closeMaps(lexed, text);
    if (mended === undefined) break;
    lexed = mended;
  }
  return lexed;
}

/** Lost braces that are made up for; each costs reading the rest of the text again. */
const MOST_LOST = 20;

function lex(text: string, from: number): Lexed {
  const { tokens, groups } = lexer.tokenize(text.slice(from));
  const comments = groups['comments'] ?? [];
  for (const t of [...tokens, ...comments]) t.startOffset += from;
  return { tokens, comments };
}

/** A line that can only begin a statement: see `splitLines`. */
const BEGINS_STATEMENT = /^\s*(?:(?:let|expect|print|show|for|def|if|kernel|compare|plot|why|advise|maps|layout|return|yield|fail|machine)\b|[A-Za-z_]\w*\s*(?:=(?!=)|\())/;

/** Where the `}` of `maps` was lost, the lines behind its own are statements again. */
function closeMaps({ tokens, comments }: Lexed, text: string): Lexed | undefined {
  const cut = tokens.findIndex((t) => t.tokenType === MapsLine && BEGINS_STATEMENT.test(t.image));
  const at = tokens[cut]?.startOffset;
  if (at === undefined) return undefined;
  let kept = cut;
  while (tokens[kept - 1]?.tokenType === Newline) kept--;
  const last = tokens[kept - 1];
  const end = last === undefined ? at : last.startOffset + last.image.length;
  const close = createTokenInstance(MapsClose, '', end, end, NaN, NaN, NaN, NaN);
  const rest = lex(text, at);
  return { tokens: [...tokens.slice(0, kept), close, ...tokens.slice(kept, cut), ...rest.tokens], comments: [...comments.filter((c) => c.startOffset < at), ...rest.comments] };
}

/** Where a token ends, exclusive. */
export function endOf(t: IToken): number {
  if (t.tokenType !== Block && t.tokenType !== MapsBlock) return t.startOffset + t.image.length;
  const { open, close, tokens } = bracedOf(t);
  return endOf(close ?? tokens.at(-1) ?? open);
}

/** True of a token of that type or of a kind of it. */
export function isA(t: IToken | undefined, type: TokenType): boolean {
  return t !== undefined && (t.tokenType === type || (type.categoryMatchesMap?.[t.tokenTypeIdx] ?? false));
}

export const KEYWORD_TOKENS: readonly TokenType[] = [
  Kernel, Let, Expect, Print, Show, SetKeyword, Def, Return, If, Else, For, In, Sweep, Yield, Plot, CompareModels, Why, Advise, Maps,
  Layout, MachineWord, Fail, RaceWord, Thread, Replay, With, Without, And, Or, Not,
]; // prettier-ignore

/** Words that may not be bound. */
export const KEYWORDS: readonly string[] = [...KEYWORD_TOKENS.map((t) => t.PATTERN as string), ...QUANTIFIERS];
