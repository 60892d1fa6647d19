/** What JSON that somebody else wrote has to look like, and the first place where it does not. */

export type Shape =
  | 'text'
  /** A number without a fraction. */
  | 'whole'
  /** This very text. */
  | '='
  /** A list, of so many at least. */
  | { readonly each: Shape; readonly least?: number }
  /** A list of so many, and perhaps one more. */
  | { readonly row: readonly Shape[]; readonly then?: Shape }
  /** An object that has these; others are passed over. */
  | { readonly fields: Readonly<Record<string, Shape | { readonly optional: Shape }>> }
  /** An object whose values all look so. */
  | { readonly values: Shape }
  | { readonly either: Shape; readonly or: Shape };

/** @returns `steps[3].ret: expected text, found 7`; undefined where all is as it should be */
export function wrongField(value: unknown, shape: Shape, path: string): string | undefined {
  const expected = (): string => `${path === '' ? 'the line' : path}: expected ${nameOf(shape)}, found ${found(value)}`;
  if (shape === 'text') return typeof value === 'string' ? undefined : expected();
  if (shape === 'whole') return Number.isInteger(value) ? undefined : expected();
  if (shape === '=') return value === '=' ? undefined : expected();
  if ('either' in shape) {
    if (wrongField(value, shape.either, path) === undefined) return undefined;
    // Of a list the place in it says more.
    return typeof value === 'object' ? wrongField(value, shape.or, path) : wrongField(value, shape.or, path) === undefined ? undefined : expected();
  }
  if ('each' in shape) {
    if (!Array.isArray(value) || value.length < (shape.least ?? 0)) return expected();
    return firstOf(value.entries(), ([i, item]) => wrongField(item, shape.each, `${path}[${i}]`));
  }
  if ('row' in shape) {
    if (!Array.isArray(value) || value.length < shape.row.length || value.length > shape.row.length + (shape.then === undefined ? 0 : 1)) return expected();
    return firstOf(value.entries(), ([i, item]) => wrongField(item, shape.row[i] ?? shape.then ?? 'text', `${path}[${i}]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return expected();
  const dot = path === '' ? '' : `${path}.`;
  if ('values' in shape) return firstOf(Object.entries(value), ([name, item]) => wrongField(item, shape.values, `${dot}${name}`));
  return firstOf(Object.entries(shape.fields), ([name, inner]) => {
    const item = (value as Record<string, unknown>)[name];
    if (typeof inner === 'object' && 'optional' in inner) return item === undefined ? undefined : wrongField(item, inner.optional, `${dot}${name}`);
    return wrongField(item, inner, `${dot}${name}`);
  });
}

function firstOf<T>(items: Iterable<T>, wrong: (item: T) => string | undefined): string | undefined {
  for (const item of items) {
    const what = wrong(item);
    if (what !== undefined) return what;
  }
  return undefined;
}

function nameOf(shape: Shape): string {
  if (shape === 'text') return 'text';
  if (shape === 'whole') return 'a whole number';
  if (shape === '=') return '"="';
  if ('either' in shape) return `${nameOf(shape.either)} or ${nameOf(shape.or)}`;
  if ('each' in shape) return (shape.least ?? 0) > 0 ? 'a list that is not empty' : 'a list';
  if ('row' in shape) return `a list of ${shape.row.length}${shape.then === undefined ? '' : ` or ${shape.row.length + 1}`}`;
  return 'an object';
}

const LONGEST = 60;

function found(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}
