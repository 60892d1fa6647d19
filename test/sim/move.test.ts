/** One description of the move serves both ways to run it: stretch by stretch, and step by step. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandMoves } from '../../machine/index.js';
import { Kernel } from '../../sim/kernel.js';
import { X86_64_4_LEVELS } from '../../sim/arch/geometries.js';
import { resolveModel } from '../../sim/models/model.js';
import { faultRange } from '../../sim/pagetable/fault.js';
import { ExtentEffects } from '../../sim/pagetable/effects.js';
import { movePageTables } from '../../sim/pagetable/move.js';
import { Recorder } from '../../sim/recorder.js';
import { defaultLimits } from '../../sim/vma/process-limits.js';
import { Mm } from '../../sim/vma/mm.js';
import type { VmArea } from '../../sim/vma/vm-area.js';
import { VM } from '../../sim/vma/vm-flags.js';

/** Mutation testing runs a share of the random layouts. */
const numRuns = Math.ceil(300 * Math.min(1, 5 * Number(process.env['RANDOM_PROGRAMS'] ?? 1)));

const PMD = 512;
const PUD = PMD * 512;
const BASE = 1024 * PUD;
const TARGET = 4096 * PUD;

interface Layout {
  release: string;
  offset: number;
  shift: number;
  pages: number;
  /** Written stretches of the source, by offset and length. */
  written: [number, number][];
  /** Stretches of the destination that were written and emptied again, so that their tables are left over. */
  leftOver: [number, number][];
}

const offset = fc.oneof(fc.constantFrom(0, 256, PMD, PUD, PUD - 256), fc.nat(2 * PMD));
const length = fc.oneof(fc.constantFrom(1, PMD, 3 * PMD, PUD, 2 * PUD), fc.integer({ min: 1, max: 4 * PMD }), fc.integer({ min: 1, max: 3 * PUD }));
const ranges = (max: number): fc.Arbitrary<[number, number][]> =>
  fc.array(fc.tuple(fc.nat(max - 1), fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max }))), { maxLength: 4 });

const layout: fc.Arbitrary<Layout> = length.chain((pages) =>
  fc.record({
    release: fc.constantFrom('6.1', '6.12', '6.18'),
    offset,
    shift: fc.oneof(fc.constantFrom(0, PMD, PUD, 1, 256), fc.nat(2 * PMD)),
    pages: fc.constant(pages),
    written: ranges(pages),
    leftOver: ranges(pages),
  }),
);

/** An address space as mremap leaves it when it comes to move the tables: source and destination side by side. */
function prepare(l: Layout, stepwise: boolean): { mm: Mm; src: VmArea; dst: VmArea } {
  const { behaviours, functions } = resolveModel({ release: l.release });
  const mm = new Mm(new Kernel<Mm>(X86_64_4_LEVELS, behaviours, functions), {
    limits: defaultLimits(X86_64_4_LEVELS),
    mmapBase: 2 ** 34,
    startBrk: 1,
    effects: (m) => new ExtentEffects(m, stepwise),
  });
  const vma = (start: number): VmArea => ({
    start,
    end: start + l.pages,
    pgoff: start,
    anonPgoff: start,
    flags: VM.READ | VM.WRITE,
    file: null,
    anonVma: null,
    chain: [],
    uffd: null,
    image: false,
  });
  const from = BASE + l.offset;
  const to = TARGET + l.offset + l.shift;
  mm.insert(vma(from));
  for (const [at, count] of l.written) faultRange(mm, from + at, Math.min(from + at + count, from + l.pages), true);
  mm.insert({ ...vma(to), pgoff: from });
  for (const [at, count] of l.leftOver) {
    for (let k = mm.pageTables.depth - 1; k >= 0; k--) mm.pageTables.alloc(k, to + at, Math.min(to + at + count, to + l.pages));
  }
  const src = mm.lookup(from);
  const dst = mm.lookup(to);
  if (src === undefined || dst === undefined) throw new Error('not mapped');
  return { mm, src, dst };
}

function run(l: Layout, stepwise: boolean) {
  const { mm, src, dst } = prepare(l, stepwise);
  const before = [...mm.pageTables.entries.runs()].reduce((n, r) => n + r.count, 0);
  mm.recorder = new Recorder(false);
  const done = movePageTables(mm, { src, dst, old: src.start, new: dst.start, pages: l.pages, needRmapLocks: false, forStack: false });
  mm.pageTables.check();
  const { counters, moves } = mm.recorder;
  return {
    done,
    counters,
    stretches: moves.length,
    steps: [...expandMoves(mm.geometry, moves)],
    entries: [...mm.pageTables.entries.runs()],
    tables: [0, 1, 2].map((k) => [...(mm.pageTables.view().tables[k]?.runs() ?? [])].map((r) => [r.start, r.count, r.value.id])),
    before,
    after: [...mm.pageTables.entries.runs(dst.start, dst.end)].reduce((n, r) => n + r.count, 0),
  };
}

test('stretches and single steps leave the same record and the same tables', () => {
  fc.assert(
    fc.property(layout, (l) => {
      const fast = run(l, false);
      const slow = run(l, true);
      expect({ ...fast, stretches: 0 }).toEqual({ ...slow, stretches: 0 });
      expect(fast.stretches).toBeLessThanOrEqual(slow.stretches);
    }),
    { numRuns },
  );
});

test('a move deals with every page asked for, keeps every entry, and counts what it did', () => {
  fc.assert(
    fc.property(layout, (l) => {
      const { done, counters, steps, before, after } = run(l, false);
      expect(done).toBe(l.pages);
      expect(after).toBe(before);
      const of = (kind: string) => steps.filter((s) => s.kind === kind);
      expect(of('pte').length).toBe(counters.move_ptes);
      expect(of('pte').reduce((n, s) => n + s.entries, 0)).toBe(counters.pte);
      expect(of('pmd').length).toBe(counters.pmd);
      expect(of('pud').length).toBe(counters.pud);
      expect(of('pmd_refused').length).toBe(counters.pmd_fail);
      expect(of('skip_pmd').length + of('skip_pud').length + counters.pmd + counters.pud + counters.move_ptes).toBe(counters.iter);
      expect(of('pte').filter((s) => s.entries > 0).length + counters.pmd + counters.pud).toBe(counters.flush);
    }),
    { numRuns },
  );
});
