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
import { splitLines } from './lines.js';
import { MAPS_END } from './messages.js';
import { reportSyntax, syntaxMessages } from './syntax-messages.js';
import {
  Additive, Advise, After, Ampersand, And, At, BadNumber, Block, bracedOf, Caret, Child, Comma, Compare, CompareModels, Continues, Def,
  Dot, Else, endOf, Equals, ErrnoClaim, Expect, Fail, For, Identifier, If, In, Integer, isA, Kernel, Later, Layout, Let, LParen, LSquare,
  MachineWord, Maps, MapsBlock, MapsOpen, Merge, Minus, Multiplicative, Newline, Not, Or, Piece, Pipe, Plot, Plus, Print, RangeLength, RangeTo,
  RCurly, Release, Return, RParen, RSquare, SetKeyword, Shift, Show, Step, Sweep, Text, Tilde, tokenize, Unit, UnitWord, VOCABULARY,
  Why, With, Without, Word, Yield,
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

  /** A line end is never passed over to get at what the line before it lacks: each line is a statement of its own. */
  protected override canTokenTypeBeDeletedInRecovery(): boolean {
    return this.LA(1).tokenType !== Newline;
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
          { ALT: () => this.CONSUME(Block) },
          { ALT: () => this.CONSUME(MapsBlock) },
          { ALT: () => this.CONSUME(RCurly) },
        ]);
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
      this.OR([
        { ALT: () => this.SUBRULE(this.sweepStatement) },
        { ALT: () => this.SUBRULE(this.compareStatement) },
        { ALT: () => this.SUBRULE(this.evaluation) },
      ]);
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
      this.OR([
        { ALT: () => this.SUBRULE(this.mapsStatement) },
        { ALT: () => this.SUBRULE(this.layoutStatement) },
        { ALT: () => this.SUBRULE(this.laterStatement) },
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
        this.OR([{ ALT: () => this.CONSUME(Piece) }, { ALT: () => this.CONSUME(Block) }, { ALT: () => this.CONSUME(MapsBlock) }]);
      });
    },
    INNER,
  );

  // Statements with braces ---------------------------------------------------------------------------

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

  readonly returnStatement = this.RULE(
    'returnStatement',
    () => {
      this.CONSUME(Return);
      this.OPTION(() => this.SUBRULE(this.expression));
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

  readonly compareStatement = this.RULE(
    'compareStatement',
    () => {
      this.CONSUME(CompareModels);
      this.AT_LEAST_ONE_SEP({ SEP: Comma, DEF: () => this.SUBRULE(this.model) });
      this.CONSUME(Block);
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
}

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
  if (!reporter.found.some((d) => d.line === line)) reporter.report({ start: brace.startOffset, end: endOf(brace) }, 'unclosed-bracket', brace.image, brace.tokenType === MapsOpen ? MAPS_END : undefined);
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
  return parser
    .computeContentAssist('statement', [...statement])
    .map(({ nextTokenType: token, ruleStack }) => ({ token, rule: ruleStack.at(-1) ?? '' }));
}
