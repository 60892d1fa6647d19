/**
 * One kernel: what comes of calls in a race in which nobody interferes is what the machine makes of them,
 * or the race is refused as not modelled. More with `npm run fuzz:alone`.
 */
import { describe, expect, test } from 'vitest';
import { alone, apart, type Alone } from '../../fuzz-races/alone.js';

/** What is refused, of the calls of some seeds. */
function shareRefused(all: readonly Alone[]): number {
  return all.filter((a) => a.refused !== null).length / all.length;
}

const seeds = (first: number, count: number): number[] => Array.from({ length: count }, (_, i) => first + i);

/** A failure shows the seed and all that it stands for. */
const differing = (all: readonly Alone[]): string[] => all.filter((a) => a.differences.length > 0).map((a) => [a.text, ...a.differences].join('\n'));

describe('a race in which nobody interferes', () => {
  test('of one call', () => {
    const all = seeds(1, 2000).map((seed) => alone(seed));
    expect(differing(all)).toEqual([]);
    expect(shareRefused(all)).toBeLessThan(0.15);
  });

  test('of two calls, one after the other', () => {
    const all = seeds(1, 500).map((seed) => alone(seed, 2));
    expect(differing(all)).toEqual([]);
    expect(shareRefused(all)).toBeLessThan(0.3);
  });

  test('of two threads whose calls cannot meet', () => {
    const all = seeds(1, 150).map((seed) => apart(seed));
    expect(differing(all)).toEqual([]);
    expect(shareRefused(all)).toBeLessThan(0.3);
  });
});
