// The types of the concrete syntax tree, generated from parser/: `BLESS=1 npx vitest run test/dsl/cst.test.ts`.
import type { CstNode, IToken } from 'chevrotain';

export interface ExpressionCstNode extends CstNode {
  name: "expression";
  children: ExpressionCstChildren;
}

export type ExpressionCstChildren = {
  conjunction: ConjunctionCstNode[];
  Or?: IToken[];
};

export interface ConjunctionCstNode extends CstNode {
  name: "conjunction";
  children: ConjunctionCstChildren;
}

export type ConjunctionCstChildren = {
  negation: NegationCstNode[];
  And?: IToken[];
};

export interface NegationCstNode extends CstNode {
  name: "negation";
  children: NegationCstChildren;
}

export type NegationCstChildren = {
  Not?: IToken[];
  comparison: ComparisonCstNode[];
};

export interface ComparisonCstNode extends CstNode {
  name: "comparison";
  children: ComparisonCstChildren;
}

export type ComparisonCstChildren = {
  union: (UnionCstNode)[];
  Compare?: IToken[];
};

export interface UnionCstNode extends CstNode {
  name: "union";
  children: UnionCstChildren;
}

export type UnionCstChildren = {
  difference: DifferenceCstNode[];
  Pipe?: IToken[];
};

export interface DifferenceCstNode extends CstNode {
  name: "difference";
  children: DifferenceCstChildren;
}

export type DifferenceCstChildren = {
  intersection: IntersectionCstNode[];
  Caret?: IToken[];
};

export interface IntersectionCstNode extends CstNode {
  name: "intersection";
  children: IntersectionCstChildren;
}

export type IntersectionCstChildren = {
  shifted: ShiftedCstNode[];
  Ampersand?: IToken[];
};

export interface ShiftedCstNode extends CstNode {
  name: "shifted";
  children: ShiftedCstChildren;
}

export type ShiftedCstChildren = {
  sum: (SumCstNode)[];
  Shift?: IToken[];
};

export interface SumCstNode extends CstNode {
  name: "sum";
  children: SumCstChildren;
}

export type SumCstChildren = {
  product: (ProductCstNode)[];
  Additive?: IToken[];
};

export interface ProductCstNode extends CstNode {
  name: "product";
  children: ProductCstChildren;
}

export type ProductCstChildren = {
  signed: (SignedCstNode)[];
  Multiplicative?: IToken[];
};

export interface SignedCstNode extends CstNode {
  name: "signed";
  children: SignedCstChildren;
}

export type SignedCstChildren = {
  Minus?: IToken[];
  Plus?: IToken[];
  Tilde?: IToken[];
  access: AccessCstNode[];
};

export interface AccessCstNode extends CstNode {
  name: "access";
  children: AccessCstChildren;
}

export type AccessCstChildren = {
  primary: PrimaryCstNode[];
  Dot?: IToken[];
  Word?: IToken[];
  index?: IndexCstNode[];
};

export interface IndexCstNode extends CstNode {
  name: "index";
  children: IndexCstChildren;
}

export type IndexCstChildren = {
  LSquare: IToken[];
  expression: ExpressionCstNode[];
  RSquare: IToken[];
};

export interface PrimaryCstNode extends CstNode {
  name: "primary";
  children: PrimaryCstChildren;
}

export type PrimaryCstChildren = {
  quantity?: QuantityCstNode[];
  Text?: IToken[];
  reference?: ReferenceCstNode[];
  parenthesis?: ParenthesisCstNode[];
  list?: ListCstNode[];
};

export interface QuantityCstNode extends CstNode {
  name: "quantity";
  children: QuantityCstChildren;
}

export type QuantityCstChildren = {
  Integer: IToken[];
  Unit?: IToken[];
};

export interface ReferenceCstNode extends CstNode {
  name: "reference";
  children: ReferenceCstChildren;
}

export type ReferenceCstChildren = {
  Identifier?: IToken[];
  Unit?: IToken[];
  arguments?: ArgumentsCstNode[];
};

export interface ArgumentsCstNode extends CstNode {
  name: "arguments";
  children: ArgumentsCstChildren;
}

export type ArgumentsCstChildren = {
  LParen: IToken[];
  argument?: ArgumentCstNode[];
  Comma?: IToken[];
  RParen: IToken[];
};

export interface ArgumentCstNode extends CstNode {
  name: "argument";
  children: ArgumentCstChildren;
}

export type ArgumentCstChildren = {
  Block?: IToken[];
  expression?: (ExpressionCstNode)[];
  RangeTo?: IToken[];
  RangeLength?: IToken[];
};

