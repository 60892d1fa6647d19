/**
 * Tries every read of a behaviour without it: the read is replaced by each value of the behaviour in turn, as if the
 * code never asked, and some test has to fail. `npm run mutate:behaviours`; options: --only NAME, --file PART, --quick
 * (the tests of releases alone), --list. A copy of the sources is changed, in out/mutate-behaviours, never the sources.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BEHAVIOURS, type Behaviour } from '../../sim/models/behaviours/index.js';

const { values: options } = parseArgs({
  options: { only: { type: 'string' }, file: { type: 'string' }, quick: { type: 'boolean', default: false }, list: { type: 'boolean', default: false } },
});

const COPY = 'out/mutate-behaviours';
const SOURCES = ['machine', 'sim', 'dsl', 'conform', 'plot', 'session', 'test', 'docs', 'package.json', 'tsconfig.json', 'vitest.config.ts'];
/** First those that are quick and know releases, then all that hold the model. */
const QUICK = ['test/sim/neighbours.test.ts', 'test/sim/releases.test.ts', 'test/sim/release-5.10.test.ts', 'test/sim/mremap.test.ts', 'test/sim/relocate-anon.test.ts'];
const ALL = ['test/sim', 'test/races', 'test/steps', 'test/conform'];

interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly behaviour: string;
  readonly value: string;
  readonly source: string;
}

function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (path.endsWith('.ts')) yield path;
  }
}

/** A read is `mm.behaviours.NAME`, `w.behaviours.NAME` or `behaviours.NAME`. */
function* mutants(): Generator<Mutant> {
  for (const file of filesIn('sim')) {
    if (file.startsWith(join('sim', 'models')) || !file.includes(options.file ?? '')) continue;
    const text = readFileSync(file, 'utf8');
    for (const read of text.matchAll(/(?:[\w.]+\.)?\bbehaviours\.(\w+)/g)) {
      const name = read[1] ?? '';
      if (!Object.hasOwn(BEHAVIOURS, name) || (options.only !== undefined && options.only !== name)) continue;
      const line = text.slice(0, read.index).split('\n').length;
      for (const value of (BEHAVIOURS[name as keyof typeof BEHAVIOURS] as Behaviour).values) {
        yield { file, line, behaviour: name, value, source: `${text.slice(0, read.index)}('${value}' as string as never)${text.slice(read.index + read[0].length)}` };
      }
    }
  }
}

function copySources(): void {
  rmSync(COPY, { recursive: true, force: true });
  mkdirSync(COPY, { recursive: true });
  for (const source of SOURCES) if (existsSync(source)) cpSync(source, join(COPY, source), { recursive: true });
  symlinkSync(join(process.cwd(), 'node_modules'), join(COPY, 'node_modules'));
}

/** Whether all tests pass: then nobody has noticed. */
const passes = (tests: readonly string[]): boolean => spawnSync('npx', ['vitest', 'run', '--bail', '1', ...tests], { cwd: COPY, stdio: 'ignore' }).status === 0;

const all = [...mutants()];
if (options.list) {
  for (const m of all) process.stdout.write(`${m.file}:${m.line} ${m.behaviour}=${m.value}\n`);
  process.stdout.write(`${all.length} mutants\n`);
} else {
  copySources();
  if (!passes(QUICK) || (!options.quick && !passes(ALL))) throw new Error('the tests fail as it is: nothing can be told by them');
  const survivors: Mutant[] = [];
  for (const [i, m] of all.entries()) {
    const path = join(COPY, m.file);
    const original = readFileSync(path, 'utf8');
    writeFileSync(path, m.source);
    const survives = passes(QUICK) && (options.quick || passes(ALL));
    writeFileSync(path, original);
    if (survives) survivors.push(m);
    process.stdout.write(`${i + 1}/${all.length} ${survives ? 'SURVIVES' : 'noticed'} ${m.file}:${m.line} ${m.behaviour}=${m.value}\n`);
  }
  process.stdout.write(`${all.length - survivors.length} of ${all.length} noticed${options.quick ? ', by the tests of releases alone' : ''}\n`);
  for (const s of survivors) process.stdout.write(`  ${s.file}:${s.line} ${s.behaviour}=${s.value}\n`);
}
