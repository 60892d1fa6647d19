/** JSON as notebooks hold it. */

export const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/** True where the value of a MIME type is JSON itself, never text cut into lines. */
export const isJsonMime = (mime: string): boolean => mime.startsWith('application/') && /[/+]json$/.test(mime);

/** JSON with the keys of every object sorted, as Python's `sort_keys` has them. */
export function canonicalJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, (_key, part: unknown) => (isObject(part) ? sorted(part) : part), indent);
}

function sorted(object: Record<string, unknown>): object {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

export const without = (object: Readonly<Record<string, unknown>>, ...keys: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