export interface ListCstNode extends CstNode {
  name: "list";
  children: ListCstChildren;
}

export type ListCstChildren = {
  LSquare: IToken[];
  expression?: ExpressionCstNode[];
  Comma?: IToken[];
  RSquare: IToken[];
};

export interface ParenthesisCstNode extends CstNode {
  name: "parenthesis";
  children: ParenthesisCstChildren;
}

export type ParenthesisCstChildren = {
  LParen: IToken[];
  expression: ExpressionCstNode[];
  RParen: IToken[];
};

export interface MembersCstNode extends CstNode {
  name: "members";
  children: MembersCstChildren;
}

export type MembersCstChildren = {
  Newline?: IToken[];
  member?: MemberCstNode[];
  Comma?: IToken[];
};

export interface MemberCstNode extends CstNode {
  name: "member";
  children: MemberCstChildren;
}

export type MemberCstChildren = {
  Word: IToken[];
  Equals: IToken[];
  expression: ExpressionCstNode[];
};

export interface IfStatementCstNode extends CstNode {
  name: "ifStatement";
  children: IfStatementCstChildren;
}

export type IfStatementCstChildren = {
  If: IToken[];
  expression: ExpressionCstNode[];
  Block: IToken[];
  elseBranch?: ElseBranchCstNode[];
};

export interface ElseBranchCstNode extends CstNode {
  name: "elseBranch";
  children: ElseBranchCstChildren;
}

export type ElseBranchCstChildren = {
  Else: IToken[];
  If?: IToken[];
  expression?: ExpressionCstNode[];
  Block: IToken[];
};

export interface ForStatementCstNode extends CstNode {
  name: "forStatement";
  children: ForStatementCstChildren;
}

export type ForStatementCstChildren = {
  For: IToken[];
  variable: VariableCstNode[];
  Block: IToken[];
};

export interface VariableCstNode extends CstNode {
  name: "variable";
  children: VariableCstChildren;
}

export type VariableCstChildren = {
  Word: IToken[];
  In: IToken[];
  expression: (ExpressionCstNode)[];
  RangeTo?: IToken[];
  RangeLength?: IToken[];
  Step?: IToken[];
};

export interface DefStatementCstNode extends CstNode {
  name: "defStatement";
  children: DefStatementCstChildren;
}

export type DefStatementCstChildren = {
  Def: IToken[];
  Word: IToken[];
  LParen: IToken[];
  parameter?: IToken[];
  Comma?: IToken[];
  RParen: IToken[];
  Block: IToken[];
};

export interface InStatementCstNode extends CstNode {
  name: "inStatement";
  children: InStatementCstChildren;
}

export type InStatementCstChildren = {
  In: IToken[];
  Child: IToken[];
  Block: IToken[];
};

export interface SweepStatementCstNode extends CstNode {
  name: "sweepStatement";
  children: SweepStatementCstChildren;
}

export type SweepStatementCstChildren = {
  Sweep: IToken[];
  variable: VariableCstNode[];
  Comma?: IToken[];
  Block: IToken[];
};

export interface RaceStatementCstNode extends CstNode {
  name: "raceStatement";
  children: RaceStatementCstChildren;
}

export type RaceStatementCstChildren = {
  RaceWord: IToken[];
  Word?: IToken[];
  Within?: IToken[];
  raceBound?: RaceBoundCstNode[];
  Comma?: IToken[];
  Block: IToken[];
};

export interface RaceBoundCstNode extends CstNode {
  name: "raceBound";
  children: RaceBoundCstChildren;
}

export type RaceBoundCstChildren = {
  Integer?: (IToken)[];
  Word?: (IToken)[];
};

export interface ThreadStatementCstNode extends CstNode {
  name: "threadStatement";
  children: ThreadStatementCstChildren;
}

export type ThreadStatementCstChildren = {
  Thread: IToken[];
  Word?: IToken[];
  Block: IToken[];
};

export interface CompareStatementCstNode extends CstNode {
  name: "compareStatement";
  children: CompareStatementCstChildren;
}

export type CompareStatementCstChildren = {
  CompareModels: IToken[];
  model: ModelCstNode[];
  Comma?: IToken[];
  Block: IToken[];
};

export interface ModelCstNode extends CstNode {
  name: "model";
  children: ModelCstChildren;
}

export type ModelCstChildren = {
  Release?: IToken[];
  Integer?: IToken[];
  BadNumber?: IToken[];
  Identifier?: IToken[];
  switches?: SwitchesCstNode[];
};

export interface SwitchesCstNode extends CstNode {
  name: "switches";
  children: SwitchesCstChildren;
}

