/**
 * Phase 3, tokens to a concrete syntax tree: the grammar, and the one parser.
 *
 * A mistake costs its own statement: only `statement` resynchronises, and it can only be followed by
 * the Newline that leads the next one, or by the end. For that, a statement takes whatever stands on
 * its line: what none can begin with, or what is left over behind one, is read as `leftover`.
 */
import { CstParser, type CstNode, type IParserConfig, type IToken, type TokenType } from 'chevrotain';
import type { Reporter, Source } from './diagnostics.js';
import { withinLimits } from './limits.js';
import { splitLines, type Lines } from './lines.js';
import { reportSyntax, syntaxMessages } from './syntax-messages.js';
import {
  Additive, Ampersand, And, BadNumber, Break, Caret, Comma, Compare, Dot, Equals, ErrnoClaim, Expect, Identifier, Integer, Kernel, Later,
  LCurly, Let, LParen, Minus, Multiplicative, Newline, Not, Or, Piece, Pipe, Plus, Print, RangeLength, RangeTo, RCurly,
  Release, RParen, SetKeyword, Shift, Show, Text, Tilde, tokenize, Unit, VOCABULARY, With, Without, Word,
} from './tokens.js'; // prettier-ignore

/** Inside a statement nothing resynchronises: the statement as a whole does. */
const INNER = { resyncEnabled: false } as const;

export class MremapParser extends CstParser {
  constructor(config: IParserConfig = {}) {
    super(VOCABULARY, {
      recoveryEnabled: true,
      maxLookahead: 2,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: syntaxMessages,
      skipValidations: true,
      ...config,
    });
    this.performSelfAnalysis();
  }

  readonly script = this.RULE('script', () => {
    this.MANY(() => {
      this.CONSUME(Newline);
      this.SUBRULE(this.statement);
    });
  });

  /** What no statement begins with, or what stands behind one. */
  readonly leftover = this.RULE(
    'leftover',
    () => {
      this.AT_LEAST_ONE(() => {
        this.OR([
          { ALT: () => this.CONSUME(Piece) },
          { ALT: () => this.SUBRULE(this.block) },
          { ALT: () => this.CONSUME(RCurly) },
        ]);
      });
    },
    INNER,
  );

  /** Braces and what is in them, unread. */
  readonly block = this.RULE(
    'block',
    () => {
      this.CONSUME(LCurly);
      this.MANY(() => {
        this.OR([
          { ALT: () => this.CONSUME(Piece) },
          { ALT: () => this.CONSUME(Break) },
          { ALT: () => this.SUBRULE(this.block) },
        ]);
      });
      this.CONSUME(RCurly);
    },
    INNER,
  );

