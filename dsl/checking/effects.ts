/** What can be told from a text alone: which names cannot be bound, which expressions do something. */
import { assertUnreachable } from '../../machine/index.js';
import type { Expression } from '../syntax/ast.js';
import { CALLABLES } from '../vocabulary/calls.js';
import { VALUE_NAMES } from './check-expression.js';
import { CONSTANTS, isErrno } from '../vocabulary/constants.js';
import { KEYWORDS, UNITS } from '../syntax/tokens.js';

/** What a name is that it cannot be bound. */
export function reserved(name: string): string | undefined {
  if (KEYWORDS.includes(name)) return 'a keyword';
  if ((UNITS as readonly string[]).includes(name)) return 'a unit';
  if (CONSTANTS.has(name) || isErrno(name)) return 'a constant';
  if (VALUE_NAMES.has(name)) return 'a name of the language';
  return undefined;
}

/** True of an expression that does something. */
export function calls(e: Expression): boolean {
  switch (e.kind) {
    case 'call':
      return CALLABLES.get(e.callee.text)?.role !== 'query' || e.args.some(calls);
    case 'unary':
      return calls(e.operand);
    case 'binary':
      return calls(e.left) || calls(e.right);
    case 'range':
      return calls(e.from) || calls(e.to);
    case 'field':
      return calls(e.of);
    case 'index':
      return calls(e.of) || calls(e.index);
    case 'list':
      return e.items.some(calls);
    case 'struct':
    case 'integer':
    case 'string':
    case 'name':
      return false;
    default:
      return assertUnreachable(e);
  }
}
