/** What every specification must be: valid for the schema, and in what Vega-Lite 5 and 6 share. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import { compile } from 'vega-lite';
import type { VegaLiteSpec } from '../../plot/index.js';

let validate: ValidateFunction | undefined;

/** Vega-Lite's own schema; between 5.23 and 6.4 it differs in one thing: `format` may be an object in 6. */
export function schemaErrors(spec: VegaLiteSpec): string[] {
  validate ??= new Ajv({ strict: false, allErrors: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json'), 'utf8')) as object,
  );
  const plain = JSON.parse(JSON.stringify(spec)) as object;
  const wrong = validate(plain) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`);
  return [...wrong, ...newerThan5(plain)];
}

function newerThan5(part: unknown, path = ''): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => {
    if (key === 'values') return [];
    const here = `${path}/${key}`;
    if (key === 'format' && typeof value === 'object') return [`${here} is an object, which Vega-Lite 5 does not know`];
    return newerThan5(value, here);
  });
}

/** What vega-lite has to say about a specification. */
export function warningsOf(spec: VegaLiteSpec): string[] {
  const said: string[] = [];
  const logger = {
    level: () => logger,
    error: (...m: unknown[]) => (said.push(m.join(' ')), logger),
    warn: (...m: unknown[]) => (said.push(m.join(' ')), logger),
    info: () => logger,
    debug: () => logger,
  };
  compile(spec, { logger: logger as never });
  return said;
}

/** Rows of data anywhere in a specification: each becomes a mark. */
export function marksIn(part: unknown): number {
  if (typeof part !== 'object' || part === null) return 0;
  return Object.entries(part).reduce((n, [key, value]) => n + (key === 'values' && Array.isArray(value) && typeof value[0] === 'object' ? value.length : marksIn(value)), 0);
}
