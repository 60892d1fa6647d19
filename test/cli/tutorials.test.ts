import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Place } from './kit.js';

it('copies the tutorials, keeps what is there, and says what to do next', async () => {
  const place = new Place();
  expect(await place.run(['tutorials', 'mine'])).toMatchObject({ status: 0, stdout: expect.stringContaining('mine/00-quick-start.ipynb\n') as string });
  expect(JSON.parse(readFileSync(place.path('mine/00-quick-start.ipynb'), 'utf8'))).toMatchObject({ nbformat: 4 });
  place.write('mine/00-quick-start.ipynb', 'my notes');
  const { stdout } = await place.run(['tutorials', 'mine']);
  expect(stdout).toContain('mine/00-quick-start.ipynb: kept');
  expect(stdout).toContain('mremap-lab lab mine');
  expect(readFileSync(place.path('mine/00-quick-start.ipynb'), 'utf8')).toBe('my notes');
});

it('says so where it cannot write', async () => {
  const place = new Place();
  place.write('mine', 'a file');
  const { status, stderr } = await place.run(['tutorials', 'mine']);
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^mremap-lab: cannot write to mine: .*\n.*directory/)]);
});
