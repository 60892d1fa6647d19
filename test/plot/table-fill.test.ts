import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TableRun } from '../../machine/index.js';
import { fillTables, filledTables, type FilledTables } from '../../plot/table-fill.js';
import { space, x86 } from './records.js';

const SPAN = 8;

const one = (t: FilledTables): [number, number][] => Array.from({ length: t.count }, (_, i) => [t.start + i * t.span, t.filled]);

describe('the fill of page tables', () => {
  test('is what counting entry by entry gives', () => {
    const pages = fc.uniqueArray(fc.nat(199), { maxLength: 120 });
    const tables = fc.uniqueArray(fc.nat(24), { maxLength: 25 });
    fc.assert(
      fc.property(pages, tables, fc.array(fc.nat(199), { maxLength: 10 }), (present, at, cuts) => {
        const set = new Set(present);
        const extents = [...set]
          .sort((a, b) => a - b)
          .reduce<{ start: number; pages: number }[]>((out, p) => {
            const last = out.at(-1);
            if (last !== undefined && last.start + last.pages === p && !cuts.includes(p)) last.pages++;
            else out.push({ start: p, pages: 1 });
            return out;
          }, []);
        const starts = at.map((t) => t * SPAN).sort((a, b) => a - b);
        const runs = starts.reduce<{ -readonly [K in keyof TableRun]: TableRun[K] }[]>((out, start) => {
          const last = out.at(-1);
          if (last !== undefined && last.start + last.count * SPAN === start && !cuts.includes(start)) last.count++;
          else out.push({ level: 'pte', start, span: SPAN, count: 1, id: start });
          return out;
        }, []);
        const counted = starts.map((s): [number, number] => [s, Array.from({ length: SPAN }, (_, i) => s + i).filter((p) => set.has(p)).length]);
        expect([...fillTables(runs, extents, 1)].flatMap(one)).toEqual(counted);
      }),
    );
  });

  test('takes as many stretches as there are differences', () => {
    const tib = space([{ at: 1n << 40n, length: 1n << 40n }]);
    const [pte, pmd, pud, pgd] = x86.levels.map((l) => filledTables(tib, l));
    expect(pte).toEqual([{ start: 2 ** 28, span: 512, count: 524288, filled: 512 }]);
    expect(pmd).toEqual([{ start: 2 ** 28, span: 2 ** 18, count: 1024, filled: 512 }]);
    expect(pud).toEqual([{ start: 2 ** 28, span: 2 ** 27, count: 2, filled: 512 }]);
    expect(pgd).toEqual([{ start: 0, span: 2 ** 36, count: 1, filled: 2 }]);
  });
});
