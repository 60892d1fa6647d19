/**
 * Makes compiled cells stoppable: every turn of a loop and every call of a function asks first
 * whether the cell was interrupted. What Node offers (`breakOnSigint`) ends only what runs before a
 * cell's first `await`. Nothing is put on a line of its own, so that lines stay.
 */
import { createRequire } from 'node:module';
import type * as TS from '@tslab/typescript-for-tslab';
import { guardOf } from '../interrupts.js';

const GUARD = '__mremap_guard__';
const CALL = `${GUARD}();`;
const MAKER = '__mremap_guard_of_cell__';
const HEAD = `const ${GUARD} = ${MAKER}(); `;

/** @param current the cell whose code begins to run */
export function installGuards(current: () => { readonly interrupted: boolean }): void {
  Object.defineProperty(globalThis, MAKER, { value: () => guardOf(current()), configurable: true });
}

/** Code as it was before it was guarded. */
export const unguarded = (code: string): string => code.replace(HEAD, '').replaceAll(` ${CALL}`, '').replaceAll(`(${GUARD}(), `, '(');

interface Insertion {
  readonly at: number;
  readonly text: string;
}

export function guardLoops(code: string): string {
  const ts = typescript();
  const source = ts.createSourceFile('cell.js', code, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const insertions: Insertion[] = [];
  /** The code goes behind directives such as 'use strict', which must come first. */
  const begin = ({ statements }: TS.Block | TS.SourceFile): number => {
    const directives = statements.findIndex((s) => !(ts.isExpressionStatement(s) && ts.isStringLiteral(s.expression)));
    return statements[(directives < 0 ? statements.length : directives) - 1]?.end ?? statements.pos;
  };
  const inBlock = (block: TS.Block): void => void insertions.push({ at: begin(block), text: ` ${CALL}` });
  const around = (node: TS.Node, before: string, after: string): void => {
    insertions.push({ at: node.getStart(source), text: before }, { at: node.end, text: after });
  };
  const visit = (node: TS.Node): void => {
    if (ts.isIterationStatement(node, false)) {
      if (ts.isBlock(node.statement)) inBlock(node.statement);
      else around(node.statement, `{ ${CALL} `, ' }');
    } else if (ts.isFunctionLike(node)) {
      const { body } = node as TS.FunctionLikeDeclaration;
      if (body !== undefined && ts.isBlock(body)) inBlock(body);
      else if (body !== undefined) around(body, `(${GUARD}(), `, ')');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  if (insertions.length > 0) insertions.unshift({ at: begin(source), text: HEAD });
  return insert(code, insertions);
}

/** Several insertions at one place: beginnings in the order found (outer before inner), ends in reverse. */
function insert(code: string, insertions: readonly Insertion[]): string {
  const closes = ({ text }: Insertion): boolean => text === ')' || text === ' }';
  const inOrder = insertions
    .map((insertion, found) => ({ ...insertion, found }))
    .sort((a, b) => a.at - b.at || Number(closes(b)) - Number(closes(a)) || (closes(a) ? b.found - a.found : a.found - b.found));
  const pieces: string[] = [];
  let from = 0;
  for (const { at, text } of inOrder) {
    pieces.push(code.slice(from, at), text);
    from = at;
  }
  return pieces.join('') + code.slice(from);
}

/** tslab's own TypeScript, which has compiled the cell. */
function typescript(): typeof TS {
  const require = createRequire(createRequire(import.meta.url).resolve('tslab/package.json'));
  return require('@tslab/typescript-for-tslab') as typeof TS;
}
