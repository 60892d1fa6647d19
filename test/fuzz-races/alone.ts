/** A race of one thread has one outcome: what the machine itself does. Or it is refused as not modelled. */
import { SetupError, type AddressSpace, type Op, type Race, type RaceReport, type Result } from '../../machine/index.js';
import type { SimulatedMachine } from '../../sim/machine.js';
import { callsApart, randomCall } from './random-call.js';

export interface Alone {
  readonly text: string;
  readonly call: string;
  /** Why it may not be in a race; null where it may. */
  readonly refused: string | null;
  /** Why the two are not compared: what a race has and the machine has not. */
  readonly apart: string | null;
  /** What differs; empty when both agree. */
  readonly differences: readonly string[];
}

export function alone(seed: number, calls = 1): Alone {
  const { machine, setup, ops, text } = randomCall(seed, calls);
  const call = ops.map((op) => op.name).join(', ');
  let report: RaceReport;
  try {
    report = explored(machine, { name: 'alone', threads: [{ name: 'one', ops }] });
  } catch (error) {
    if (error instanceof SetupError) return { text, call, refused: error.message, apart: null, differences: [] };
    throw new Error(text, { cause: error });
  }
  const apart = ops.some((op) => reclaimsFiles(machine, op)) ? 'races reclaim and migrate pages of files too' : null;
  if (apart !== null) return { text, call, refused: null, apart, differences: [] };
  const results = ops.map((op) => machine.perform(op).result);
  if (report.finals.length !== 1) return { text, call, refused: null, apart, differences: [`${report.finals.length} final states`] };
  const [final] = report.finals;
  const differences = results.flatMap((result, i) => compare(`result ${i}`, shown(final?.results[0]?.[i]), shown(result)));
  return { text, call, refused: null, apart, differences: [...differences, ...compareSpaces(machine, final?.space(), report.pages, !sharesSwap([...setup, ...ops]))] };
}

/** swap_out and migrate of the machine take anonymous pages only. */
function reclaimsFiles(machine: SimulatedMachine, op: Op): boolean {
  if (op.name !== 'swap_out' && op.name !== 'migrate') return false;
  const page = (at: bigint): number => Number(at >> BigInt(machine.geometry.pageShift));
  return [...machine.space().vmas(page(op.addr), page(op.addr + op.length) + 1)].some((v) => v.object !== null);
}

export function explored(machine: SimulatedMachine, race: Race): RaceReport {
  const exploration = machine.explore(race);
  for (;;) {
    const turn = exploration.next();
    if (turn.done === true) return turn.value;
  }
}

/** A page that two processes have in swap: when one takes it back the machine counts the other's swap entry as a mapping. */
const sharesSwap = (ops: readonly Op[]): boolean => ['fork', 'swap_out'].every((name) => ops.some((op) => op.name === name));

/**
 * Both spaces, as far as the race has pages.
 * @param shared whether it counts how often a page is mapped
 */
export function compareSpaces(machine: SimulatedMachine, raced: AddressSpace | undefined, pages: readonly bigint[], shared = true): string[] {
  if (raced === undefined) return ['no final state'];
  const numbers = pages.map((p) => Number(p >> BigInt(machine.geometry.pageShift)));
  const [a, b] = [seen(raced, numbers, machine, shared), seen(machine.space(), numbers, machine, shared)];
  return Object.keys(b).flatMap((part) => compare(part, JSON.stringify(a[part as keyof typeof a]), JSON.stringify(b[part as keyof typeof b])));
}

const compare = (what: string, race: string, machine: string): string[] => (race === machine ? [] : [`${what}\n  race:    ${race}\n  machine: ${machine}`]);

const shown = (result: Result | { kind: string } | null | undefined): string => {
  if (result === null || result === undefined) return 'none';
  if (result.kind === 'value') return String((result as { value: bigint }).value);
  return result.kind === 'errno' ? (result as { errno: string }).errno : (result as { signal: string }).signal;
};

/** VMAs, pages and counters, without identities: only who is like whom. */
function seen(space: AddressSpace, pages: readonly number[], machine: SimulatedMachine, shared: boolean) {
  const { totalVm, dataVm, lockedVm, committed } = space.usage;
  const named = new Map<number | null, number>();
  const name = (id: number | null): number | null => (id === null ? null : (named.get(id) ?? named.set(id, named.size).get(id) ?? null));
  return {
    vmas: [...space.vmas()].map((v) => [v.start, v.end, v.pgoff, v.perms, v.vmFlags, v.object === null, name(v.anonVma), v.chainLength]),
    pages: pages.flatMap((p) =>
      [...space.pages(p, p + 1)].map((run) => [p, shared ? run.kind : run.kind.toLowerCase(), space.byteAt(BigInt(p) << BigInt(machine.geometry.pageShift))]),
    ),
    mapCount: space.mapCount,
    usage: { totalVm, dataVm, lockedVm, committed },
  };
}

/**
 * Two threads, each with one call and memory of its own that the other does not come near: whatever the
 * order, both come out as on a machine that makes one call after the other.
 */
export function apart(seed: number): Alone {
  const { machine, setup, ops, text } = callsApart(seed);
  const call = ops.map((op) => op.name).join(' | ');
  let report: RaceReport;
  try {
    report = explored(machine, { name: 'apart', threads: ops.map((op, i) => ({ name: `t${i}`, ops: [op] })) });
  } catch (error) {
    if (error instanceof SetupError) return { text, call, refused: error.message, apart: null, differences: [] };
    throw new Error(text, { cause: error });
  }
  if (ops.some((op) => reclaimsFiles(machine, op))) return { text, call, refused: null, apart: 'races reclaim and migrate pages of files too', differences: [] };
  const results = ops.map((op) => machine.perform(op).result);
  if (report.bound !== null) return { text, call, refused: 'too large', apart: null, differences: [] };
  const differences = report.finals.flatMap((final, n) => [
    ...results.flatMap((result, i) => compare(`final state ${n}, result ${i}`, shown(final.results[i]?.[0]), shown(result))),
    ...compareSpaces(machine, final.space(), report.pages, !sharesSwap([...setup, ...ops])),
  ]);
  return { text, call, refused: null, apart: null, differences };
}
