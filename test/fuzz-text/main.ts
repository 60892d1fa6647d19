/** `npm run fuzz:text [-- texts [seed]]`: texts of all kinds against the language; ends at the first that breaks it, with the shortest like it. */
import fc from 'fast-check';
import { checkText } from './check.js';
import { anyText } from './programs.js';

const [texts = '200000', seed = '1'] = process.argv.slice(2);
/** A round has a seed of its own, so that a failure is found again in no time. */
const ROUND = 5000;

const started = performance.now();
for (let done = 0, round = Number(seed); done < Number(texts); done += ROUND, round++) {
  const numRuns = Math.min(ROUND, Number(texts) - done);
  const result = fc.check(fc.property(anyText, checkText), { numRuns, seed: round });
  if (result.failed) {
    process.stdout.write(`${fc.defaultReportMessage(result) ?? ''}\nagain: npm run fuzz:text -- ${numRuns} ${round}\n`);
    process.exit(1);
  }
}
const seconds = (performance.now() - started) / 1000;
process.stdout.write(`${texts} texts from seed ${seed}: nothing broke, in ${seconds.toFixed(0)} s\n`);
