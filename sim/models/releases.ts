/**
 * The releases by name. What a release does follows from the table of behaviours: a mainline release
 * has the changes of all before it, and a point release what its stable series took over as well.
 */
import { BEHAVIOURS, type Behaviour, type Behaviours } from './behaviours/index.js';
import { functionsOf, type KernelFunctions } from './kernel-functions.js';
import { isBefore } from './series.js';

export interface Release {
  /** As the language names it. */
  readonly name: string;
  /** The point release whose recordings this model agrees with. */
  readonly recorded: string | null;
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

/** A release that nobody recorded: modelled as it came out, without later changes of its stable tree. */
const derived = (series: string): Release => ({ name: series, recorded: null, behaviours: behavioursAt(series, 0), functions: functionsOf(series) });

const recorded = (series: string, point: number): Release => ({
  name: series,
  recorded: `${series}.${point}`,
  behaviours: behavioursAt(series, point),
  functions: functionsOf(series),
});

export const RELEASES: readonly Release[] = [
  recorded('5.10', 223),
  recorded('6.1', 192),
  derived('6.3'),
  derived('6.7'),
  recorded('6.12', 117),
  derived('6.15'),
  derived('6.16'),
  derived('6.17'),
  recorded('6.18', 44),
  recorded('7.3', 4),
];

export const DEFAULT_RELEASE = '6.18';
