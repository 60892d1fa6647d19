import { chmodSync, existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Place } from './kit.js';

it('says how to get a Jupyter where there is none', async () => {
  const place = new Place();
  const { status, stderr } = await place.run(['lab'], { PATH: place.dir });
  expect(stderr).toMatch(/neither jupyter-lab nor jupyter-notebook.*jupyterlab/s);
  expect(status).toBe(1);
});

it('starts the one there is, with the kernel in its reach, and cleans up', async () => {
  const place = new Place();
  place.write('jupyter-notebook', '#!/bin/sh\necho "$JUPYTER_PATH"\necho "$@"\ntest -f "${JUPYTER_PATH%%:*}/kernels/mremap/kernel.json"\n');
  chmodSync(place.path('jupyter-notebook'), 0o755);
  const { status, stdout } = await place.run(['lab', 'a.ipynb', '--', '--no-browser'], { PATH: `${place.dir}:/usr/bin:/bin`, JUPYTER_PATH: '/elsewhere' });
  const [path = '', args] = stdout.split('\n');
  expect(path).toMatch(/:\/elsewhere$/);
  expect(args).toBe('a.ipynb --no-browser');
  expect(existsSync(path.replace(/:.*/, ''))).toBe(false);
  expect(status).toBe(0);
});
