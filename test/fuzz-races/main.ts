/** `npm run fuzz:races [-- FIRST COUNT]`: the reduced search against plain enumeration, on many random races. */
import { SetupError } from '../../machine/index.js';
import { compareSearches, type Compared } from './compare.js';

const [first = 1, count = 2000] = process.argv.slice(2).map(Number);
const totals = { races: 0, finals: 0, broken: 0, run: 0, all: 0n, plainSteps: 0, reducedSteps: 0, large: 0 };
const ratios: number[] = [];

/** Null for a race that asks for more than is modelled. */
function within(seed: number): Compared | null {
  try {
    return compareSearches(seed);
  } catch (error) {
    if (error instanceof SetupError) return null;
    throw new Error(`seed ${seed}`, { cause: error });
  }
}

const began = performance.now();
for (let seed = first; seed < first + count; seed++) {
  const c = within(seed);
  if (c === null) {
    totals.large++;
    continue;
  }
  if (c.differences.length > 0) {
    process.stdout.write(`seed ${seed}: ${c.text}\n${c.differences.slice(0, 4).join('\n')}\n`);
    process.exitCode = 1;
    break;
  }
  totals.races++;
  totals.finals += c.finals;
  totals.broken += c.broken > 0 ? 1 : 0;
  totals.run += c.run;
  totals.all += c.all;
  totals.plainSteps += c.plainSteps;
  totals.reducedSteps += c.reducedSteps;
  ratios.push(Number(c.all) / c.run);
}
ratios.sort((a, b) => a - b);
const seconds = (performance.now() - began) / 1000;
process.stdout.write(
  `${totals.races} races agree (${totals.large} were too large): ${totals.finals} final states, something broken in ${totals.broken} races; ` +
    `${totals.run} schedules run of ${totals.all} (median 1 of ${(ratios[ratios.length >> 1] ?? 0).toFixed(1)}), ` +
    `${totals.reducedSteps} steps against ${totals.plainSteps}; ${seconds.toFixed(1)} s\n`,
);
