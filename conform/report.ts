/** What a person reads after a replay: how much agrees, and the classes of disagreement, largest first. */
import { count } from '../machine/index.js';
import { FIELDS } from './compare.js';
import { isDeepStrictEqual } from './equal.js';
import type { Conformance, Disagreement } from './replay.js';

/** The object that `--json` prints. */
export function jsonReport(c: Conformance): object {
  return {
    scenarios: c.scenarios,
    ops: c.ops,
    agree: c.agree,
    disagree: c.disagree.map(({ scenario, op, field, recorded, simulated }) => ({ scenario, op, field, recorded, simulated })),
    fields: c.fields,
    ...(c.lost.length > 0 && { lost: c.lost }),
  };
}

interface Class {
  readonly title: string;
  readonly first: Disagreement;
  n: number;
}

const SHOWN_CLASSES = 12;
const SHOWN_LINES = 8;

/**
 * What a person reads: the share that agrees, field by field, and the kinds of disagreement, the most frequent first.
 * @param model the name of the model, for the first line
 */
export function textReport(c: Conformance, model: string): string {
  const lines = [`kernel ${model}: ${count(c.agree)} of ${count(c.ops)} operations in ${count(c.scenarios)} scenarios agree in every recorded field`];
  for (const field of FIELDS) {
    const { agree, of } = c.fields[field];
    if (of > 0) lines.push(`  ${field.padEnd(6)}${count(agree).padStart(9)} of ${count(of)}`);
  }
  if (c.lost.length > 0)
    lines.push(
      `  ${c.lost.length === 1 ? 'one scenario ends' : `${count(c.lost.length)} scenarios end`} early, the recorded process hung or dead by its own doing: ${c.lost.join(', ')}`,
    );
  const classes = classify(c.disagree);
  if (classes.length > 0) lines.push('', 'Disagreements by class, the largest first, each with its first example:');
  for (const { title, first, n } of classes.slice(0, SHOWN_CLASSES)) {
    lines.push('', `${count(n).padStart(7)}  ${title}`, `         ${first.scenario}, operation ${first.op}: ${first.words.join(' ')}`);
    if (first.unsupported === undefined) lines.push(...difference(first).map((l) => `         ${l}`));
  }
  if (classes.length > SHOWN_CLASSES) lines.push('', `... and ${classes.length - SHOWN_CLASSES} smaller classes`);
  return lines.join('\n');
}

/** Only the first step of a scenario that differs counts: the later differences follow from it. */
function classify(disagreements: readonly Disagreement[]): Class[] {
  const classes = new Map<string, Class>();
  let seen = '';
  for (const d of disagreements) {
    const key = d.scenario;
    if (key === seen) continue;
    seen = key;
    const title = d.unsupported === undefined ? `${d.words[0] ?? ''}: ${d.field} differs` : `the model lacks ${d.unsupported}`;
    const known = classes.get(title);
    if (known === undefined) classes.set(title, { title, first: d, n: 1 });
    else known.n += 1;
  }
  return [...classes.values()].sort((a, b) => b.n - a.n);
}

/** The parts of a field that differ: lists line by line, anything else whole. */
function difference({ recorded, simulated }: Pick<Disagreement, 'recorded' | 'simulated'>): string[] {
  if (isObject(recorded) && isObject(simulated)) {
    const keys = [...new Set([...Object.keys(recorded), ...Object.keys(simulated)])].filter((k) => !isDeepStrictEqual(recorded[k], simulated[k]));
    return keys.slice(0, SHOWN_LINES).flatMap((k) => difference({ recorded: recorded[k], simulated: simulated[k] }).map((line) => `${k}: ${line}`));
  }
  if (!Array.isArray(recorded) || !Array.isArray(simulated)) return [`recorded  ${text(recorded)}`, `simulated ${text(simulated)}`];
  const lines: string[] = [];
  for (let i = 0; i < Math.max(recorded.length, simulated.length) && lines.length < SHOWN_LINES; i++) {
    if (!isDeepStrictEqual(recorded[i], simulated[i])) lines.push(`recorded  [${i}] ${text(recorded[i])}`, `simulated [${i}] ${text(simulated[i])}`);
  }
  return lines;
}

const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