  readonly statement = this.RULE('statement', () => {
    this.OR({
      MAX_LOOKAHEAD: 1,
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { GATE: () => this.LA(2).tokenType === Equals, ALT: () => this.SUBRULE(this.binding) },
        { ALT: () => this.SUBRULE(this.kernelStatement) },
        { ALT: () => this.SUBRULE(this.letStatement) },
        { ALT: () => this.SUBRULE(this.expectStatement) },
        { ALT: () => this.SUBRULE(this.printStatement) },
        { ALT: () => this.SUBRULE(this.showStatement) },
        { ALT: () => this.SUBRULE(this.setStatement) },
        { ALT: () => this.SUBRULE(this.laterStatement) },
        { ALT: () => this.SUBRULE(this.evaluation) },
        { ALT: () => this.SUBRULE1(this.leftover) },
      ],
    });
    this.OPTION(() => this.SUBRULE2(this.leftover));
  });

  readonly kernelStatement = this.RULE(
    'kernelStatement',
    () => {
      this.CONSUME(Kernel);
      this.SUBRULE(this.model);
    },
    INNER,
  );

  /** `6.12 with realign=none`: what may follow `kernel`. That a number is none of a release is the checker's to say. */
  readonly model = this.RULE(
    'model',
    () => {
      this.OR([
        { ALT: () => this.CONSUME(Release) },
        { ALT: () => this.CONSUME(Integer) },
        { ALT: () => this.CONSUME(BadNumber) },
        { ALT: () => this.CONSUME(Identifier) },
      ]);
      this.MANY(() => this.SUBRULE(this.switches));
    },
    INNER,
  );

  readonly switches = this.RULE(
    'switches',
    () => {
      this.OR([{ ALT: () => this.CONSUME(With) }, { ALT: () => this.CONSUME(Without) }]);
      this.SUBRULE1(this.switch);
      this.MANY(() => {
        this.CONSUME(Plus);
        this.SUBRULE2(this.switch);
      });
    },
    INNER,
  );

  readonly switch = this.RULE(
    'switch',
    () => {
      this.CONSUME(Word);
      this.OPTION(() => {
        this.CONSUME(Equals);
        this.SUBRULE(this.switchValue);
      });
    },
    INNER,
  );

  readonly switchValue = this.RULE(
    'switchValue',
    () => {
      this.OR([
        { ALT: () => this.CONSUME(Word) },
        { ALT: () => this.CONSUME(Integer) },
        { ALT: () => this.CONSUME(Release) },
      ]);
    },
    INNER,
  );

  readonly letStatement = this.RULE(
    'letStatement',
    () => {
      this.CONSUME(Let);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.binding) });
    },
    INNER,
  );

  readonly binding = this.RULE(
    'binding',
    () => {
      this.CONSUME(Word);
      this.CONSUME(Equals);
      this.SUBRULE(this.evaluation);
    },
    INNER,
  );

  /** An expression and what the kernel is said to have answered. */
  readonly evaluation = this.RULE(
    'evaluation',
    () => {
      this.SUBRULE(this.expression);
      this.OPTION(() => {
        this.CONSUME(Equals);
        this.OR([
          { ALT: () => this.CONSUME(ErrnoClaim) },
          { ALT: () => this.SUBRULE1(this.expression, { LABEL: 'claim' }) },
        ]);
      });
    },
    INNER,
  );

  readonly expectStatement = this.RULE(
    'expectStatement',
    () => {
      this.CONSUME(Expect);
      this.OR([{ ALT: () => this.SUBRULE(this.laterStatement) }, { ALT: () => this.SUBRULE(this.expression) }]);
    },
    INNER,
  );

  readonly printStatement = this.RULE(
    'printStatement',
    () => {
      this.CONSUME(Print);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.expression) });
    },
    INNER,
  );

  readonly showStatement = this.RULE(
    'showStatement',
    () => {
      this.CONSUME(Show);
      this.CONSUME(Word);
      this.OPTION(() => this.SUBRULE(this.expression));
    },
    INNER,
  );

  readonly setStatement = this.RULE(
    'setStatement',
    () => {
      this.CONSUME(SetKeyword);
      this.AT_LEAST_ONE_SEP({ SEP: Dot, DEF: () => this.CONSUME(Word) });
      this.CONSUME(Equals);
      this.OR([{ ALT: () => this.CONSUME(Later) }, { ALT: () => this.SUBRULE(this.expression) }]);
    },
    INNER,
  );

  readonly laterStatement = this.RULE(
    'laterStatement',
    () => {
      this.CONSUME(Later);
      this.MANY(() => {
        this.OR([{ ALT: () => this.CONSUME(Piece) }, { ALT: () => this.SUBRULE(this.block) }]);
      });
    },
    INNER,
  );

  // Expressions, loosest first -------------------------------------------------------------------

  readonly expression = this.RULE(
    'expression',
    () => this.AT_LEAST_ONE_SEP({ SEP: Or, DEF: () => this.SUBRULE(this.conjunction) }),
    INNER,
  );

  readonly conjunction = this.RULE(
    'conjunction',
    () => this.AT_LEAST_ONE_SEP({ SEP: And, DEF: () => this.SUBRULE(this.negation) }),
    INNER,
  );

  readonly negation = this.RULE(
    'negation',
    () => {
      this.MANY(() => this.CONSUME(Not));
      this.SUBRULE(this.comparison);
    },
    INNER,
  );

  readonly comparison = this.RULE(
    'comparison',
    () => {
      this.SUBRULE1(this.union);
      this.MANY(() => {
        this.CONSUME(Compare);
        this.SUBRULE2(this.union);
      });
    },
    INNER,
  );

  readonly union = this.RULE(
    'union',
    () => this.AT_LEAST_ONE_SEP({ SEP: Pipe, DEF: () => this.SUBRULE(this.difference) }),
    INNER,
  );

  readonly difference = this.RULE(
    'difference',
    () => this.AT_LEAST_ONE_SEP({ SEP: Caret, DEF: () => this.SUBRULE(this.intersection) }),
    INNER,
  );

  readonly intersection = this.RULE(
    'intersection',
    () => this.AT_LEAST_ONE_SEP({ SEP: Ampersand, DEF: () => this.SUBRULE(this.shifted) }),
    INNER,
  );

  readonly shifted = this.RULE(
    'shifted',
    () => {
      this.SUBRULE1(this.sum);
      this.MANY(() => {
        this.CONSUME(Shift);
        this.SUBRULE2(this.sum);
      });
    },
    INNER,
  );

  readonly sum = this.RULE(
    'sum',
    () => {
      this.SUBRULE1(this.product);
      this.MANY(() => {
        this.CONSUME(Additive);
        this.SUBRULE2(this.product);
      });
    },
    INNER,
  );

  readonly product = this.RULE(
    'product',
    () => {
      this.SUBRULE1(this.signed);
      this.MANY(() => {
        this.CONSUME(Multiplicative);
        this.SUBRULE2(this.signed);
      });
    },
    INNER,
  );

  readonly signed = this.RULE(
    'signed',
    () => {
      this.MANY(() => {
        this.OR([
          { ALT: () => this.CONSUME(Minus) },
          { ALT: () => this.CONSUME(Plus) },
          { ALT: () => this.CONSUME(Tilde) },
        ]);
      });
      this.SUBRULE(this.access);
    },
    INNER,
  );

  readonly access = this.RULE(
    'access',
    () => {
      this.SUBRULE(this.primary);
      this.MANY(() => {
        this.CONSUME(Dot);
        this.CONSUME(Word);
      });
    },
    INNER,
  );

  readonly primary = this.RULE(
    'primary',
    () => {
      this.OR([
        { ALT: () => this.SUBRULE(this.quantity) },
        { ALT: () => this.CONSUME(Text) },
        { ALT: () => this.SUBRULE(this.reference) },
        { ALT: () => this.SUBRULE(this.parenthesis) },
      ]);
    },
    INNER,
  );

  /** A number, or a number of units: `3 pmd` binds tighter than any operator. */
  readonly quantity = this.RULE(
    'quantity',
    () => {
      this.CONSUME(Integer);
      this.OPTION(() => this.CONSUME(Unit));
    },
    INNER,
  );

  /** A name, a unit alone (one of it), or a call. */
  readonly reference = this.RULE(
    'reference',
    () => {
      this.OR([{ ALT: () => this.CONSUME(Identifier) }, { ALT: () => this.CONSUME(Unit) }]);
      this.OPTION(() => this.SUBRULE(this.arguments));
    },
    INNER,
  );

  readonly arguments = this.RULE(
    'arguments',
    () => {
      this.CONSUME(LParen);
      this.MANY_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.argument) });
      this.CONSUME(RParen);
    },
    INNER,
  );

  /** An expression, or a range of addresses. */
  readonly argument = this.RULE(
    'argument',
    () => {
      this.SUBRULE1(this.expression);
      this.OPTION(() => {
        this.OR([{ ALT: () => this.CONSUME(RangeTo) }, { ALT: () => this.CONSUME(RangeLength) }]);
        this.SUBRULE2(this.expression);
      });
    },
    INNER,
  );

  readonly parenthesis = this.RULE(
    'parenthesis',
    () => {
      this.CONSUME(LParen);
      this.SUBRULE(this.expression);
      this.CONSUME(RParen);
    },
    INNER,
  );
}

