/**
 * The grammar of statements, and of a program as a whole.
 *
 * A mistake costs its own statement: only `statement` resynchronises, and it can only be followed by
 * the Newline that leads the next one, or by the end. For that, a statement takes whatever stands on
 * its line: what none can begin with, or what is left over behind one, is read as `leftover`.
 */
import type { IParserConfig } from 'chevrotain';
import { BlockParser } from './blocks.js';
import { INNER } from './expressions.js';
import {
  Advise, After, BadNumber, Block, Comma, Continues, Dot, Equals, ErrnoClaim, Expect, Fail, Identifier, Integer, isA, Kernel, Let,
  MapsBlock, Merge, Newline, Piece, Plot, Print, PrintkLine, PrintkOption, Quantifier, RCurly, Replay, Return, SetKeyword, Show, Text, Why, With, Word, Yield,
} from '../tokens.js'; // prettier-ignore

export class MremapParser extends BlockParser {
  constructor(config: IParserConfig = {}) {
    super(config);
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
        this.OR([{ ALT: () => this.CONSUME(Piece) }, { ALT: () => this.CONSUME(Block) }, { ALT: () => this.CONSUME(MapsBlock) }, { ALT: () => this.CONSUME(RCurly) }]);
      });
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
        { ALT: () => this.SUBRULE(this.ifStatement) },
        { ALT: () => this.SUBRULE(this.forStatement) },
        { ALT: () => this.SUBRULE(this.defStatement) },
        { ALT: () => this.SUBRULE(this.returnStatement) },
        { ALT: () => this.SUBRULE(this.inStatement) },
        { ALT: () => this.SUBRULE(this.sweepStatement) },
        { ALT: () => this.SUBRULE(this.yieldStatement) },
        { ALT: () => this.SUBRULE(this.plotStatement) },
        { ALT: () => this.SUBRULE(this.compareStatement) },
        { ALT: () => this.SUBRULE(this.whyStatement) },
        { ALT: () => this.SUBRULE(this.adviseStatement) },
        { ALT: () => this.SUBRULE(this.mapsStatement) },
        { ALT: () => this.SUBRULE(this.layoutStatement) },
        { ALT: () => this.SUBRULE(this.machineStatement) },
        { ALT: () => this.SUBRULE(this.failStatement) },
        { ALT: () => this.SUBRULE(this.printkStatement) },
        { ALT: () => this.SUBRULE(this.raceStatement) },
        { ALT: () => this.SUBRULE(this.threadStatement) },
        { ALT: () => this.SUBRULE(this.replayStatement) },
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
      this.OR([{ ALT: () => this.SUBRULE(this.sweepStatement) }, { ALT: () => this.SUBRULE(this.compareStatement) }, { ALT: () => this.SUBRULE(this.evaluation) }]);
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
        this.OR([{ ALT: () => this.CONSUME(ErrnoClaim) }, { ALT: () => this.SUBRULE1(this.expression, { LABEL: 'claim' }) }]);
      });
    },
    INNER,
  );

  readonly expectStatement = this.RULE(
    'expectStatement',
    () => {
      this.CONSUME(Expect);
      this.OR([
        { ALT: () => this.SUBRULE(this.mapsStatement) },
        { ALT: () => this.SUBRULE(this.layoutStatement) },
        { ALT: () => this.SUBRULE(this.judgement) },
        { ALT: () => this.SUBRULE(this.expression) },
      ]);
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
      this.OPTION1(() => this.CONSUME(PrintkOption));
    },
    INNER,
  );

  readonly printkStatement = this.RULE('printkStatement', () => this.CONSUME(PrintkLine), INNER);

  readonly setStatement = this.RULE(
    'setStatement',
    () => {
      this.CONSUME(SetKeyword);
      this.AT_LEAST_ONE_SEP({ SEP: Dot, DEF: () => this.CONSUME(Word) });
      this.CONSUME(Equals);
      this.OR([{ ALT: () => this.CONSUME(Quantifier) }, { ALT: () => this.SUBRULE(this.expression) }]);
    },
    INNER,
  );

  /** `never lost_page`: of the final states of the latest race. */
  readonly judgement = this.RULE(
    'judgement',
    () => {
      this.CONSUME(Quantifier);
      this.SUBRULE(this.expression);
    },
    INNER,
  );

  /** `replay a7f3 with state`; an id may begin with digits, which makes it no name. Without one, the latest. */
  readonly replayStatement = this.RULE(
    'replayStatement',
    () => {
      this.CONSUME(Replay);
      this.OPTION1(() => {
        this.OR([{ ALT: () => this.CONSUME1(Identifier) }, { ALT: () => this.CONSUME(Integer) }, { ALT: () => this.CONSUME(BadNumber) }]);
      });
      this.OPTION2(() => {
        this.CONSUME(With);
        this.CONSUME2(Identifier, { LABEL: 'what' });
      });
    },
    INNER,
  );

  readonly returnStatement = this.RULE(
    'returnStatement',
    () => {
      this.CONSUME(Return);
      this.OPTION(() => this.SUBRULE(this.expression));
    },
    INNER,
  );

  readonly yieldStatement = this.RULE(
    'yieldStatement',
    () => {
      this.CONSUME(Yield);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.column) });
    },
    INNER,
  );

  /** A value, and maybe what its column is called. */
  readonly column = this.RULE(
    'column',
    () => {
      this.OPTION({
        GATE: () => this.LA(2).tokenType === Equals,
        DEF: () => {
          this.CONSUME(Word);
          this.CONSUME(Equals);
        },
      });
      this.SUBRULE(this.expression);
    },
    INNER,
  );

  readonly plotStatement = this.RULE(
    'plotStatement',
    () => {
      this.CONSUME(Plot);
      this.OPTION({ GATE: () => this.LA(2).tokenType !== Equals, DEF: () => this.SUBRULE(this.expression) });
      this.MANY(() => this.SUBRULE(this.channel));
    },
    INNER,
  );

  /** `x=offset` */
  readonly channel = this.RULE(
    'channel',
    () => {
      this.CONSUME1(Word, { LABEL: 'key' });
      this.CONSUME(Equals);
      this.OR([{ ALT: () => this.CONSUME2(Word, { LABEL: 'value' }) }, { ALT: () => this.CONSUME(Text) }]);
    },
    INNER,
  );

  readonly whyStatement = this.RULE(
    'whyStatement',
    () => {
      this.CONSUME(Why);
      this.OR([
        {
          GATE: () => this.LA(1).tokenType === Merge && isA(this.LA(2), Piece) && !isA(this.LA(2), Continues),
          ALT: () => {
            this.CONSUME(Merge);
            this.SUBRULE1(this.expression);
            this.CONSUME(Comma);
            this.SUBRULE2(this.expression);
          },
        },
        { ALT: () => this.OPTION(() => this.SUBRULE3(this.expression)) },
      ]);
    },
    INNER,
  );

  readonly adviseStatement = this.RULE(
    'adviseStatement',
    () => {
      this.CONSUME(Advise);
      this.OPTION(() => this.SUBRULE(this.expression));
    },
    INNER,
  );

  readonly failStatement = this.RULE(
    'failStatement',
    () => {
      this.CONSUME(Fail);
      this.CONSUME(Identifier);
      this.OPTION(() => {
        this.CONSUME(After);
        this.SUBRULE(this.expression);
      });
    },
    INNER,
  );
}
