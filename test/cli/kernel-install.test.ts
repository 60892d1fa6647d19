import { existsSync, mkdirSync, readFileSync } from 'node:fs';
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

it('a kernel is installed and removed under a name, in each of the places', async () => {
  const place = new Place();
  const env = { XDG_DATA_HOME: place.path('data'), VIRTUAL_ENV: place.path('a venv'), JUPYTER_DATA_DIR: '' };
  const places = [
    { at: ['--user'], dir: 'data/jupyter/kernels/mremap-dev' },
    { at: [], dir: 'data/jupyter/kernels/mremap-dev' },
    { at: ['--sys-prefix'], dir: 'a venv/share/jupyter/kernels/mremap-dev' },
    { at: ['--prefix', 'opt'], dir: 'opt/share/jupyter/kernels/mremap-dev' },
  ];
  for (const { at, dir } of places) {
    const args = [...at, '--name', 'mremap-dev'];
    expect(await place.run(['kernel', 'install', ...args], env)).toEqual({ status: 0, stderr: '', stdout: `installed the kernel "mremap-dev" in ${place.path(dir)}\n` });
    expect(JSON.parse(readFileSync(place.path(`${dir}/kernel.json`), 'utf8'))).toMatchObject({ display_name: 'mremap (mremap-dev)', language: 'mremap' });
    expect(await place.run(['kernel', 'uninstall', ...args], env)).toEqual({ status: 0, stderr: '', stdout: `removed the kernel "mremap-dev" from ${place.path(dir)}\n` });
    expect(existsSync(place.path(dir))).toBe(false);
  }
});

it('uninstall says where the kernel is instead', async () => {
  const place = new Place();
  const env = { XDG_DATA_HOME: place.path('data'), VIRTUAL_ENV: place.path('venv'), JUPYTER_DATA_DIR: '' };
  await place.run(['kernel', 'install', '--sys-prefix'], env);
  const { status, stderr } = await place.run(['kernel', 'uninstall'], env);
  expect(stderr).toBe(`mremap-lab: there is no kernel "mremap" in ${place.path('data/jupyter/kernels/mremap')}\n  it is in ${place.path('venv/share/jupyter/kernels/mremap')}\n`);
  expect(status).toBe(1);
});

it.each(['install', 'uninstall'])("kernel %s leaves somebody else's kernel alone", async (command) => {
  const place = new Place();
  const dir = 'p/share/jupyter/kernels/python3';
  mkdirSync(place.path(dir), { recursive: true });
  place.write(`${dir}/kernel.json`, '{"language": "python"}');
  const { status, stderr } = await place.run(['kernel', command, '--prefix', 'p', '--name', 'python3']);
  expect(stderr).toContain('a kernel that is not ours');
  expect({ status, text: readFileSync(place.path(`${dir}/kernel.json`), 'utf8') }).toEqual({ status: 1, text: '{"language": "python"}' });
});

it.each(['Upper', '../up', 'a b', '', '..'])('%j names no kernel', async (name) => {
  const { status, stderr } = await new Place().run(['kernel', 'install', '--prefix', 'p', '--name', name]);
  expect(stderr).toContain('cannot name a kernel');
  expect(status).toBe(1);
});
