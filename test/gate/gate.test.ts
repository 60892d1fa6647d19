/** A part of the gate, spread over scenes, actors and releases: `npm run gate` runs all of it. */
import { describe, expect, test } from 'vitest';
import { RELEASES } from '../../sim/models/releases.js';
import { CASES, judge, nameOf, type GateCase } from './gate.js';

const pairs = CASES.filter(({ actors }) => actors.length === 2);
const SAMPLE = 40;

describe.each(RELEASES.map(({ name }) => name))('on %s no two actors break anything', (release) => {
  const here = pairs.filter((one) => one.release === release);
  const every = Math.floor(here.length / SAMPLE);
  // Another part on each release.
  const first = RELEASES.findIndex(({ name }) => name === release) % every;
  test.each(here.filter((_, i) => i % every === first).map((one) => [nameOf(one), one] as const))('%s', (_, one) => {
    const { broken, finals, bounded } = judge(one);
    expect(broken).toEqual([]);
    expect(finals).toBeGreaterThan(0);
    expect(bounded).toBe(false);
  });
});

describe('the gate notices what is missing', () => {
  const find = (scene: string, ...actors: string[]): GateCase => {
    const found = CASES.find((c) => c.release === '6.12' && c.scene.name === scene && c.actors.map((a) => a.name).join() === actors.join());
    if (found === undefined) throw new Error(`no such case: ${scene} ${actors.join()}`);
    return found;
  };
  test.each([
    ['vma_lock_new', 'no', find('page', 'move', 'store_there'), 'wrong_mapcount'],
    ['vma_write_lock', 'no', find('pages', 'move', 'store'), 'stray_entry'],
    ['fork_vma_lock', 'no', find('page', 'store', 'store_too', 'fork'), 'lost_store'],
    ['need_rmap_locks', 'no', find('middle', 'move', 'migrate'), 'missed_mapping'],
    ['pmd_move_rmap_lock', 'no', find('table', 'move', 'store_there', 'reclaim'), 'freed_in_tlb'],
  ] as const)('%s=%s', (name, value, one, broken) => {
    expect(judge(one).broken).toEqual([]);
    expect(judge(one, { [name]: value }).broken).toContain(broken);
  });
});
