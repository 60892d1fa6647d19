/**
 * The grammar of statements with braces. A block is one token here: what is in it is read on its own,
 * so that a mistake in it costs nothing around it.
 */
import { ExpressionParser, INNER } from './expressions.js';
import {
  At, BadNumber, Block, Child, Comma, CompareModels, Def, Else, Equals, For, Identifier, If, In, Integer, Layout, LParen, MachineWord,
  Maps, MapsBlock, Minus, Newline, Plus, RaceWord, RangeLength, RangeTo, Release, RParen, Step, Sweep, Thread, UnitWord, With, Within, Without, Word,
} from '../tokens.js'; // prettier-ignore

export class BlockParser extends ExpressionParser {
  readonly ifStatement = this.RULE(
    'ifStatement',
    () => {
      this.CONSUME1(If);
      this.SUBRULE1(this.expression);
      this.CONSUME1(Block);
      this.MANY(() => this.SUBRULE(this.elseBranch));
    },
    INNER,
  );

  readonly elseBranch = this.RULE(
    'elseBranch',
    () => {
      this.CONSUME(Else);
      this.OPTION(() => {
        this.CONSUME(If);
        this.SUBRULE(this.expression);
      });
      this.CONSUME(Block);
    },
    INNER,
  );

  readonly forStatement = this.RULE(
    'forStatement',
    () => {
      this.CONSUME(For);
      this.SUBRULE(this.variable);
      this.CONSUME(Block);
    },
    INNER,
  );

  /** `x in a..b step s`, `x in [1M, 2M]`: a name and the values it takes. */
  readonly variable = this.RULE(
    'variable',
    () => {
      this.CONSUME(Word);
      this.CONSUME(In);
      this.SUBRULE1(this.expression);
      this.OPTION(() => {
        this.OR([{ ALT: () => this.CONSUME(RangeTo) }, { ALT: () => this.CONSUME(RangeLength) }]);
        this.SUBRULE2(this.expression);
        this.OPTION1(() => {
          this.CONSUME(Step);
          this.SUBRULE3(this.expression);
        });
      });
    },
    INNER,
  );

  readonly defStatement = this.RULE(
    'defStatement',
    () => {
      this.CONSUME1(Def);
      this.CONSUME2(Word);
      this.CONSUME(LParen);
      this.MANY_SEP({ SEP: Comma, DEF: () => this.CONSUME3(Word, { LABEL: 'parameter' }) });
      this.CONSUME(RParen);
      this.CONSUME(Block);
    },
    INNER,
  );

  readonly inStatement = this.RULE(
    'inStatement',
    () => {
      this.CONSUME(In);
      this.CONSUME(Child);
      this.CONSUME(Block);
    },
    INNER,
  );

  readonly sweepStatement = this.RULE(
    'sweepStatement',
    () => {
      this.CONSUME(Sweep);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.variable) });
      this.CONSUME(Block);
    },
    INNER,
  );

  readonly raceStatement = this.RULE(
    'raceStatement',
    () => {
      this.CONSUME(RaceWord);
      // A race may be called `within`.
      this.OPTION1({ GATE: () => this.LA(1).tokenType !== Within || (this.LA(2).tokenType !== Integer && this.LA(2).tokenType !== Identifier), DEF: () => this.CONSUME(Word) });
      this.OPTION2(() => {
        this.CONSUME(Within);
        this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.raceBound) });
      });
      this.CONSUME(Block);
    },
    INNER,
  );

  /** `3 preemptions`, `seed 7` */
  readonly raceBound = this.RULE(
    'raceBound',
    () => {
      this.OR([
        {
          ALT: () => {
            this.CONSUME1(Integer);
            this.CONSUME1(Word);
          },
        },
        {
          ALT: () => {
            this.CONSUME2(Word);
            this.CONSUME2(Integer);
          },
        },
      ]);
    },
    INNER,
  );

  readonly threadStatement = this.RULE(
    'threadStatement',
    () => {
      this.CONSUME(Thread);
      this.OPTION(() => this.CONSUME(Word));
      this.CONSUME(Block);
    },
    INNER,
  );

  readonly compareStatement = this.RULE(
    'compareStatement',
    () => {
      this.CONSUME(CompareModels);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.model) });
      this.CONSUME(Block);
    },
    INNER,
  );

  /** `6.12 with realign=none`: what may follow `kernel`. That a number is none of a release is the checker's to say. */
  readonly model = this.RULE(
    'model',
    () => {
      this.OR([{ ALT: () => this.CONSUME(Release) }, { ALT: () => this.CONSUME(Integer) }, { ALT: () => this.CONSUME(BadNumber) }, { ALT: () => this.CONSUME(Identifier) }]);
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
      this.OR([{ ALT: () => this.CONSUME(Word) }, { ALT: () => this.CONSUME(Integer) }, { ALT: () => this.CONSUME(Release) }]);
    },
    INNER,
  );

  /** To set up, or behind `expect` to compare with. */
  readonly mapsStatement = this.RULE(
    'mapsStatement',
    () => {
      this.CONSUME(Maps);
      this.OPTION(() => this.SUBRULE(this.argument));
      this.CONSUME(MapsBlock);
    },
    INNER,
  );

  readonly layoutStatement = this.RULE(
    'layoutStatement',
    () => {
      this.CONSUME(Layout);
      this.CONSUME(At);
      this.SUBRULE1(this.expression);
      this.OPTION(() => {
        this.CONSUME(UnitWord);
        this.SUBRULE2(this.expression);
      });
      this.CONSUME(Block);
    },
    INNER,
  );

  readonly machineStatement = this.RULE(
    'machineStatement',
    () => {
      this.CONSUME(MachineWord);
      this.CONSUME(Identifier);
      this.OPTION(() => {
        this.CONSUME(Minus);
        this.CONSUME(Integer);
      });
      this.OPTION1(() => this.CONSUME(Block));
    },
    INNER,
  );

  /** What is between the braces of a machine: `granule 16K levels 4`. */
  readonly parts = this.RULE(
    'parts',
    () => {
      this.MANY1(() => {
        this.CONSUME(Newline);
        this.MANY2(() => {
          this.CONSUME(Word);
          this.CONSUME(Integer);
        });
      });
    },
    INNER,
  );
}
