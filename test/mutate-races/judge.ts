/** Asks the catalogue and the gate of a model that may be wrong; exits with 1 at the first verdict that is another one. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSession } from '../../dsl/index.js';
import { createMachines } from '../../sim/index.js';
import { CASES, judge, nameOf } from '../gate/gate.js';

/** The triples, which take longest, are asked on the first of these only. */
const RELEASES = ['6.12', '6.1', '6.18'];
const folder = join(process.cwd(), 'test/races');

for (const file of readdirSync(folder).filter((f) => f.endsWith('.mremap'))) {
  const { ok, diagnostics } = await createSession(createMachines()).run(readFileSync(join(folder, file), 'utf8'), { mode: 'file' });
  if (!ok) found(`${file}:${diagnostics[0]?.line ?? 0} ${diagnostics[0]?.message ?? ''}`);
}
const pairs = RELEASES.flatMap((release) => CASES.filter((one) => one.release === release && one.actors.length === 2));
const triples = CASES.filter((one) => one.release === RELEASES[0] && one.actors.length > 2);
for (const one of [...pairs, ...triples]) {
  const { broken } = judge(one);
  if (broken.length > 0) found(`${nameOf(one)}: ${broken.join()}`);
}

function found(what: string): never {
  process.stdout.write(`${what}\n`);
  process.exit(1);
}
