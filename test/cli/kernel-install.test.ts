import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Place } from './kit.js';

it('kernel install --prefix writes a kernelspec that starts this kernel', async () => {
  const place = new Place();
  const { status, stdout, stderr } = await place.run(['kernel', 'install', '--prefix', 'venv']);
  const dir = place.path('venv/share/jupyter/kernels/mremap');
  expect(stdout).toContain(dir);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const spec = JSON.parse(readFileSync(`${dir}/kernel.json`, 'utf8')) as { argv: string[]; language: string };
  expect(spec.argv.at(-1)).toBe('{connection_file}');
  expect(spec.argv.slice(0, -1).every((path) => existsSync(path))).toBe(true);
});

it.each(['file', '/proc/no'])('kernel install into %s fails with 1 and says why', async (prefix) => {
  const place = new Place();
  place.write('file', '');
  const { status, stderr } = await place.run(['kernel', 'install', '--prefix', prefix]);
  expect(stderr).toContain('cannot write the kernelspec');
  expect(status).toBe(1);
});