export type SwitchesCstChildren = {
  With?: IToken[];
  Without?: IToken[];
  switch: (SwitchCstNode)[];
  Plus?: IToken[];
};

export interface SwitchCstNode extends CstNode {
  name: "switch";
  children: SwitchCstChildren;
}

export type SwitchCstChildren = {
  Word: IToken[];
  Equals?: IToken[];
  switchValue?: SwitchValueCstNode[];
};

export interface SwitchValueCstNode extends CstNode {
  name: "switchValue";
  children: SwitchValueCstChildren;
}

export type SwitchValueCstChildren = {
  Word?: IToken[];
  Integer?: IToken[];
  Release?: IToken[];
};

export interface MapsStatementCstNode extends CstNode {
  name: "mapsStatement";
  children: MapsStatementCstChildren;
}

export type MapsStatementCstChildren = {
  Maps: IToken[];
  argument?: ArgumentCstNode[];
  MapsBlock: IToken[];
};

export interface LayoutStatementCstNode extends CstNode {
  name: "layoutStatement";
  children: LayoutStatementCstChildren;
}

export type LayoutStatementCstChildren = {
  Layout: IToken[];
  At: IToken[];
  expression: (ExpressionCstNode)[];
  UnitWord?: IToken[];
  Block: IToken[];
};

export interface MachineStatementCstNode extends CstNode {
  name: "machineStatement";
  children: MachineStatementCstChildren;
}

export type MachineStatementCstChildren = {
  MachineWord: IToken[];
  Identifier: IToken[];
  Minus?: IToken[];
  Integer?: IToken[];
  Block?: IToken[];
};

export interface PartsCstNode extends CstNode {
  name: "parts";
  children: PartsCstChildren;
}

export type PartsCstChildren = {
  Newline?: IToken[];
  Word?: IToken[];
  Integer?: IToken[];
};

export interface ScriptCstNode extends CstNode {
  name: "script";
  children: ScriptCstChildren;
}

export type ScriptCstChildren = {
  Newline?: IToken[];
  statement?: StatementCstNode[];
};

export interface LeftoverCstNode extends CstNode {
  name: "leftover";
  children: LeftoverCstChildren;
}

export type LeftoverCstChildren = {
  Piece?: IToken[];
  Block?: IToken[];
  MapsBlock?: IToken[];
  RCurly?: IToken[];
};

export interface StatementCstNode extends CstNode {
  name: "statement";
  children: StatementCstChildren;
}

export type StatementCstChildren = {
  binding?: BindingCstNode[];
  kernelStatement?: KernelStatementCstNode[];
  letStatement?: LetStatementCstNode[];
  expectStatement?: ExpectStatementCstNode[];
  printStatement?: PrintStatementCstNode[];
  showStatement?: ShowStatementCstNode[];
  setStatement?: SetStatementCstNode[];
  ifStatement?: IfStatementCstNode[];
  forStatement?: ForStatementCstNode[];
  defStatement?: DefStatementCstNode[];
  returnStatement?: ReturnStatementCstNode[];
  inStatement?: InStatementCstNode[];
  sweepStatement?: SweepStatementCstNode[];
  yieldStatement?: YieldStatementCstNode[];
  plotStatement?: PlotStatementCstNode[];
  compareStatement?: CompareStatementCstNode[];
  whyStatement?: WhyStatementCstNode[];
  adviseStatement?: AdviseStatementCstNode[];
  mapsStatement?: MapsStatementCstNode[];
  layoutStatement?: LayoutStatementCstNode[];
  machineStatement?: MachineStatementCstNode[];
  failStatement?: FailStatementCstNode[];
  printkStatement?: PrintkStatementCstNode[];
  raceStatement?: RaceStatementCstNode[];
  threadStatement?: ThreadStatementCstNode[];
  replayStatement?: ReplayStatementCstNode[];
  evaluation?: EvaluationCstNode[];
  leftover?: (LeftoverCstNode)[];
};

export interface KernelStatementCstNode extends CstNode {
  name: "kernelStatement";
  children: KernelStatementCstChildren;
}

export type KernelStatementCstChildren = {
  Kernel: IToken[];
  model: ModelCstNode[];
};

export interface LetStatementCstNode extends CstNode {
  name: "letStatement";
  children: LetStatementCstChildren;
}

export type LetStatementCstChildren = {
  Let: IToken[];
  binding: BindingCstNode[];
  Comma?: IToken[];
};

export interface BindingCstNode extends CstNode {
  name: "binding";
  children: BindingCstChildren;
}

export type BindingCstChildren = {
  Word: IToken[];
  Equals: IToken[];
  sweepStatement?: SweepStatementCstNode[];
  compareStatement?: CompareStatementCstNode[];
  evaluation?: EvaluationCstNode[];
};

