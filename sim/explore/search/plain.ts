/** Every interleaving, one step at a time: what the reduced search is measured against. */
import type { Stepper } from '../stepper.js';
import { Visited } from './visited.js';
import type { Limits } from './reduced.js';

export interface Enumerated {
  readonly finals: readonly Uint16Array[];
  /** How many schedules there are in all. */
  readonly schedules: bigint;
  readonly states: number;
  readonly bounded: boolean;
}

interface Node {
  readonly state: Uint16Array;
  schedules: bigint;
}

/** Visits every state there is; schedules are counted, not run. */
export function enumerate(stepper: Stepper, limits: Limits): Enumerated {
  const nodes = new Visited<Node>();
  const finals: Uint16Array[] = [];
  const stack: { node: Node; children: Uint16Array[] }[] = [];
  enter(stepper.scene.start);
  let schedules = 0n;
  for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
    if (stepper.steps > limits.steps || nodes.size > limits.states) return { finals, schedules, states: nodes.size, bounded: true };
    const child = top.children.pop();
    if (child === undefined) {
      stack.pop();
      schedules = top.node.schedules;
      const below = stack.at(-1);
      if (below !== undefined) below.node.schedules += top.node.schedules;
      continue;
    }
    const known = nodes.get(child);
    if (known !== undefined) top.node.schedules += known.schedules;
    else enter(child);
  }
  return { finals, schedules, states: nodes.size, bounded: false };

  function enter(state: Uint16Array): void {
    const children = stepper.actors.map((a) => stepper.next(state, a)).filter((t) => t.enabled).map((t) => t.after); // prettier-ignore
    const node: Node = { state, schedules: children.length === 0 ? 1n : 0n };
    if (children.length === 0) finals.push(state);
    nodes.add(node);
    stack.push({ node, children });
  }
}
