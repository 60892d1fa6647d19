/** From what follows `kernel` to a model: releases and behaviours are the machines' to know. */
import type { BehaviourInfo, Machines, ModelSpec } from '../../machine/index.js';
import type { ModelExpression, Switch } from '../syntax/ast.js';
import type { Report } from '../messages/diagnostics.js';
import { closest } from '../messages/suggest.js';

export type Known = Pick<Machines, 'releases' | 'aliases' | 'behaviours'>;

const releaseNames = (known: Known): string[] => known.releases.map((r) => r.name);

/** `5.10 to 5.19, 6.0 to 6.2`: those that follow one another in one piece. */
function spans(names: readonly string[]): string[] {
  const runs: string[][] = [];
  for (const name of names) {
    const last = runs.at(-1);
    const [major = 0, minor = 0] = (last?.at(-1) ?? '').split('.').map(Number);
    if (last !== undefined && name === `${major}.${minor + 1}`) last.push(name);
    else runs.push([name]);
  }
  return runs.flatMap((run) => (run.length < 3 ? run : [`${run[0]} to ${run.at(-1)}`]));
}

/** The model, or undefined after saying what is wrong with it. */
export function resolveModel(model: ModelExpression, known: Known, report: Report): ModelSpec | undefined {
  const { text, span } = model.release;
  const names = releaseNames(known);
  let sound = true;
  if (text === 'host') {
    report(span, 'later-host', spans(names));
    sound = false;
  } else if (!isRelease(text, known)) {
    report(span, 'unknown-release', text, nearest(text, names), spans(names));
    sound = false;
  }
  const behaviours: Record<string, string> = {};
  for (const one of model.switches) {
    const value = resolveSwitch(one, known.behaviours, report);
    if (value === undefined) sound = false;
    else behaviours[one.name.text] = value;
  }
  return sound ? { release: text, behaviours } : undefined;
}

/** A release, any point release of its series, or a distribution's kernel. */
const isRelease = (text: string, { releases, aliases = [] }: Known): boolean =>
  releases.some((r) => r.name === text || (text.startsWith(`${r.name}.`) && /^\d+$/.test(text.slice(r.name.length + 1)))) || aliases.some((a) => a.name === text);

/** The release before a version that is not modelled, and the one after it. */
function nearest(text: string, names: readonly string[]): readonly string[] {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return [closest(text, names)].filter((name) => name !== undefined);
  const rank = (name: string): number => {
    const [a = 0, b = 0] = name.split('.').map(Number);
    return 1000 * a + b;
  };
  const asked = rank(`${major}.${minor}`);
  const sorted = [...names].sort((a, b) => rank(a) - rank(b));
  return [...new Set([sorted.findLast((name) => rank(name) <= asked), sorted.find((name) => rank(name) >= asked)])].filter((name) => name !== undefined);
}

function resolveSwitch({ name, value, off }: Switch, known: readonly BehaviourInfo[], report: Report): string | undefined {
  const behaviour = known.find((b) => b.name === name.text);
  if (behaviour === undefined) {
    const names = known.map((b) => b.name);
    report(name.span, 'unknown-behaviour', name.text, closest(name.text, names), names);
    return undefined;
  }
  if (off) {
    if (behaviour.off === null) report(name.span, 'behaviour-always-on', name.text, behaviour.values);
    return behaviour.off ?? undefined;
  }
  if (value === undefined) {
    const on = behaviour.values.filter((v) => v !== behaviour.off);
    if (on.length !== 1) report(name.span, 'behaviour-needs-value', name.text, behaviour.values);
    return on.length === 1 ? on[0] : undefined;
  }
  if (behaviour.values.includes(value.text)) return value.text;
  report(value.span, 'unknown-behaviour-value', name.text, value.text, closest(value.text, behaviour.values), behaviour.values);
  return undefined;
}
