/** Names of sessions. */
import { distance } from 'fastest-levenshtein';
import { messages } from './messages.js';

export const LONGEST_NAME = 32;

const NAME = new RegExp(`^[A-Za-z0-9][A-Za-z0-9._-]{0,${LONGEST_NAME - 1}}$`);

/** @throws SetupError */
export function checkName(name: string): string {
  if (!NAME.test(name)) throw messages.badName(name);
  return name;
}

/** Makes a name of a text, such as a notebook's; room is left for a number behind it. */
export function nameFrom(text: string, otherwise: string): string {
  const name = text
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[._-]+/, '')
    .slice(0, LONGEST_NAME - 4)
    .replace(/(?<![._-])[._-]+$/, '');
  return name === '' ? otherwise : name;
}

/** `name`, `name-2`, `name-3`... */
export function* numbered(name: string): Generator<string> {
  yield name;
  for (let n = 2; ; n++) yield `${name.slice(0, LONGEST_NAME - 1 - String(n).length)}-${n}`;
}

/** The name that somebody who wrote `typed` most likely meant. */
export function nearest(typed: string, names: readonly string[]): string | undefined {
  const [best] = names.map((name) => ({ name, far: distance(typed.toLowerCase(), name.toLowerCase()) })).sort((a, b) => a.far - b.far);
  return best !== undefined && best.far <= Math.max(2, typed.length / 3) ? best.name : undefined;
}
