import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { userDataDir } from '../../kernel/install/data-dir.js';
import { durable, npxDirectory } from '../../kernel/install/durable.js';

// What is installed is the compiled kernel.
const built = async () => (await import(new URL('../../dist/kernel/index.js', import.meta.url).href)) as typeof import('../../kernel/index.js');

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'mremap-spec-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

test('installs under a prefix, with absolute paths that exist', async () => {
  const { installKernelspec } = await built();
  const at = await installKernelspec({ prefix: directory });
  expect(at).toBe(join(directory, 'share', 'jupyter', 'kernels', 'mremap'));
  const spec = JSON.parse(await readFile(join(at, 'kernel.json'), 'utf8')) as { argv: string[] };
  expect(spec).toMatchObject({ display_name: 'mremap', language: 'mremap', interrupt_mode: 'message' });
  expect(spec.argv[0]).toBe(process.execPath);
  expect(spec.argv[1]).toMatch(/\/dist\/kernel\/main\.js$/);
  expect(spec.argv[2]).toBe('{connection_file}');
  expect((await stat(spec.argv[1] ?? '')).isFile()).toBe(true);
  for (const size of [32, 64]) {
    const { width, height } = PNG.sync.read(await readFile(join(at, `logo-${size}x${size}.png`)));
    expect([width, height]).toEqual([size, size]);
  }
  await installKernelspec({ prefix: directory });
});

test('says what to do where it may not write, and when asked for two places', async () => {
  const { installKernelspec } = await built();
  const file = join(directory, 'a-file');
  await writeFile(file, '');
  await expect(installKernelspec({ prefix: file })).rejects.toThrow(`cannot write the kernelspec to ${file}`);
  await expect(installKernelspec({ user: true, prefix: directory })).rejects.toThrow('different places');
});

test('finds the data directory by the rules of Jupyter', () => {
  const at = (env: Record<string, string>, platform: NodeJS.Platform = 'linux'): string => userDataDir({ env, platform, home: '/home/me' });
  expect(at({})).toBe('/home/me/.local/share/jupyter');
  expect(at({ XDG_DATA_HOME: '/data' })).toBe('/data/jupyter');
  expect(at({ XDG_DATA_HOME: '' })).toBe('/home/me/.local/share/jupyter');
  expect(at({ XDG_DATA_HOME: '/data', JUPYTER_DATA_DIR: '/own' })).toBe('/own');
  expect(at({ XDG_DATA_HOME: '/data' }, 'darwin')).toBe('/home/me/Library/Jupyter');
});

test.each([
  ['/root/.npm/_npx/3574ccef/node_modules/mremap-lab/dist/kernel/main.js', '/root/.npm/_npx/3574ccef'],
  ['C:\\npm\\_npx\\ab\\node_modules\\x', 'C:\\npm\\_npx\\ab'],
  ['/usr/lib/node_modules/mremap-lab/dist/kernel/main.js', undefined],
  ['/home/me/_npx', undefined],
])('of %s the cache of npx is %s', (path, cache) => {
  expect(npxDirectory(path)).toBe(cache);
});

test.each(['/tmp/pnpm/dlx-123/node_modules/mremap-lab/m.js', '/tmp/bunx-0-x/node_modules/m.js', '/home/me/.cache/pnpm/dlx/ab/1/node_modules/m.js'])(
  '%s will not last, and is refused',
  async (main) => {
    await expect(durable({ node: '/usr/bin/node', main }, directory, () => undefined)).rejects.toThrow('will be cleared');
  },
);
