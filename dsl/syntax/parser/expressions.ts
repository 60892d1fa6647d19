/** The grammar of values: expressions, loosest first, and what stands in the brackets of a call. */
import { CstParser, type IParserConfig } from 'chevrotain';
import { syntaxMessages } from '../syntax-messages.js';
import {
  Additive, Ampersand, And, Block, Caret, Comma, Compare, Dot, Equals, Identifier, Integer, LParen, LSquare, Minus, Multiplicative,
  Newline, Not, Or, Pipe, Plus, RangeLength, RangeTo, RParen, RSquare, Shift, Text, Tilde, Unit, VOCABULARY, Word,
} from '../tokens.js'; // prettier-ignore

/** Inside a statement nothing resynchronises: the statement as a whole does. */
export const INNER = { resyncEnabled: false } as const;

export class ExpressionParser extends CstParser {
  constructor(config: IParserConfig) {
    super(VOCABULARY, {
      recoveryEnabled: true,
      maxLookahead: 2,
      nodeLocationTracking: 'onlyOffset',
      errorMessageProvider: syntaxMessages,
      skipValidations: true,
      ...config,
    });
  }

  /** A line end is never passed over to get at what the line before it lacks: each line is a statement of its own. */
  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    return this.LA(1).tokenType !== Newline;
  }

  readonly expression = this.RULE('expression', () => this.AT_LEAST_ONE_SEP({ SEP: Or, DEF: () => this.SUBRULE(this.conjunction) }), INNER);

  readonly conjunction = this.RULE('conjunction', () => this.AT_LEAST_ONE_SEP({ SEP: And, DEF: () => this.SUBRULE(this.negation) }), INNER);

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

  readonly union = this.RULE('union', () => this.AT_LEAST_ONE_SEP({ SEP: Pipe, DEF: () => this.SUBRULE(this.difference) }), INNER);

  readonly difference = this.RULE('difference', () => this.AT_LEAST_ONE_SEP({ SEP: Caret, DEF: () => this.SUBRULE(this.intersection) }), INNER);

  readonly intersection = this.RULE('intersection', () => this.AT_LEAST_ONE_SEP({ SEP: Ampersand, DEF: () => this.SUBRULE(this.shifted) }), INNER);

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
        this.OR([{ ALT: () => this.CONSUME(Minus) }, { ALT: () => this.CONSUME(Plus) }, { ALT: () => this.CONSUME(Tilde) }]);
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
        this.OR([
          {
            ALT: () => {
              this.CONSUME(Dot);
              this.CONSUME(Word);
            },
          },
          { ALT: () => this.SUBRULE(this.index) },
        ]);
      });
    },
    INNER,
  );

  /** One of several: `vmas()[0]`. */
  readonly index = this.RULE(
    'index',
    () => {
      this.CONSUME(LSquare);
      this.SUBRULE(this.expression);
      this.CONSUME(RSquare);
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
        { ALT: () => this.SUBRULE(this.list) },
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

  /** An expression, a range of addresses, or a struct. */
  readonly argument = this.RULE(
    'argument',
    () => {
      this.OR([
        { ALT: () => this.CONSUME(Block) },
        {
          ALT: () => {
            this.SUBRULE1(this.expression);
            this.OPTION(() => {
              this.OR1([{ ALT: () => this.CONSUME(RangeTo) }, { ALT: () => this.CONSUME(RangeLength) }]);
              this.SUBRULE2(this.expression);
            });
          },
        },
      ]);
    },
    INNER,
  );

  readonly list = this.RULE(
    'list',
    () => {
      this.CONSUME(LSquare);
      this.MANY_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.expression) });
      this.CONSUME(RSquare);
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

  /** A struct as strace prints it, without its braces: `rlim_cur=8192*1024, rlim_max=RLIM_INFINITY`. */
  readonly members = this.RULE(
    'members',
    () => {
      this.OPTION(() => {
        this.CONSUME(Newline);
        this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.member) });
      });
    },
    INNER,
  );

  readonly member = this.RULE(
    'member',
    () => {
      this.CONSUME(Word);
      this.CONSUME(Equals);
      this.SUBRULE(this.expression);
    },
    INNER,
  );
}
