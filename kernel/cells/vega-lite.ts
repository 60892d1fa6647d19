/** Recognises a Vega-Lite specification that a user built, and makes it fit to send. */
export type Spec = Readonly<Record<string, unknown>>;

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';
const COMPOSED = ['layer', 'hconcat', 'vconcat', 'concat', 'repeat', 'facet'] as const;

export function isVegaLite(value: unknown): value is Spec {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { $schema, mark, data, encoding, spec } = value as Spec;
  if (typeof $schema === 'string') return $schema.includes('/vega-lite/');
  if (mark !== undefined) return data !== undefined || encoding !== undefined;
  return COMPOSED.some((key) => Array.isArray((value as Spec)[key])) || (spec !== undefined && ('repeat' in value || 'facet' in value));
}

/** Plain JSON with the schema that front ends know; addresses become numbers, as far as those are exact. */
export function toVegaLite(spec: Spec): Spec {
  const json = JSON.stringify(spec, (_key, value: unknown) => (typeof value === 'bigint' ? exact(value) : value));
  return { ...(JSON.parse(json) as Spec), $schema: SCHEMA };
}

const exact = (value: bigint): number | string => (BigInt(Number(value)) === value ? Number(value) : `0x${value.toString(16)}`);

/** For terminals: `Vega-Lite chart: bar of 12 rows, x=offset, y=pte`. */
export function chartSummary(spec: Spec): string {
  const title = typeof spec['title'] === 'string' ? ` "${spec['title']}"` : '';
  const { mark, data, encoding } = spec;
  const kind = typeof mark === 'string' ? mark : fieldOf(mark, 'type');
  const parts = [typeof kind === 'string' ? kind : (COMPOSED.find((key) => key in spec) ?? 'chart')];
  const values = fieldOf(data, 'values');
  if (Array.isArray(values)) parts[0] += ` of ${values.length} rows`;
  for (const [channel, definition] of Object.entries(isObject(encoding) ? encoding : {})) {
    const field = fieldOf(definition, 'field');
    if (typeof field === 'string') parts.push(`${channel}=${field}`);
  }
  return `Vega-Lite chart${title}: ${parts.join(', ')}`;
}

const isObject = (value: unknown): value is Spec => typeof value === 'object' && value !== null;

const fieldOf = (value: unknown, name: string): unknown => (isObject(value) ? value[name] : undefined);
