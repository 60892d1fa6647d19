/** A final state of a race as an address space, for questions to be asked of it; only what was modelled is there. */
import { toVpn, type AddressSpace, type Geometry, type PageRun, type Vpn } from '../../machine/index.js';
import { anonVmaOf, inChain } from './anon.js';
import type { Cells } from './cells.js';
import { frameOf, isPresent, mapsFrame, NONE } from './entries.js';
import { FILE_MAPPING, LIVE, type World } from './world.js';
import { vmasIn } from './vmas.js';
import { shownBy, vmaView } from '../space.js';
import { isDataMapping, type VmArea } from '../vma/vm-area.js';
import type { Backdrop } from './lift.js';

const MM = 0;

export function finalSpace(w: World, c: Cells, g: Geometry, { mm, files, rest }: Backdrop): AddressSpace {
  const state = c.state;
  const at = <T>(f: () => T): T => {
    c.state = state;
    return f();
  };
  const lifted = at(() => vmasIn(w, c, MM, 0, Infinity).map((v) => areaOf(w, c, v, files)));
  const areas = [...lifted, ...rest].sort((x, y) => x.start - y.start);
  const { hidden } = shownBy(mm);
  const vmas = areas.map((v) => vmaView(v, hidden, 0));
  const pages = at(() => w.pages.flatMap((p) => pageView(w, c, p)));
  const data = new Map(pages.filter((p) => p.kind !== 'S').map((p) => [p.start, Number(p.word & 0xffn)]));
  const number = (field: 'totalVm' | 'lockedVm' | 'committed'): number => at(() => w.number(c.get(w.mm(MM, field))));
  const tables = { pte: 0, pmd: 0, pud: 0, p4d: 0, pgd: 0 };
  return {
    geometry: g,
    mapCount: at(() => c.get(w.mm(MM, 'mapCount'))),
    usage: {
      totalVm: number('totalVm'),
      dataVm: areas.reduce((n, v) => n + (isDataMapping(v.flags) ? v.end - v.start : 0), 0), // prettier-ignore
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

function areaOf(w: World, c: Cells, v: number, files: Backdrop['files']): VmArea {
  const { start, end, pgoff, anonPgoff, flags, file, image } = w.shapeOf(c, v);
  const anonVma = anonVmaOf(w, c, v);
  const chain = c.get(w.vma(v, 'chain'));
  return {
    start,
    end,
    pgoff,
    anonPgoff,
    flags,
    file: files[file] ?? null,
    anonVma: anonVma < 0 ? null : anonVma,
    chain: Array.from({ length: w.sizes.anonVmas }, (_, a) => a).filter((a) => inChain(chain, a)),
    uffd: null,
    image,
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
