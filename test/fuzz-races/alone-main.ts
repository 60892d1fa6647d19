/** `npm run fuzz:alone [-- FIRST COUNT [CALLS]]`: random calls, each as the only one of a race, against the machine's own. */
import { alone } from './alone.js';

const [first = 1, count = 100_000, calls = 1] = process.argv.slice(2).map(Number);
const refusals = new Map<string, number>();
const differing = new Map<string, number>();
let [refused, different] = [0, 0];
const began = performance.now();
for (let seed = first; seed < first + count; seed++) {
  const a = alone(seed, calls);
  if (a.refused !== null) {
    refused++;
    const why = `${a.call}: ${a.refused.replace(/\d+|0x[0-9a-f]+/g, 'N')}`;
    refusals.set(why, (refusals.get(why) ?? 0) + 1);
  }
  if (a.differences.length === 0) continue;
  different++;

  differing.set(a.call, (differing.get(a.call) ?? 0) + 1);
  if (differing.get(a.call) === 1) process.stdout.write(`${a.text}\n${a.differences.join('\n')}\n\n`);
}
const list = (counts: ReadonlyMap<string, number>): string => [...counts].sort((a, b) => b[1] - a[1]).map(([what, n]) => `  ${n} ${what}\n`).join(''); // prettier-ignore
process.stdout.write(
  `${count} calls from seed ${first}: ${different} differ, ${refused} (${((100 * refused) / count).toFixed(1)} %) are not modelled in races; ${((performance.now() - began) / 1000).toFixed(1)} s\n`,
);
process.stdout.write(`differ:\n${list(differing)}not modelled:\n${list(refusals)}`);
if (different > 0) process.exitCode = 1;
