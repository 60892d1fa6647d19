/** The package as npm would publish it: how large it is, what it holds, and whether another project can use its exports. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAX_BYTES = 2.5e6;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

let work = '';
let packed: Packed;

/** What a program prints; where it fails, that is the error. */
function run(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`);
  return stdout;
}

beforeAll(() => {
  work = mkdtempSync(join(tmpdir(), 'mremap-package-'));
  const listed = JSON.parse(run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', work], ROOT)) as Packed[] | Record<string, Packed>;
  const [first] = Object.values(listed);
  if (first === undefined) throw new Error('npm pack named no package');
  packed = first;
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const paths = (): string[] => packed.files.map(({ path }) => path);

describe('the tarball', () => {
  test('is smaller than 2.5 MB', () => {
    process.stdout.write(`package: ${packed.size.toLocaleString('en')} bytes packed, ${packed.files.length} files\n`);
    expect(statSync(join(work, packed.filename)).size).toBe(packed.size);
    expect(packed.size).toBeLessThan(MAX_BYTES);
  });

  test('holds the program, its docs and the tutorials, and nothing that only serves the repository', () => {
    for (const path of ['README.md', 'LICENSE', 'CHANGELOG.md', 'docs/language.md', 'dist/cli/main.js', 'dist/tutorials/00-quick-start.ipynb']) expect(paths()).toContain(path);
    expect(paths().filter((path) => /\.map$|tsbuildinfo|^(test|bench|notebooks|node_modules)\/|(^|\/)\./.test(path))).toEqual([]);
  });

  test('holds no file whose source is gone', () => {
    const compiled = paths().filter((path) => /^dist\/.*\.js$/.test(path) && !path.startsWith('dist/notebook/assets/'));
    expect(compiled.filter((path) => !existsSync(join(ROOT, path.replace(/^dist\//, '').replace(/\.js$/, '.ts'))))).toEqual([]);
  });

  test('holds every tutorial, none with an output', () => {
    const tutorials = paths().filter((path) => path.endsWith('.ipynb'));
    expect(tutorials.length).toBeGreaterThanOrEqual(11);
    for (const path of tutorials) {
      const { cells } = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as { cells: { outputs?: unknown[]; execution_count?: number | null }[] };
      // What they link to is beside them, wherever they are copied.
      const links = JSON.stringify(cells).matchAll(/\]\((?!https?:)([^)#\\]*)/g);
      expect([...links].map(([, to]) => to ?? '').filter((to) => !paths().includes(join('dist/tutorials', to)))).toEqual([]);
      expect(cells.filter(({ outputs, execution_count }) => (outputs ?? []).length > 0 || (execution_count ?? null) !== null)).toEqual([]);
    }
  });
});

describe('a project that uses it', () => {
  let project = '';

  beforeAll(() => {
    project = join(work, 'consumer');
    cpSync(join(ROOT, 'test/package/consumer'), project, { recursive: true });
    writeFileSync(join(project, 'readme.ts'), /^```ts\n(.*?)^```$/ms.exec(readFileSync(join(ROOT, 'README.md'), 'utf8'))?.[1] ?? '');
    const modules = join(project, 'node_modules');
    mkdirSync(modules);
    run('tar', ['-xzf', join(work, packed.filename), '-C', modules], work);
    run('mv', [join(modules, 'package'), join(modules, 'mremap-lab')], work);
    const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
    // Nothing but what the package declares.
    for (const name of Object.keys(dependencies)) {
      mkdirSync(dirname(join(modules, name)), { recursive: true });
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
    }
  });

  test('compiles against the types, and runs: the program beside this test, and the one in the README', () => {
    run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], project);
    expect(run(process.execPath, ['out/main.js'], project)).toBe('all exports work\n');
    expect(run(process.execPath, ['out/readme.js'], project)).toBe('true 2\n');
  });

  test('reaches no file that is not exported', () => {
    const program = `import('mremap-lab/dist/sim/index.js').then(() => console.log('reached'), (error) => console.log(error.code))`;
    expect(run(process.execPath, ['-e', program], project)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
  });

  test('gets the tutorials by the command that copies them', () => {
    const printed = run(process.execPath, ['node_modules/mremap-lab/dist/cli/main.js', 'tutorials', 'mine'], project);
    expect(printed).toContain(join('mine', '00-quick-start.ipynb'));
    expect(existsSync(join(project, 'mine', '10-races-that-were-cves.ipynb'))).toBe(true);
    expect(run(process.execPath, ['node_modules/mremap-lab/dist/cli/main.js', 'run', 'mine/00-quick-start.ipynb'], project)).toMatch(/expectations? held/);
  });
});
