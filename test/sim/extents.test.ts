import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Extents } from '../../sim/extents.js';

const affine = {
  advance: (v: number, by: number): number => v + by,
  continues: (v: number, by: number, next: number): boolean => v + by === next,
};

type Command = { do: 'set'; at: number; count: number; value: number } | { do: 'clear'; at: number; count: number } | { do: 'move'; at: number; to: number; count: number };

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.record({ do: fc.constant('set' as const), at: fc.nat(60), count: fc.integer({ min: 1, max: 20 }), value: fc.nat(3) }),
  fc.record({ do: fc.constant('clear' as const), at: fc.nat(60), count: fc.nat(20) }),
  fc.record({ do: fc.constant('move' as const), at: fc.nat(60), to: fc.nat(60), count: fc.nat(40) }),
);

/** The same commands on a plain map, key by key. */
function plain(commands: readonly Command[]): Map<number, number> {
  const map = new Map<number, number>();
  for (const c of commands) {
    const moved: [number, number][] = [];
    for (let i = 0; i < c.count; i++) {
      const value = map.get(c.at + i);
      if (c.do === 'move' && value !== undefined) moved.push([c.to + i, value]);
      if (c.do === 'set') map.set(c.at + i, c.value + i);
      else map.delete(c.at + i);
    }
    for (const [at, value] of moved) map.set(at, value);
  }
  return map;
}

function carryOut(extents: Extents<number>, commands: readonly Command[]): Extents<number> {
  for (const c of commands) {
    if (c.do === 'set') extents.set(c.at, c.count, c.value);
    else if (c.do === 'clear') extents.clear(c.at, c.at + c.count);
    else extents.move(c.at, c.to, c.count);
  }
  return extents;
}

const build = (commands: readonly Command[]): Extents<number> => carryOut(new Extents(affine), commands);

const flat = (extents: Extents<number>, from?: number, to?: number): [number, number][] =>
  [...extents.runs(from, to)].flatMap((r) => Array.from({ length: r.count }, (_, i): [number, number] => [r.start + i, r.value + i]));

describe('extents', () => {
  test('hold what a plain map holds', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), fc.nat(80), fc.nat(80), (commands, from, to) => {
        const map = plain(commands);
        const extents = build(commands);
        const expected = [...map].sort((a, b) => a[0] - b[0]);
        expect(flat(extents)).toEqual(expected);
        expect(flat(extents, from, to)).toEqual(expected.filter(([k]) => k >= from && k < to));
        expect(extents.get(from)).toBe(map.get(from));
        expect(extents.countIn(from, to)).toBe(expected.filter(([k]) => k >= from && k < to).length);
        expect(extents.firstFrom(from)).toBe(expected.find(([k]) => k >= from)?.[0]);
        let absent = from;
        while (map.has(absent)) absent++;
        expect(extents.firstAbsentFrom(from)).toBe(absent);
      }),
    );
  });

  test('are as few runs as the values allow', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        const extents = build(commands);
        const runs = [...extents.runs()];
        for (const [i, run] of runs.entries()) {
          const next = runs[i + 1];
          if (next !== undefined && next.start === run.start + run.count) expect(next.value).not.toBe(run.value + run.count);
        }
        expect(extents.runCount).toBe(runs.length);
      }),
    );
  });

  test('a clone does not see what happens to its original', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), fc.array(command, { maxLength: 20 }), (first, then) => {
        const extents = build(first);
        const clone = extents.clone();
        carryOut(extents, then);
        expect(flat(clone)).toEqual(flat(build(first)));
        expect(flat(extents)).toEqual(flat(build([...first, ...then])));
      }),
    );
  });
});
