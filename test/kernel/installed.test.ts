import { cp, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { only, streamText, TestKernel, types } from './client.js';

/** The kernel as npm installs it: under node_modules, where TypeScript has rules of its own, with Node's types hoisted out of tslab. */
let directory: string;
let kernel: TestKernel;

beforeAll(async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  directory = await mkdtemp(join(tmpdir(), 'mremap-installed-'));
  const modules = join(directory, 'node_modules');
  const installed = join(modules, 'mremap-lab');
  await mkdir(installed, { recursive: true });
  for (const name of await readdir(join(root, 'node_modules'))) {
    if (!name.startsWith('.') && name !== 'tslab') await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  const tslab = join(root, 'node_modules', 'tslab');
  await cp(tslab, join(modules, 'tslab'), { recursive: true, filter: (path) => path !== join(tslab, 'node_modules') });
  await cp(join(root, 'dist'), join(installed, 'dist'), { recursive: true });
  await cp(join(root, 'package.json'), join(installed, 'package.json'));
  kernel = await TestKernel.start({ main: join(installed, 'dist', 'kernel', 'main.js') });
});
afterAll(async () => {
  await kernel.stop();
  await rm(directory, { recursive: true, force: true });
});

test('lab and Node are typed in its cells', async () => {
  const answer = await kernel.execute(
    '%%ts\nconst records = lab.records;\nconst spaces = records.map((r) => r.after);\nconsole.log(Buffer.from("typed").toString());\nspaces.length',
  );
  expect(streamText(answer)).toBe('typed\n');
  expect(only(answer, 'execute_result')).toMatchObject({ data: { 'text/plain': '0' } });
  expect(only(await kernel.execute('%%ts\nconst wrong: string = records'), 'error')['evalue']).toMatch(/^TS2322/);
});

test('charts find their fonts', async () => {
  const answer = await kernel.execute('%%ts\n({ mark: "bar", data: { values: [{ a: 1 }] }, encoding: { x: { field: "a" } } })');
  expect(types(answer)).toContain('execute_result');
});
