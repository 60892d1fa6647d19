/** Flags that can be told from the text alone. */
import type { Expression } from '../syntax/ast.js';
import type { FlagKind, ParamKind } from '../../machine/index.js';
import { CONSTANTS, FLAGS } from './constants.js';

export const isFlagKind = (kind: ParamKind): kind is FlagKind => Object.hasOwn(FLAGS, kind);

/** What a name means in a place for flags; the short forms mean flags there and nowhere else. */
export const flagValue = (name: string, kind: FlagKind): bigint | undefined => FLAGS[kind].short.get(name) ?? CONSTANTS.get(name);

/** The value of flags joined by `|`; undefined when it depends on a name. */
export function foldFlags(e: Expression, kind: FlagKind): bigint | undefined {
  if (e.kind === 'integer') return e.unit === undefined ? e.value : undefined;
  if (e.kind === 'name') return flagValue(e.name, kind);
  if (e.kind !== 'binary' || e.operator !== '|') return undefined;
  const left = foldFlags(e.left, kind);
  const right = foldFlags(e.right, kind);
  return left === undefined || right === undefined ? undefined : left | right;
}
