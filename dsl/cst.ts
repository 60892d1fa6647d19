// The types of the concrete syntax tree, generated from parser.ts: `BLESS=1 npx vitest run test/dsl/cst.test.ts`.
import type { CstNode, IToken } from 'chevrotain';

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
  block?: BlockCstNode[];
  RCurly?: IToken[];
};

export interface BlockCstNode extends CstNode {
  name: "block";
  children: BlockCstChildren;
}

export type BlockCstChildren = {
  LCurly: IToken[];
  Piece?: IToken[];
  Break?: IToken[];
  block?: BlockCstNode[];
  RCurly: IToken[];
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
  laterStatement?: LaterStatementCstNode[];
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
  evaluation: EvaluationCstNode[];
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
  laterStatement?: LaterStatementCstNode[];
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
  Later?: IToken[];
  expression?: ExpressionCstNode[];
};

export interface LaterStatementCstNode extends CstNode {
  name: "laterStatement";
  children: LaterStatementCstChildren;
}

export type LaterStatementCstChildren = {
  Later: IToken[];
  Piece?: IToken[];
  block?: BlockCstNode[];
};

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
  expression: (ExpressionCstNode)[];
  RangeTo?: IToken[];
  RangeLength?: IToken[];
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

