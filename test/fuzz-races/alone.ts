/** A race of one thread has one outcome: what the machine itself does. Or it is refused as not modelled. */
import { SetupError, type AddressSpace, type Race, type RaceReport, type Result } from '../../machine/index.js';
import type { SimulatedMachine } from '../../sim/machine.js';
import { randomCall } from './random-call.js';

export interface Alone {
  readonly text: string;
  readonly call: string;
  /** Why it may not be in a race; null where it may. */
  readonly refused: string | null;
  /** What differs; empty when both agree. */
  readonly differences: readonly string[];
}

export function alone(seed: number, calls = 1): Alone {
  const { machine, ops, text } = randomCall(seed, calls);
  const call = ops.map((op) => op.name).join(', ');
  let report: RaceReport;
  try {
    report = explored(machine, { name: 'alone', threads: [{ name: 'one', ops }] });
  } catch (error) {
    if (error instanceof SetupError) return { text, call, refused: error.message, differences: [] };
    throw new Error(text, { cause: error });
  }
  const results = ops.map((op) => machine.perform(op).result);
  if (report.finals.length !== 1) return { text, call, refused: null, differences: [`${report.finals.length} final states`] };
  const [final] = report.finals;
  const differences = results.flatMap((result, i) => compare(`result ${i}`, shown(final?.results[0]?.[i]), shown(result)));
  return { text, call, refused: null, differences: [...differences, ...compareSpaces(machine, final?.space(), report.pages)] };
}

export function explored(machine: SimulatedMachine, race: Race): RaceReport {
  const exploration = machine.explore(race);
  for (;;) {
    const turn = exploration.next();
    if (turn.done === true) return turn.value;
  }
}

/** Both spaces, as far as the race has pages. */
export function compareSpaces(machine: SimulatedMachine, raced: AddressSpace | undefined, pages: readonly bigint[]): string[] {
  if (raced === undefined) return ['no final state'];
  const numbers = pages.map((p) => Number(p >> BigInt(machine.geometry.pageShift)));
  const [a, b] = [seen(raced, numbers, machine), seen(machine.space(), numbers, machine)];
  return Object.keys(b).flatMap((part) => compare(part, JSON.stringify(a[part as keyof typeof a]), JSON.stringify(b[part as keyof typeof b])));
}

const compare = (what: string, race: string, machine: string): string[] => (race === machine ? [] : [`${what}\n  race:    ${race}\n  machine: ${machine}`]);

const shown = (result: Result | { kind: string } | null | undefined): string => {
  if (result === null || result === undefined) return 'none';
  if (result.kind === 'value') return String((result as { value: bigint }).value);
  return result.kind === 'errno' ? (result as { errno: string }).errno : (result as { signal: string }).signal;
};

/** VMAs, pages and counters, without identities: only who is like whom. */
function seen(space: AddressSpace, pages: readonly number[], machine: SimulatedMachine) {
  const { totalVm, dataVm, lockedVm, committed } = space.usage;
  const named = new Map<number | null, number>();
  const name = (id: number | null): number | null => (id === null ? null : (named.get(id) ?? named.set(id, named.size).get(id) ?? null));
  return {
    vmas: [...space.vmas()].map((v) => [v.start, v.end, v.pgoff, v.perms, v.vmFlags, v.object === null, name(v.anonVma), v.chainLength]),
    pages: pages.flatMap((p) => [...space.pages(p, p + 1)].map((run) => [p, run.kind, space.byteAt(BigInt(p) << BigInt(machine.geometry.pageShift))])),
    mapCount: space.mapCount,
    usage: { totalVm, dataVm, lockedVm, committed },
  };
}
