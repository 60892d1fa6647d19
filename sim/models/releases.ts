/**
 * The releases by name. What a release does follows from the table of behaviours: a mainline release
 * has the changes of all before it, and a point release what its stable series took over as well.
 */
import { distribution } from './aliases.js';
import { BEHAVIOURS, type Behaviour, type Behaviours } from './behaviours/index.js';
import { functionsOf, type KernelFunctions } from './kernel-functions.js';
import { isBefore } from './series.js';

export interface Release {
  /** As the language names it. */
  readonly name: string;
  /** The point release whose recordings this model agrees with. */
  readonly recorded: string | null;
  /** What it was asked for as, when that is not a release: `Ubuntu 24.04`. */
  readonly alias?: string;
  readonly behaviours: Behaviours;
  readonly functions: KernelFunctions;
}

/** The values of a release: those of series.0, and what its stable tree had taken over up to the point release. */
export function behavioursAt(series: string, point: number): Behaviours {
  const valueOf = ({ initially, changes = [] }: Behaviour): string => {
    const has = changes.findLast(({ release, stable }) => (release !== null && !isBefore(series, release)) || (stable?.[series] ?? Infinity) <= point);
    return has?.value ?? initially;
  };
  return Object.fromEntries(Object.entries(BEHAVIOURS).map(([name, behaviour]) => [name, valueOf(behaviour)])) as Behaviours;
}

const made = (name: string, series: string, point: number, recorded: string | null): Release => ({
  name,
  recorded,
  behaviours: behavioursAt(series, point),
  functions: functionsOf(series),
});

/** A release that nobody recorded: modelled as it came out, without later changes of its stable tree. */
const derived = (series: string): Release => made(series, series, 0, null);
/** By the name of its series: the point release that was recorded. */
const recorded = (series: string, point: number): Release => made(series, series, point, `${series}.${point}`);

export const RELEASES: readonly Release[] = [
  recorded('5.10', 223),
  ...['5.11', '5.12', '5.13', '5.14', '5.15', '5.16', '5.17', '5.18', '5.19', '6.0'].map(derived),
  recorded('6.1', 192),
  ...['6.2', '6.3', '6.4', '6.5', '6.6', '6.7', '6.8', '6.9', '6.10', '6.11'].map(derived),
  recorded('6.12', 117),
  ...['6.13', '6.14', '6.15', '6.16', '6.17'].map(derived),
  recorded('6.18', 44),
  ...['6.19', '7.0', '7.1', '7.2'].map(derived),
  recorded('7.3', 4),
];

/**
 * A series (`6.12`), a recorded point release (`6.12.117`), any other one (`6.1.0`: what is known of its
 * stable tree by then), or a distribution's kernel (`ubuntu-24.04`); undefined for anything else.
 */
export function findRelease(name: string): Release | undefined {
  const known = RELEASES.find((r) => r.name === name || r.recorded === name);
  if (known !== undefined) return known;
  const found = distribution(name);
  if (found !== undefined) {
    const release = RELEASES.find((r) => r.name === found.series);
    return release && { ...release, alias: found.product };
  }
  const [, series = '', point = ''] = /^(\d+\.\d+)\.(\d+)$/.exec(name) ?? [];
  return RELEASES.some((r) => r.name === series) ? made(name, series, Number(point), null) : undefined;
}

/** The newest one that was recorded. */
export const DEFAULT_RELEASE = '6.18';