const parser = new MremapParser();

export interface Parsed {
  readonly cst: CstNode;
  /** The statements' tokens, and the brackets left open at the end. */
  readonly lines: Lines;
}

/** Phases 1 to 3: text to tokens to lines to a concrete syntax tree. Every text has one. */
export function parse(source: Source, reporter: Reporter): Parsed {
  const split = splitLines(tokenize(source.text).tokens);
  const lines = { ...split, tokens: withinLimits(split.tokens, reporter) };
  parser.input = lines.tokens;
  const cst = parser.script();
  reportSyntax(parser.errors, lines.tokens, lines.open, reporter);
  // The one parser would keep the tokens of the last text alive.
  parser.input = [];
  return { cst, lines };
}

/** What may follow `kernel`, on its own. */
export function parseModel(source: Source, reporter: Reporter): CstNode | undefined {
  const lines = splitLines(tokenize(source.text).tokens);
  parser.input = lines.tokens.slice(1);
  const cst = parser.model();
  reportSyntax(parser.errors, lines.tokens, lines.open, reporter);
  return parser.errors.length === 0 ? cst : undefined;
}

export interface Next {
  readonly token: TokenType;
  /** The rule that would read it. */
  readonly rule: string;
}

/** What may follow the beginning of a statement, for completion. */
export function nextTokens(statement: readonly IToken[]): Next[] {
  return parser
    .computeContentAssist('statement', [...statement])
    .map(({ nextTokenType: token, ruleStack }) => ({ token, rule: ruleStack.at(-1) ?? '' }));
}
