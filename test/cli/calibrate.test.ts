/** `mremap-lab calibrate` and `run --costs`, with the times measured on a 6.18.44 guest as the table. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Place } from './kit.js';

const TABLE = readFileSync(new URL('../../docs/costs.6.18-guest.json', import.meta.url), 'utf8');

interface Costs {
  readonly machine: string;
  readonly costs: Readonly<Record<string, number>>;
}

const json = (text: string): Costs => JSON.parse(text) as Costs;

describe('calibrate', () => {
  it('finds what the measurements imply: 12 ns a PTE, 0.42 us a PMD, 5 us a call', async () => {
    const place = new Place();
    place.write('guest.json', TABLE);
    const { status, stdout, stderr } = await place.run(['calibrate', 'guest.json', '--json']);
    expect([status, stderr]).toEqual([0, '']);
    const { costs } = json(stdout);
    expect(costs['pte']).toBeGreaterThan(11.5);
    expect(costs['pte']).toBeLessThan(13);
    expect(costs['pmd']).toBeGreaterThan(400);
    expect(costs['pmd']).toBeLessThan(440);
    expect(costs['call']).toBeGreaterThan(4500);
    expect(costs['call']).toBeLessThan(6000);
    // Nothing in it passes empty entries, or has other CPUs.
    expect([costs['scan'], costs['shootdown'], costs['cpus']]).toEqual([1.5, 2000, 0]);
  });

  it('prints the parameters beside the published ones, and how far off each case is', async () => {
    const place = new Place();
    place.write('guest.json', TABLE);
    const { stdout } = await place.run(['calibrate', 'guest.json']);
    expect(stdout).toMatch(/^Linux 6\.18\.44, guest with 2 virtual CPUs \(x86-64\): 10 cases$/m);
    expect(stdout).toMatch(/^ {2}scan +1\.5 ns +1\.5 ns +not measured: as published$/m);
    expect(stdout).toMatch(/^ {2}1G, PMD to PMD +219 us +2\d\d us +[+-]\d %$/m);
    expect(stdout).toMatch(/^deviation: \d+ %/m);
  });

  it('reads counts from a CSV table too', async () => {
    const place = new Place();
    place.write('t.csv', '# counted by hand\nname,ns,pte,pmd\nsmall,1100,10,0\nlarge,2000,100,0\ntables,3000,0,10\n');
    const { stdout } = await place.run(['calibrate', 't.csv', '--json']);
    expect(json(stdout).costs).toMatchObject({ call: 1000, pte: 10, pmd: 200 });
  });

  it('writes a file that run uses', async () => {
    const place = new Place();
    place.write('t.csv', 'name,ns,pte\na,1100,10\nb,2000,100\n');
    expect((await place.run(['calibrate', 't.csv', '--out', 'costs.json'])).status).toBe(0);
    place.write('m.mremap', 'kernel 6.12\np = mmap(256M, 4K, rw, private|anon|fixed)\ntouch(p, 4K)\nm = mremap(p, 4K, 4K, maymove|fixed, 512M)\nprint m.cost\nshow cost m\n');
    const [plain, fitted] = [await place.run(['run', 'm.mremap']), await place.run(['run', 'm.mremap', '--costs', 'costs.json'])];
    expect(fitted.stdout).not.toBe(plain.stdout);
    expect(fitted.stdout).toContain('calibrated on t.csv');
    expect(Number(fitted.stdout.split('\n')[0])).toBeLessThan(Number(plain.stdout.split('\n')[0]));
  });

  it.each([
    ['no JSON', 't.json', '{', /t\.json: not a table of measured times/],
    ['no cases', 't.json', '{"cases": []}', /it has no cases/],
    ['a count of nothing known', 't.json', '{"cases": [{"ns": 5, "ptes": 1}]}', /case 1: nothing is called ptes/],
    ['no time', 't.csv', 'name,pte\na,1\n', /row 1 has no `ns`/],
    ['a short row', 't.csv', 'name,ns,pte\na,1\n', /row 1 has 2 cells, the first line 3/],
    ['a scenario that moves nothing', 't.json', '{"cases": [{"ns": 5, "scenario": "print 1"}]}', /moves nothing/],
    ['a scenario with a mistake', 't.json', '{"cases": [{"name": "x", "ns": 5, "scenario": "prin"}]}', /the scenario of "x" fails: /],
  ])('refuses a table with %s', async (_, name, text, why) => {
    const place = new Place();
    place.write(name, text);
    const { status, stderr, stdout } = await place.run(['calibrate', name]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(why);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('says what is wrong with a file of costs', async () => {
    const place = new Place();
    place.write('m.mremap', 'print 1\n');
    for (const [text, why] of [
      ['{"costs": {"pte": -1}}', /pte is no number of nanoseconds/],
      ['{"costs": {"tea": 1}}', /nothing is called tea/],
      ['{"costs": {"pte": 1}}', /call is missing/],
    ] as const) {
      place.write('c.json', text);
      const { status, stderr } = await place.run(['run', 'm.mremap', '--costs', 'c.json']);
      expect(status).toBe(2);
      expect(stderr).toMatch(why);
    }
    const { stderr } = await place.run(['run', 'm.mremap', '--costs', 'absent.json']);
    expect(stderr).toContain('absent.json: no such file');
  });
});
