import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderedMap } from '../../sim/ordered-map.js';

type Command =
  { do: 'set'; key: number } | { do: 'delete'; key: number } | { do: 'deleteRange'; from: number; to: number } | { do: 'fill'; from: number; count: number } | { do: 'clone' };

const KEYS = 1200;
const key = fc.nat(KEYS);
/** Long ascending stretches make many leaves, wide deletions take whole ones away. */
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('set' as const), key }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('deleteRange' as const), from: key, to: key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('fill' as const), from: key, count: fc.nat(300) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clone' as const }) },
);

const sorted = (map: ReadonlyMap<number, string>): [number, string][] => [...map].sort((a, b) => a[0] - b[0]);

function expectSame(map: OrderedMap<string>, plain: ReadonlyMap<number, string>, probes: readonly number[]): void {
  const all = sorted(plain);
  expect(map.size).toBe(all.length);
  expect([...map.values()]).toEqual(all.map(([, v]) => v));
  for (const at of probes) {
    expect(map.get(at)).toBe(plain.get(at));
    expect(map.atOrBelow(at)).toBe(all.findLast(([k]) => k <= at)?.[1]);
    expect(map.below(at)).toBe(all.findLast(([k]) => k < at)?.[1]);
    expect(map.atOrAbove(at)).toBe(all.find(([k]) => k >= at)?.[1]);
    expect(map.above(at)).toBe(all.find(([k]) => k > at)?.[1]);
    const cursor = map.from(at);
    for (const [, value] of all.filter(([k]) => k >= at)) expect(cursor.next()).toBe(value);
    expect(cursor.next()).toBeUndefined();
  }
}

describe('an ordered map', () => {
  test('holds what a plain map holds, and so does every clone, whatever happens to the others', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), fc.array(key, { minLength: 3, maxLength: 3 }), (commands, probes) => {
        let map = new OrderedMap<string>();
        const plain = new Map<number, string>();
        const clones: [OrderedMap<string>, Map<number, string>][] = [];
        commands.forEach((c, n) => {
          switch (c.do) {
            case 'set':
              expect(map.set(c.key, `${c.key}.${n}`)).toBe(!plain.has(c.key));
              plain.set(c.key, `${c.key}.${n}`);
              break;
            case 'fill':
              for (let k = c.from; k < c.from + c.count; k++) {
                map.set(k, `${k}.${n}`);
                plain.set(k, `${k}.${n}`);
              }
              break;
            case 'delete':
              expect(map.delete(c.key)).toBe(plain.delete(c.key));
              break;
            case 'deleteRange': {
              const within = [...plain.keys()].filter((k) => k >= c.from && k < c.to);
              expect(map.deleteRange(c.from, c.to)).toBe(within.length);
              for (const k of within) plain.delete(k);
              break;
            }
            case 'clone': {
              // The original and the clone change places: both must be fit for further changes.
              const clone = map.clone();
              clones.push([map, new Map(plain)]);
              map = clone;
              break;
            }
          }
        });
        for (const [clone, then] of clones) expectSame(clone, then, probes);
        expectSame(map, plain, probes);
      }),
      { numRuns: 150 },
    );
  });

  test('is empty at first, and again once everything was taken out', () => {
    const map = new OrderedMap<string>();
    expectSame(map, new Map(), [0, 5]);
    for (let k = 0; k < 500; k++) map.set(k, `${k}`);
    expect(map.deleteRange(-Infinity, Infinity)).toBe(500);
    expectSame(map, new Map(), [0, 5]);
    map.set(7, 'seven');
    expectSame(map, new Map([[7, 'seven']]), [6, 7, 8]);
  });

  test('holds keys that no 32-bit integer holds', () => {
    const map = new OrderedMap<string>();
    const keys = Array.from({ length: 200 }, (_, i) => 2 ** 44 + i * 2 ** 20);
    for (const k of keys) map.set(k, `${k}`);
    expectSame(map, new Map(keys.map((k) => [k, `${k}`])), [2 ** 44 + 5, keys[150] ?? 0]);
  });
});
