/** Views that are tables: what a call changed, where the reverse map finds a page. */
import {
  hex, opText, resultText, toBytes, toVpn, type AddressSpace, type Machine, type OpRecord, type PageKind, type TableCell,
  type View, type Vma,
} from '../machine/index.js'; // prettier-ignore
import { mapsLine } from './display.js';

const text = (name: string) => ({ name, as: 'text' as const });
const number = (name: string) => ({ name, as: 'count' as const });

const callText = (record: OpRecord): string => `${opText(record.op)} = ${resultText(record)}`;

/** The lines of maps that a call took away, and those it put there. */
export function viewOfDiff(record: OpRecord, { model }: Machine): View {
  const [before, after] = [linesOf(record.before), linesOf(record.after)];
  const gone = before.filter((l) => !after.some((a) => a.line === l.line));
  const come = after.filter((l) => !before.some((b) => b.line === l.line));
  const rows = [...gone.map((l) => ({ ...l, sign: '-' })), ...come.map((l) => ({ ...l, sign: '+' }))].sort((a, b) => a.at - b.at).map((l): TableCell[] => [l.sign, l.line]);
  return {
    what: 'table',
    title: `diff: ${callText(record)}`,
    text: rows.length === 0 ? ['the mappings are as they were'] : [],
    table: { columns: [text('change'), text('mapping')], rows },
    model: model.name,
  };
}

const linesOf = (space: AddressSpace): { at: number; line: string }[] =>
  [...space.vmas()].filter((v) => !v.background).map((v) => ({ at: v.start, line: lineOf(space, v) }));

/** With the page offset, which a move keeps. */
const lineOf = ({ geometry }: AddressSpace, v: Vma): string => `${mapsLine(geometry, v)}${v.kind === 'anon' && v.pgoff !== v.start ? ` (pgoff ${hex(BigInt(v.pgoff))})` : ''}`;

const KINDS: Readonly<Record<PageKind, string>> = {
  a: 'anonymous, mapped once',
  A: 'anonymous, mapped more than once',
  z: 'the zero page',
  f: 'of a file or shared memory',
  w: 'anonymous, write-protected by a userfaultfd',
  W: 'anonymous, mapped more than once, write-protected by a userfaultfd',
  g: 'the zero page, write-protected by a userfaultfd',
  y: 'of a file, write-protected by a userfaultfd',
  S: 'no page: a guard, or an entry for one that is elsewhere',
};

/** What the reverse map of the page at an address knows, and where this process maps the same frame. */
export function viewOfRmap(at: bigint, machine: Machine): View {
  const space = machine.space();
  const g = machine.geometry;
  const vpn = toVpn(g, at);
  const title = `reverse map of the page at ${hex(at)}`;
  const [page] = space.pages(vpn, vpn + 1);
  const vma = space.vmaAt(vpn);
  const view = (sentences: readonly string[], rows: readonly TableCell[][] = []): View => ({
    what: 'table',
    title,
    text: sentences,
    table: { columns: [text('address'), text('mapping'), number('index'), text('anon_vma')], rows },
    model: machine.model.name,
  });
  if (vma === undefined) return view(['nothing is mapped there']);
  if (page === undefined) return view([`no page is present in ${mapsLine(g, vma)}`]);
  const anon = vma.anonVma === null ? undefined : space.anonVma(vma.anonVma);
  const family = anon === undefined ? [] : [`anon_vma ${anon.id} of root ${anon.root}: ${anon.numActiveVmas} VMAs, ${anon.numChildren} children`];
  const sentences = [`${KINDS[page.kind]}${page.pfn === null ? '' : `, frame ${hex(BigInt(page.pfn))}`}`, ...family];
  if (page.pfn === null) return view(sentences);
  const rows: TableCell[][] = [];
  for (const run of space.pages()) {
    if (run.pfn === null || page.pfn < run.pfn || page.pfn >= run.pfn + run.count) continue;
    const where = run.start + (page.pfn - run.pfn);
    const own = space.vmaAt(where);
    if (own !== undefined) rows.push([hex(toBytes(g, where)), mapsLine(g, own), own.pgoff + (where - own.start), own.anonVma === null ? '' : String(own.anonVma)]);
  }
  return view(sentences, rows);
}
