/**
 * A Vega-Lite specification from elsewhere -> the part of it that draws. What is not on the list of what is allowed
 * falls out: options for whoever embeds the chart, links, pictures and data to load, elements of the page.
 */
import { SetupError } from '../../machine/index.js';
import type { VegaLiteSpec } from '../spec.js';
import { ALLOWED_NAMES } from './names.js';

/** Deeper than any chart that somebody wrote; what walks over it has a stack. */
const MOST_DEEP = 64;

type Fields = Readonly<Record<string, unknown>>;

/** @throws SetupError when it is no specification, wants something loaded, or is nested too deep */
export function cleanSpec(spec: unknown): VegaLiteSpec {
  if (!isFields(spec)) throw refusal('a specification is an object');
  return cleanFields(spec, 0) as unknown as VegaLiteSpec;
}

function clean(value: unknown, depth: number): unknown {
  if (depth > MOST_DEEP) throw refusal(`it is nested more than ${MOST_DEEP} deep`);
  if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
  if (isFields(value)) return cleanFields(value, depth);
  // A paint or a cursor that leads out of the document.
  return typeof value === 'string' && /url\(/i.test(value) ? '' : value;
}

function cleanFields(fields: Fields, depth: number): Fields {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'data' && isFields(value)) kept[name] = data(value, depth + 1);
    else if (name === 'params' && Array.isArray(value)) kept[name] = value.filter(isFields).map((param) => parameter(param, depth + 1));
    else if (VERBATIM.has(name)) kept[name] = plain(value, depth + 1);
    else if (ALLOWED_NAMES.has(name)) kept[name] = clean(value, depth + 1);
  }
  return kept;
}

/** Rows, whose columns may be called anything, and texts, which may say anything. */
const VERBATIM: ReadonlySet<string> = new Set(['values', 'datasets', 'parse', 'title', 'subtitle', 'description']);

function plain(value: unknown, depth: number): unknown {
  if (depth > MOST_DEEP) throw refusal(`it is nested more than ${MOST_DEEP} deep`);
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (!isFields(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part, depth + 1)]));
}

function data(value: Fields, depth: number): Fields {
  if (typeof value['url'] === 'string') throw elsewhere(value['url']);
  return cleanFields(value, depth);
}

/** A selection's first value names columns of the data, as rows do. */
function parameter(param: Fields, depth: number): Fields {
  const { value, bind } = param;
  return {
    ...cleanFields(param, depth),
    ...(value === undefined ? {} : { value: plain(value, depth + 1) }),
    ...(bind === undefined ? {} : { bind: binding(bind) }),
  };
}

/** What of an input element may be said: the rest become attributes of it, such as the address of a picture. */
const BINDING = new Set(['input', 'name', 'debounce', 'min', 'max', 'step', 'options', 'labels', 'placeholder']);
const INPUTS: ReadonlySet<unknown> = new Set(['checkbox', 'radio', 'range', 'select', 'text', 'number', 'color', 'date', 'time', 'month', 'week', 'datetime-local']);

function binding(bind: unknown): unknown {
  if (bind === 'scales' || bind === 'legend') return bind;
  if (!isFields(bind)) return undefined;
  // One a field of a selection, or one for the parameter.
  if (bind['input'] === undefined)
    return Object.fromEntries(Object.entries(bind).flatMap(([field, one]) => (isFields(one) && one['input'] !== undefined ? [[field, binding(one)]] : [])));
  return INPUTS.has(bind['input']) ? Object.fromEntries(Object.entries(bind).filter(([name, value]) => BINDING.has(name) && isPlainSetting(value))) : undefined;
}

const isPlainSetting = (value: unknown): boolean => (Array.isArray(value) ? value.every((item) => !Array.isArray(item) && isPlainSetting(item)) : typeof value !== 'object');

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

const refusal = (why: string): SetupError => new SetupError(`the chart cannot be drawn: ${why}`, 'it has to be a specification of Vega-Lite');

const elsewhere = (url: string): SetupError =>
  new SetupError(
    `the chart wants to load ${url.length > 200 ? `${url.slice(0, 200)}...` : url}, and charts are drawn without a network`,
    'put the data into the specification, as `values`',
  );
