/**
 * The packed package, as npm installs it: globally, in a project and by npx, in directories with
 * spaces in their names. Each of the kernels that `kernel install` names then runs cells.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { only, streamText, TestKernel } from '../kernel/client.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NPM = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

let work = '';
let tarball = '';

interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function command(program: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

async function ok(...args: Parameters<typeof command>): Promise<Ran> {
  const ran = await command(...args);
  if (ran.status !== 0) throw new Error(`${args[0]} ${args[1].join(' ')} ended with ${ran.status}\n${ran.stdout}${ran.stderr}`);
  return ran;
}

beforeAll(async () => {
  work = mkdtempSync(join(tmpdir(), 'mremap install '));
  await ok('npm', ['pack', '--ignore-scripts', '--pack-destination', work], ROOT);
  tarball = join(work, readdirSync(work).find((file) => file.endsWith('.tgz')) ?? '');
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

const specIn = (data: string, name = 'mremap'): { argv: string[] } => JSON.parse(readFileSync(join(data, 'kernels', name, 'kernel.json'), 'utf8')) as { argv: string[] };

/** Runs a cell of each language in the kernel that a kernelspec names, and draws a chart. */
async function expectKernel({ argv: [node, main] }: { argv: string[] }): Promise<void> {
  expect(statSync(node ?? '').isFile()).toBe(true);
  const kernel = await TestKernel.start({ main });
  try {
    expect(only(await kernel.execute('6 * 7'), 'execute_result')).toMatchObject({ data: { 'text/plain': '42' } });
    expect(streamText(await kernel.execute('%%ts\nconst n: number = lab.records.length;\nconsole.log(typeof n)'))).toBe('number\n');
    const chart = await kernel.execute('%%ts\n({ mark: "bar", data: { values: [{ a: 1 }] }, encoding: { x: { field: "a" } } })');
    expect(only(chart, 'execute_result')['data']).toHaveProperty(['image/png']);
  } finally {
    await kernel.stop();
  }
}

describe('installed', () => {
  test('globally', async () => {
    const prefix = join(work, 'global prefix');
    await ok('npm', ['install', '--global', '--prefix', prefix, ...NPM, tarball], work);
    const program = join(prefix, 'bin', 'mremap-lab');
    const env = { JUPYTER_DATA_DIR: join(work, 'user data') };
    expect((await ok(program, ['kernel', 'install', '--user'], work, env)).stdout).toContain(join(work, 'user data', 'kernels', 'mremap'));
    const spec = specIn(join(work, 'user data'));
    expect(spec.argv[1]?.startsWith(join(prefix, 'lib', 'node_modules', 'mremap-lab'))).toBe(true);
    await expectKernel(spec);

    // The command line beside it: a script, a notebook, a console.
    writeFileSync(join(work, 'a.mremap'), 'expect 6 * 7 == 42\n');
    expect((await ok(program, ['run', 'a.mremap', join(ROOT, 'test/notebook/fixtures/down.ipynb')], work)).stdout).toContain('1 expectation held');
    expect((await command('sh', ['-c', `echo '6 * 7' | "${program}" console`], work)).stdout).toBe('42\n');

    expect((await ok(program, ['kernel', 'uninstall'], work, env)).stdout).toContain('removed the kernel "mremap"');
    expect(existsSync(join(work, 'user data', 'kernels', 'mremap'))).toBe(false);
  });

  test('in a project', async () => {
    const project = join(work, 'a project');
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "name": "p", "private": true }');
    await ok('npm', ['install', ...NPM, tarball], project);
    await ok('npx', ['--no-install', 'mremap-lab', 'kernel', 'install', '--prefix', 'venv', '--name', 'of-project'], project);
    const spec = specIn(join(project, 'venv', 'share', 'jupyter'), 'of-project');
    expect(spec.argv[1]).toBe(join(project, 'node_modules', 'mremap-lab', 'dist', 'kernel', 'main.js'));
    await expectKernel(spec);
  });

  test('by npx, whose cache does not last: the kernel lives on when that is gone, and goes with uninstall', async () => {
    const cache = join(work, 'cache');
    mkdirSync(cache);
    // What npm has downloaded is used again, what npx installs is a cache of our own.
    const { stdout } = await ok('npm', ['config', 'get', 'cache'], work);
    await ok('cp', ['-r', join(stdout.trim(), '_cacache'), cache], work);
    const env = { npm_config_cache: cache, JUPYTER_DATA_DIR: join(work, 'npx data') };
    const npx = ['--yes', '--prefer-offline', '--loglevel=error', '--package', tarball, 'mremap-lab'];
    const { stderr } = await ok('npx', [...npx, 'kernel', 'install'], work, env);
    expect(stderr).toMatch(/npx keeps its packages in a cache that npm may clear: copying this one to .*npx data/);
    await ok('npx', [...npx, 'kernel', 'install'], work, env);
    const directory = join(work, 'npx data', 'kernels', 'mremap');
    expect(readdirSync(directory).filter((entry) => entry.startsWith('installation-'))).toHaveLength(1);
    rmSync(cache, { recursive: true });
    const spec = specIn(join(work, 'npx data'));
    expect(spec.argv[1]?.startsWith(directory)).toBe(true);
    await expectKernel(spec);
    const copy = join(dirname(spec.argv[1] ?? ''), '..', 'cli', 'main.js');
    await ok(process.execPath, [copy, 'kernel', 'uninstall'], work, env);
    expect(readdirSync(dirname(directory))).toEqual([]);
    expect(basename(directory)).toBe('mremap');
  });
});
