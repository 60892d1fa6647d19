/**
 * `npm run mutate:races [-- FILE|NUMBER ...]`: leaves out one lock, flush, second look or wait of the explorer's
 * actors at a time, and asks whether a verdict changes in the catalogue or the gate. What survives is
 * equivalent, or a scenario or an invariant is missing: docs/races.md judges it.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { mutantsOf, type Mutant } from './operators.js';

const ROOT = process.cwd();
const FILES = ['sim/explore/memory.ts', 'sim/explore/vmas.ts', ...readdirSync('sim/explore/actors').map((f) => `sim/explore/actors/${f}`)].filter((f) => !f.endsWith('kit.ts'));
const SECONDS = 300;
const LATE = 'no verdict';
const all = FILES.flatMap((file) => mutantsOf(file, readFileSync(file, 'utf8')));
const words = process.argv.slice(2);
const chosen = all.map((mutant, i) => ({ mutant, i })).filter(({ mutant, i }) => words.length === 0 || words.some((word) => mutant.file.includes(word) || String(i) === word));
const totals = { noticed: 0, survive: 0, late: 0 };
const outdir = mkdirIn('out/mutants');

const queue = [...chosen];
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
process.stdout.write(
  `${totals.noticed} of ${totals.noticed + totals.survive + totals.late} noticed, ${totals.survive} survive, ${totals.late} without a verdict in ${SECONDS} s\n`,
);

async function work(): Promise<void> {
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { mutant, i } = next;
    const said = await verdictOn(mutant, i);
    const word = said === null ? 'survive' : said === LATE ? 'late' : 'noticed';
    totals[word]++;
    process.stdout.write(`${i} ${word} ${mutant.file}:${mutant.line} ${mutant.what}: ${mutant.was}${said === null ? '' : ` | ${said}`}\n`);
  }
}

/** The first verdict that changed; null for none. */
async function verdictOn({ file, text }: Mutant, i: number): Promise<string | null> {
  const outfile = join(outdir, `${i}.mjs`);
  const steal = relative(join(ROOT, file, '..'), join(ROOT, 'test/mutate-races/steal.js'));
  const contents = `import { readAnyway, stealRead, stealWrite, takeAnyway } from './${steal}';\n${text}`;
  await build({
    entryPoints: ['test/mutate-races/judge.ts'],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile,
    logLevel: 'silent',
    plugins: [{ name: 'mutant', setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, ({ path }) => (path === resolve(file) ? { contents, loader: 'ts' } : undefined)) }],
  });
  return new Promise((done) => {
    const child = spawn('nice', [process.execPath, outfile], { stdio: ['ignore', 'pipe', 'pipe'], timeout: SECONDS * 1000 });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.on('close', (code, signal) => {
      if (code === 0) done(null);
      else if (signal !== null) done(LATE);
      // An error that the model itself notices has its own line among those of Node.
      else done(out.split('\n').find((line) => /^\w*(?:Error|Violation): |\.mremap:|^6\./.test(line)) ?? out.slice(0, 200));
    });
  });
}

function mkdirIn(dir: string): string {
  mkdirSync(dir, { recursive: true });
  return dir;
}
