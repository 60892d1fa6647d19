/** What somebody who knows another language probably meant by a token that cannot stand here. */
import type { IToken } from 'chevrotain';
import { Equals, Integer, isA, Newline, RangeLength, RangeTo, Unit, UNITS, Word } from './tokens.js';

const LOOP = 'a loop is `for x in a..b { ... }`';
const BINDING = 'a name is bound with `let x = ...`, or `x = ...`';
const FUNCTION = 'a function is `def f(x) { ... }`';

/** Words that begin statements elsewhere. */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ...['while', 'do', 'loop', 'repeat'].map((w) => [w, LOOP] as const),
  ...['var', 'const', 'int', 'long', 'void', 'char', 'size_t', 'auto'].map((w) => [w, BINDING] as const),
  ...['function', 'func', 'fn', 'fun'].map((w) => [w, FUNCTION] as const),
  ['assert', 'a claim is `expect a == b`'],
]);

/** A hint for `token`, which cannot stand behind `before`. */
export function slip(token: IToken, before: IToken | undefined): string | undefined {
  if (before === undefined || isA(before, Newline)) return token.image === '/' ? 'a comment begins with `#`' : undefined;
  const elsewhere = ELSEWHERE.get(before.image);
  if (elsewhere !== undefined && !isA(token, Equals)) return elsewhere;
  if (isA(before, Integer) && isA(token, Word)) return afterNumber(before.image, token.image);
  if (isA(before, Word) && isA(token, Unit)) return `write \`${before.image} * ${token.image}\`: only a number stands directly before a unit`;
  if (isA(token, RangeTo) || isA(token, RangeLength)) return 'a range is no value of its own: it is an argument, as in `vmas(a..b)`, or what `for` and `sweep` run over';
  return undefined;
}

/** `8 pages`, `4 KB` */
function afterNumber(digits: string, word: string): string | undefined {
  const unit = UNITS.find((u) => `${u}s` === word.toLowerCase());
  if (unit !== undefined) return `the unit is \`${unit}\`: write \`${digits} ${unit}\``;
  const suffix = /^([kmgt])(?:i?b)?$/i.exec(word)?.[1]?.toUpperCase();
  return suffix !== undefined && /^\d+$/.test(digits) ? `write \`${digits}${suffix}\`, without a space` : undefined;
}