export interface EvaluationCstNode extends CstNode {
  name: "evaluation";
  children: EvaluationCstChildren;
}

export type EvaluationCstChildren = {
  expression: ExpressionCstNode[];
  Equals?: IToken[];
  ErrnoClaim?: IToken[];
  claim?: ExpressionCstNode[];
};

export interface ExpectStatementCstNode extends CstNode {
  name: "expectStatement";
  children: ExpectStatementCstChildren;
}

export type ExpectStatementCstChildren = {
  Expect: IToken[];
  mapsStatement?: MapsStatementCstNode[];
  layoutStatement?: LayoutStatementCstNode[];
  judgement?: JudgementCstNode[];
  expression?: ExpressionCstNode[];
};

export interface PrintStatementCstNode extends CstNode {
  name: "printStatement";
  children: PrintStatementCstChildren;
}

export type PrintStatementCstChildren = {
  Print: IToken[];
  expression: ExpressionCstNode[];
  Comma?: IToken[];
};

export interface ShowStatementCstNode extends CstNode {
  name: "showStatement";
  children: ShowStatementCstChildren;
}

export type ShowStatementCstChildren = {
  Show: IToken[];
  Word: IToken[];
  expression?: ExpressionCstNode[];
  PrintkOption?: IToken[];
};

export interface PrintkStatementCstNode extends CstNode {
  name: "printkStatement";
  children: PrintkStatementCstChildren;
}

export type PrintkStatementCstChildren = {
  PrintkLine: IToken[];
};

export interface SetStatementCstNode extends CstNode {
  name: "setStatement";
  children: SetStatementCstChildren;
}

export type SetStatementCstChildren = {
  Set: IToken[];
  Word: IToken[];
  Dot?: IToken[];
  Equals: IToken[];
  Quantifier?: IToken[];
  expression?: ExpressionCstNode[];
};

export interface JudgementCstNode extends CstNode {
  name: "judgement";
  children: JudgementCstChildren;
}

export type JudgementCstChildren = {
  Quantifier: IToken[];
  expression: ExpressionCstNode[];
};

export interface ReplayStatementCstNode extends CstNode {
  name: "replayStatement";
  children: ReplayStatementCstChildren;
}

export type ReplayStatementCstChildren = {
  Replay: IToken[];
  Identifier?: IToken[];
  Integer?: IToken[];
  BadNumber?: IToken[];
  With?: IToken[];
  what?: IToken[];
};

export interface ReturnStatementCstNode extends CstNode {
  name: "returnStatement";
  children: ReturnStatementCstChildren;
}

export type ReturnStatementCstChildren = {
  Return: IToken[];
  expression?: ExpressionCstNode[];
};

export interface YieldStatementCstNode extends CstNode {
  name: "yieldStatement";
  children: YieldStatementCstChildren;
}

export type YieldStatementCstChildren = {
  Yield: IToken[];
  column: ColumnCstNode[];
  Comma?: IToken[];
};

export interface ColumnCstNode extends CstNode {
  name: "column";
  children: ColumnCstChildren;
}

export type ColumnCstChildren = {
  Word?: IToken[];
  Equals?: IToken[];
  expression: ExpressionCstNode[];
};

export interface PlotStatementCstNode extends CstNode {
  name: "plotStatement";
  children: PlotStatementCstChildren;
}

export type PlotStatementCstChildren = {
  Plot: IToken[];
  expression?: ExpressionCstNode[];
  channel?: ChannelCstNode[];
};

export interface ChannelCstNode extends CstNode {
  name: "channel";
  children: ChannelCstChildren;
}

export type ChannelCstChildren = {
  key: IToken[];
  Equals: IToken[];
  value?: IToken[];
  Text?: IToken[];
};

export interface WhyStatementCstNode extends CstNode {
  name: "whyStatement";
  children: WhyStatementCstChildren;
}

export type WhyStatementCstChildren = {
  Why: IToken[];
  Merge?: IToken[];
  expression?: (ExpressionCstNode)[];
  Comma?: IToken[];
};

export interface AdviseStatementCstNode extends CstNode {
  name: "adviseStatement";
  children: AdviseStatementCstChildren;
}

export type AdviseStatementCstChildren = {
  Advise: IToken[];
  expression?: ExpressionCstNode[];
};

export interface FailStatementCstNode extends CstNode {
  name: "failStatement";
  children: FailStatementCstChildren;
}

export type FailStatementCstChildren = {
  Fail: IToken[];
  Identifier: IToken[];
  After?: IToken[];
  expression?: ExpressionCstNode[];
};

