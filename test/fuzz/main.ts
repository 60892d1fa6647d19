/**
 * The long campaign: `npm run fuzz -- --runs 100000 --release 6.12 [--seed N] [--path P]`.
 * A failure is shrunk, printed as calls, and can be run again with the seed and the path printed.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { opText, type Op } from '../../machine/index.js';
import { keepsContents, keepsItsRules, movesBack, realignIsInvisible } from './properties.js';
import { plainPrograms, programs } from './programs.js';

const RELEASES = ['5.10', '6.1', '6.12', '6.18', '7.3'];
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, release: { type: 'string' }, seed: { type: 'string' }, path: { type: 'string' }, property: { type: 'string' } },
});
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);

/** The program comes first among the arguments of every property. */
const PROPERTIES: Record<string, (release: string) => fc.IProperty<[Op[], ...unknown[]]>> = {
  rules: (release) => fc.property(programs, (ops) => keepsItsRules(release, ops)),
  contents: (release) => fc.property(plainPrograms, (ops) => keepsContents(release, ops)),
  'move-back': (release) =>
    fc.property(plainPrograms, fc.nat(9), fc.nat(40), fc.nat(40), (ops, pick, skip, pages) => movesBack(release, ops, pick, skip, pages)) as fc.IProperty<[Op[], ...unknown[]]>,
  realign: () => fc.property(plainPrograms, (ops) => realignIsInvisible(ops)),
};

let failed = false;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

for (const release of values.release === undefined ? RELEASES : [values.release]) {
  for (const [name, make] of Object.entries(PROPERTIES)) {
    if (values.property !== undefined && values.property !== name) continue;
    if (name === 'realign' && release !== '6.12') continue;
    const began = Date.now();
    const details = fc.check(make(release), { numRuns: Number(values.runs), seed, ...(values.path === undefined ? {} : { path: values.path }) });
    say(`kernel ${release}, ${name}: ${details.numRuns} programs in ${((Date.now() - began) / 1000).toFixed(1)} s, seed ${seed}${details.failed ? ': FAILED' : ''}`);
    if (!details.failed) continue;
    failed = true;
    const [ops, ...rest] = details.counterexample ?? [[]];
    for (const op of ops) say(`  ${opText(op)}`);
    if (rest.length > 0) say(`  with ${rest.join(', ')}`);
    say(details.errorInstance instanceof Error ? `  ${details.errorInstance.stack ?? details.errorInstance.message}` : String(details.errorInstance));
    say(`replay: npm run fuzz -- --release ${release} --property ${name} --seed ${seed} --path ${details.counterexamplePath ?? ''}`);
  }
}
process.exitCode = failed ? 1 : 0;
