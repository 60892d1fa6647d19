import type { CompletionList } from '../api.js';
import type { Known } from '../model.js';
import type { Scope } from '../scope.js';
export interface CompleteContext { readonly machines: Known; readonly scope: Scope }
export function complete(_text: string, cursor: number, _context: CompleteContext): CompletionList {
  return { start: cursor, end: cursor, items: [] };
}
