/** A final state of a race as an address space, for questions to be asked of it; only what was modelled is there. */
import { toVpn, type AddressSpace, type Geometry, type PageRun, type Vma, type Vpn } from '../../machine/index.js';
import { anonVmaOf } from './anon.js';
import type { Cells } from './cells.js';
import { frameOf, isPresent, mapsFrame, NONE } from './entries.js';
import { FILE_MAPPING, LIVE, SHAPE, type World } from './world.js';
import { vmasIn } from './vmas.js';

const MM = 0;

export function finalSpace(w: World, c: Cells, g: Geometry): AddressSpace {
  const state = c.state;
  const at = <T>(f: () => T): T => {
    c.state = state;
    return f();
  };
  const vmas = at(() => vmasIn(w, c, MM, 0, Infinity).map((v) => vmaView(w, c, v)));
  const pages = at(() => w.pages.flatMap((p) => pageView(w, c, p)));
  const data = new Map(pages.map((p) => [p.start, Number(p.word & 0xffn)]));
  const number = (field: 'totalVm' | 'lockedVm' | 'committed'): number => at(() => w.number(c.get(w.mm(MM, field))));
  const tables = { pte: 0, pmd: 0, pud: 0, p4d: 0, pgd: 0 };
  return {
    geometry: g,
    mapCount: at(() => c.get(w.mm(MM, 'mapCount'))),
    usage: {
      totalVm: number('totalVm'),
      dataVm: 0,
      lockedVm: number('lockedVm'),
      committed: number('committed'),
      rss: pages.filter((p) => p.pfn !== null).length,
      tables,
      tablePages: 0,
    },
    *vmas(from = 0, to = Infinity) {
      for (const v of vmas) if (v.start < to && v.end > from) yield v;
    },
    vmaAt: (page) => vmas.find((v) => v.start <= page && page < v.end),
    anonVma: () => undefined,
    *pages(from = 0, to = Infinity) {
      for (const p of pages) if (p.start >= from && p.start < to) yield p;
    },
    *tables() {
      // Tables are part of what was explored, but not of what is asked.
    },
    walk: () => [],
    // A page is one byte here.
    byteAt: (address) => data.get(toVpn(g, address)),
  };
}

function vmaView(w: World, c: Cells, v: number): Vma {
  const s = w.shapeOf(c, v);
  return {
    start: s.start,
    end: s.end,
    pgoff: s.pgoff,
    perms: `r${s.flags & SHAPE.WRITE ? 'w' : '-'}-${s.flags & SHAPE.SHARED ? 's' : 'p'}`,
    kind: s.file < 0 ? 'anon' : 'file',
    object: s.file < 0 ? null : s.file,
    vmFlags: '',
    anonVma: anonVmaOf(w, c, v) < 0 ? null : anonVmaOf(w, c, v),
    chainLength: [...c.get(w.vma(v, 'chain')).toString(2)].filter((bit) => bit === '1').length,
    hugePages: 0,
    background: false,
  };
}

function pageView(w: World, c: Cells, at: Vpn): PageRun[] {
  const entry = w.entryAt(c, MM, at);
  if (entry === NONE) return [];
  const run = { start: at, count: 1, wordStep: 0n };
  if (!isPresent(entry)) return [{ ...run, kind: 'S', pfn: null, word: 0n }];
  if (!mapsFrame(entry)) return [{ ...run, kind: 'z', pfn: null, word: 0n }];
  const f = frameOf(entry);
  const file = c.get(w.frame(f, 'mapping')) >= FILE_MAPPING;
  const shared = c.get(w.frame(f, 'mapcount')) > 1;
  if (c.get(w.frame(f, 'state')) !== LIVE) return [];
  return [{ ...run, kind: file ? 'f' : shared ? 'A' : 'a', pfn: f + 1, word: BigInt(c.get(w.frame(f, 'data'))) }];
}
