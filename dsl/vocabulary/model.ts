/** From what follows `kernel` to a model: releases and behaviours are the machines' to know. */
import type { BehaviourInfo, Machines, ModelSpec } from '../../machine/index.js';
import type { ModelExpression, Switch } from '../syntax/ast.js';
import type { Report } from '../messages/diagnostics.js';
import { closest } from '../messages/suggest.js';

export type Known = Pick<Machines, 'releases' | 'behaviours'>;

const releaseNames = (known: Known): string[] => known.releases.map((r) => r.name);

/** The model, or undefined after saying what is wrong with it. */
export function resolveModel(model: ModelExpression, known: Known, report: Report): ModelSpec | undefined {
  const { text, span } = model.release;
  const names = releaseNames(known);
  let sound = true;
  if (text === 'host') {
    report(span, 'later-host', names);
    sound = false;
  } else if (!known.releases.some((r) => r.name === text || r.recorded === text)) {
    report(span, 'unknown-release', text, closestRelease(text, names), names);
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

/** `6.12.5` is more likely meant as 6.12 than as any release one digit away. */
function closestRelease(text: string, names: readonly string[]): string | undefined {
  return names.find((name) => text.startsWith(`${name}.`) || text.startsWith(`${name}-`)) ?? closest(text, names);
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
