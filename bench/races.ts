/**
 * How fast races are explored: `npm run bench:races`. Steps a second of CPU time, three actors, of the
 * catalogue's size: every interleaving, reduced and plain.
 */
import { MAP, MREMAP, PROT, type Op, type Race } from '../machine/index.js';
import { enumerate } from '../sim/explore/search/plain.js';
import { exploreReduced } from '../sim/explore/search/reduced.js';
import { project } from '../sim/explore/project.js';
import { Stepper } from '../sim/explore/stepper.js';
import { SimulatedMachine } from '../sim/machine.js';
import type { Mm } from '../sim/vma/mm.js';

const G = 1n << 30n;
const P = 4096n;
const LIMITS = { steps: 50_000_000, states: 2_000_000 };

const setup: Op[] = [
  { name: 'memfd', file: 'f', size: 2n * P },
  { name: 'mmap', addr: G, length: 2n * P, prot: PROT.PROT_READ | PROT.PROT_WRITE, flags: MAP.MAP_SHARED | MAP.MAP_FIXED, fd: 3, offset: 0n },
  { name: 'poke', addr: G, byte: 1 },
  { name: 'poke', addr: G + P, byte: 2 },
];
const race: Race = {
  name: 'bench',
  threads: [
    { name: 'mover', ops: [{ name: 'mremap', old_address: G, old_size: 2n * P, new_size: 2n * P, flags: MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED, new_address: 2n * G }] },
    { name: 'truncate', ops: [{ name: 'ftruncate', fd: 3, length: 0n }] },
    {
      name: 'user',
      ops: [
        { name: 'poke', addr: G, byte: 7 },
        { name: 'poke', addr: 2n * G + P, byte: 8 },
      ],
    },
  ],
};

const machine = new SimulatedMachine({ release: '6.12', behaviours: { move_ptes_flush_under_ptl: 'no' } }, { steps: false });
for (const op of setup) machine.perform(op);
const stepper = (): Stepper => new Stepper(project(Reflect.get(machine, 'mm') as Mm, race).scene);

function measure(name: string, run: () => { steps: number; text: string }): void {
  run();
  const before = process.cpuUsage();
  const began = performance.now();
  const { steps, text } = run();
  const used = process.cpuUsage(before);
  const seconds = (used.user + used.system) / 1e6;
  process.stdout.write(
    `${name}: ${steps} steps in ${seconds.toFixed(2)} s of CPU (${((performance.now() - began) / 1000).toFixed(2)} s): ${Math.round(steps / seconds)} steps a second; ${text}\n`,
  );
}

measure('reduced', () => {
  const s = stepper();
  const search = exploreReduced(s, LIMITS);
  let turn = search.next();
  while (turn.done !== true) turn = search.next();
  const { finals, schedules, states, bound } = turn.value;
  return { steps: s.steps, text: `${schedules} schedules, ${states} states, ${finals.length} final states${bound !== null ? ', bounded' : ''}` };
});
measure('plain', () => {
  const s = stepper();
  const { finals, schedules, states, bounded } = enumerate(s, LIMITS);
  return { steps: s.steps, text: `${schedules} schedules, ${states} states, ${finals.length} final states${bounded ? ', bounded' : ''}` };
});
