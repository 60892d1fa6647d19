import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { code } from '../notebook/kit.js';
import { Place } from './kit.js';

const cells = [code('let len = 2M, n = 1', [], 'parameters'), code('print len * n')];

it('-p gives values to a notebook, which are in what --out writes', async () => {
  const place = new Place();
  place.notebook('a.ipynb', ...cells);
  const { status, stdout, stderr } = await place.run(['run', 'a.ipynb', '-p', 'len=4M', '--parameter', 'n = 3', '--out', 'out']);
  expect(stdout).toContain('12582912');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(readFileSync(place.path('out/a.ipynb'), 'utf8')).toContain('injected-parameters');
  expect((await place.run(['run', 'a.ipynb'])).stdout).toContain('2097152');
  // What was written can be run again, and has its outputs.
  expect(await place.run(['run', 'out/a.ipynb', '-p', 'len=4M', '-p', 'n=3', '--check-outputs'])).toMatchObject({ status: 0 });
  expect(await place.run(['run', 'out/a.ipynb', '-p', 'len=4M', '-p', 'n=2', '--check-outputs'])).toMatchObject({ status: 1 });
});

it('warns of a name that is no parameter, and of a notebook without any', async () => {
  const place = new Place();
  place.notebook('a.ipynb', ...cells);
  place.notebook('b.ipynb', code('print 1'));
  const unknown = await place.run(['run', 'a.ipynb', '-p', 'lenn=4M']);
  expect(unknown.stdout).toMatch(/a\.ipynb.*warning\[unknown-parameter\]: no parameter is called lenn[^]*binds len, n/);
  expect(unknown.status).toBe(0);
  const none = await place.run(['run', 'b.ipynb', '-p', 'len=4M']);
  expect(none.stdout).toMatch(/warning\[no-parameters-cell\]/);
  expect(none.status).toBe(0);
});

it.each([
  [['-p', 'len'], 'name=value'],
  [['-p', '=4M'], 'name=value'],
  [['-p', 'len='], 'name=value'],
  [['-p', '4M=4'], 'name=value'],
  [['-p', 'len=4M)'], '-p len=4M)'],
  [['-p', 'len=1\nprint 2'], 'on one line'],
])('%j is refused', async (args, why) => {
  const place = new Place();
  place.notebook('a.ipynb', ...cells);
  const { status, stderr } = await place.run(['run', 'a.ipynb', ...args]);
  expect(stderr).toContain(why);
  expect(status).toBe(2);
});

it('-p needs a notebook', async () => {
  expect(await new Place().run(['run', 'a.mremap', '-p', 'a=1'])).toMatchObject({ status: 2, stderr: expect.stringContaining('none was given') as string });
});
