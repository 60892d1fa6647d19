/** What charts draw is what the records say: counts, addresses, and the steps a slider shows. */
import { describe, expect, test } from 'vitest';
import { count, hex, stepValueText, toBytes, type OpRecord } from '../../machine/index.js';
import { viewSpec } from '../../plot/index.js';
import { allTableMoves } from '../../plot/table-change.js';
import { PLANE } from '../../plot/theme.js';
import { EXAMPLES, SCRIPTS, scriptView, views, type Shown } from './gallery.js';
import { sceneOf } from './scene.js';

type Row = Readonly<Record<string, unknown>>;

/** All rows of data of a specification. */
export function rowsOf(part: unknown): Row[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]) => (key === 'values' && Array.isArray(value) && typeof value[0] === 'object' ? (value as Row[]) : rowsOf(value)));
}

const shown = (await Promise.all(EXAMPLES.map(views))).flat();
const of = <W extends Shown['view']['what']>(what: W): { name: string; view: Extract<Shown['view'], { what: W }> }[] =>
  shown.filter((s): s is { name: string; view: Extract<Shown['view'], { what: W }> } => s.view.what === what && viewSpec(s.view) !== null);

const movedEntries = ({ moved }: OpRecord): number => moved.pte + moved.pmd + moved.pud + moved.huge_pmd;
const RANGE = /^([0-9a-f]+)-([0-9a-f]+)$/;

describe('a chart of moves', () => {
  test.each(of('moves'))('draws as many entries as were moved: $name', ({ view }) => {
    const spec = viewSpec(view) as unknown as { vconcat?: { title: { text: string } }[] };
    // The enlarged part shows some entries once more.
    const panels = spec.vconcat?.filter((p) => !p.title.text.startsWith('Enlarged')) ?? [spec];
    const drawn = rowsOf(panels).filter((r) => typeof r['entries'] === 'number' && r['destination'] !== undefined && r['x'] !== undefined);
    expect(drawn.reduce((n, r) => n + Number(r['entries']), 0)).toBe(movedEntries(view.record));
    const written = rowsOf(panels).flatMap((r) => (r['entries2'] === undefined ? [] : [Number(r['entries2'])]));
    if (written.length > 0) expect(Math.max(...written)).toBe(movedEntries(view.record));
  });

  test.each(of('moves').filter((s) => s.view.record.moves.reduce((n, m) => n + m.steps, 0) > 2))('shows the steps up to the slider: $name', async ({ view }) => {
    const spec = viewSpec(view);
    if (spec === null) return;
    const [param] = (spec as { params: { value: number; bind: { max: number } }[] }).params;
    expect(param?.value).toBe(param?.bind.max);
    const steps = (r: { datum: Row }): number => Number(r.datum['first']);
    const at = Math.ceil((param?.value ?? 0) / 2);
    for (const upto of [0, at, param?.value ?? 0]) {
      const { marks } = await sceneOf(spec, upto);
      const blocks = marks.filter((m) => m.type === 'rect' && m.datum['destination'] !== undefined && typeof m.datum['step'] === 'string');
      const played = blocks.filter((b) => b.clip.y1 === blocks[0]?.clip.y1);
      expect(played.length).toBeGreaterThan(0);
      for (const b of played.filter((p) => p.fill !== 'transparent')) expect(b.opacity < 0.2).toBe(steps(b) > upto);
      const captions = marks.filter((m) => m.type === 'text' && typeof m.datum['last'] === 'number');
      expect(captions).toHaveLength(1);
      expect(steps(captions[0] as (typeof captions)[number])).toBeLessThanOrEqual(upto);
    }
  });
});

describe('a chart of an address space', () => {
  test.each([...of('maps'), ...of('space')])('holds every mapping, in order: $name', ({ view }) => {
    const spaces = view.what === 'maps' ? [view.record.before, view.record.after] : [view.space];
    const bands = rowsOf(viewSpec(view)).flatMap((r) => {
      const found = RANGE.exec(String(r['range']));
      return found === null ? [] : [{ start: BigInt(`0x${found[1]}`), end: BigInt(`0x${found[2]}`), x: Number(r['x']), x2: Number(r['x2']) }];
    });
    for (const b of bands) {
      expect(b.x).toBeGreaterThanOrEqual(0);
      expect(b.x2).toBeLessThanOrEqual(PLANE + 1);
      expect(b.x2).toBeGreaterThan(b.x);
    }
    for (const a of bands) for (const b of bands) if (a.start < b.start) expect(a.x).toBeLessThanOrEqual(b.x);
    for (const space of spaces) {
      for (const v of space.vmas()) {
        const [start, end] = [toBytes(space.geometry, v.start), toBytes(space.geometry, v.end)];
        if (!v.background) expect(bands.some((b) => b.start <= start && end <= b.end)).toBe(true);
      }
    }
  });
});

