/**
 * Random programs for the recorder: a seed and a profile give one scenario line,
 * `id|note|op arg arg;op arg;...`, always the same one. Each profile leans on other rules of the
 * kernel. Programs mostly use what they have mapped and cut it at the ends of what is there: calls
 * on empty addresses find nothing out.
 */
import { mmap } from './mapping-operations.js';
import { OPS, type OpName } from './operations.js';
import { PAGE } from './profile.js';
import { PROFILES } from './profiles.js';
import { Program } from './program.js';
import { hash, Random } from './random.js';

/**
 * What lies above T belongs to the recorder and must be left alone. Below it goes a mapping that is
 * larger than what a program can reach over the end of one the kernel placed.
 */
function ceiling(p: Program): void {
  const pages = 8 * Math.max(...p.profile.lengths) + p.random.pick([0, 0, 1, 3, 300]);
  const size = `0x${(pages * PAGE).toString(16)}`;
  p.emit('mmap', `T-${size}`, size, '-', 'SHARED|ANON|FIXED|NORESERVE');
}

/** The scenario line of one program. */
export function generate(profile: string, seed: number): string {
  const chosen = PROFILES[profile];
  if (chosen === undefined) throw new RangeError(`no profile is called ${profile}; there are: ${Object.keys(PROFILES).join(', ')}`);
  const random = new Random(Math.imul(seed + 1, 0x9e3779b1) ^ hash(profile));
  const program = new Program(random, chosen);
  const steps = random.between(...chosen.steps);
  ceiling(program);
  mmap(program);
  while (program.ops.length < steps) OPS[random.weighted<OpName>(chosen.ops)](program);
  return `${profile}_${seed}|seed ${seed}|${program.ops.join(';')}`;
}