describe('a chart of page tables', () => {
  test.each(of('tables').filter((s) => s.view.record !== undefined))('knows what the call did: $name', ({ view }) => {
    const record = view.record as OpRecord;
    const sums = { allocated: {} as Record<string, number>, freed: {} as Record<string, number> };
    for (const m of allTableMoves(record)) if (m.fate !== 'rehung') sums[m.fate][m.level] = (sums[m.fate][m.level] ?? 0) + m.count;
    expect(sums).toEqual(record.tables);
    const rehung = allTableMoves(record).filter((m) => m.fate === 'rehung' && m.level === 'pte');
    if (record.moved.pmd > 0) expect(rehung.reduce((n, m) => n + m.count, 0)).toBeGreaterThanOrEqual(record.moved.pmd);
  });

  test.each(of('tables').filter((s) => s.view.at === undefined && s.view.record === undefined))('has as many tables and entries as there are: $name', ({ view }) => {
    const rows = rowsOf(viewSpec(view)).filter((r) => typeof r['tables'] === 'string');
    const tables = rows.reduce(
      (n, r) =>
        n +
        Number(
          String(r['tables'])
            .replace(/ table.*/, '')
            .replaceAll(',', ''),
        ),
      0,
    );
    const { levels } = view.space.geometry;
    expect(tables).toBe(levels.slice(0, -1).reduce((n, l) => n + [...view.space.tables(l.name)].reduce((m, t) => m + t.count, 0), 1));
  });
});

describe('a chart of costs', () => {
  test.each(of('cost'))('has the counts of every release: $name', ({ view }) => {
    const rows = rowsOf(viewSpec(view));
    const texts = rows.map((r) => r['text']);
    for (const record of [view.record, ...view.others.map((o) => o.record)]) {
      const { moved } = record;
      const same = record.result.kind === 'value' && view.record.result.kind === 'value';
      if (!same) continue;
      for (const n of [moved.pte, moved.pmd + moved.huge_pmd, moved.pud + moved.huge_pud, moved.flush + moved.huge_flush]) expect(texts).toContain(count(n));
    }
    const times = rows.filter((r) => r['part'] === 'PTEs moved').map((r) => r['times']);
    if (view.record.moved.pte > 0) expect(times).toContain(count(view.record.moved.pte));
    const bars = rows.filter((r) => r['part'] !== undefined);
    for (const b of bars) expect(Number(b['x2'])).toBeLessThanOrEqual(PLANE);
  });
});

describe('a chart of steps', () => {
  test.each(of('steps'))('has every step or says how many it leaves out, and every refusal: $name', ({ view }) => {
    const { steps } = view.record;
    const texts = rowsOf(viewSpec(view)).map((r) => String(r['text']));
    const signs = texts.filter((t) => t === '✓' || t === '●' || t === '✗').length;
    const left = texts.reduce((n, t) => n + Number(/^… (\d+) more step/.exec(t)?.[1] ?? 0), 0);
    expect(signs + left).toBe(steps.length);
    expect(texts.filter((t) => t === '✗')).toHaveLength(steps.filter((s) => s.verdict === 'refused').length);
    const words = texts.join(' ').replaceAll('\u00a0', ' ');
    for (const v of steps.filter((s) => s.verdict === 'refused').flatMap((s) => s.values)) expect(words).toContain(`${v.name} ${stepValueText(v)}`);
  });
});

describe('a chart of a comparison', () => {
  test.each(SCRIPTS.filter((s) => s.name.endsWith('-compare')))('has every release, in one column with those that are alike: $name', async ({ text }) => {
    const view = await scriptView(text);
    if (view.what !== 'compare') throw new Error('not compared');
    const rows = rowsOf(viewSpec(view));
    const heads = rows.filter((r) => r['y'] === rows.find((o) => o['text'] === 'where')?.['y'] && r['full'] !== 'where' && r['full'] !== undefined).map((r) => String(r['full']));
    expect([...new Set(heads)].flatMap((h) => h.split(', ')).sort()).toEqual(view.sides.map((s) => s.model).sort());
    const moved = rows.flatMap((r) => (typeof r['entries'] === 'string' ? [r['entries']] : []));
    const all = view.sides.map((s) => s.records.reduce((n, r) => n + r.moved.pte, 0));
    if (new Set(all).size > 1) for (const n of all.filter((x) => x > 0)) expect(moved).toContain(`${count(n)} ${n === 1 ? 'PTE' : 'PTEs'}`);
  });
});

describe('a chart of the reverse map', () => {
  test.each(SCRIPTS.filter((s) => s.name.endsWith('-rmap')))('has every VMA that the walk looked at, or says how many more: $name', async ({ text }) => {
    const view = await scriptView(text);
    if (view.what !== 'rmap') throw new Error('no reverse map is shown');
    const rows = rowsOf(viewSpec(view));
    const drawn = rows.filter((r) => r['vma'] !== undefined);
    const more = rows.reduce((n, r) => n + Number(/^… and (\d+) more/.exec(String(r['text']))?.[1] ?? 0), 0);
    expect(drawn.length + more).toBe(view.visits.length);
    expect(drawn.map((r) => r['found'] === 'yes')).toEqual(view.visits.slice(0, drawn.length).map((v) => v.found));
    expect(rows.map((r) => r['text'])).toContain(`index ${hex(BigInt(view.folio.index))}`);
  });
});
