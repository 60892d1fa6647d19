/** Views that are tables: what a call changed, where the reverse map finds a page. */
import {
  hex, opText, resultText, toBytes, toVpn, type AddressSpace, type FolioInfo, type Machine, type OpRecord, type PageKind, type TableCell,
  type View, type Vma,
} from '../../machine/index.js'; // prettier-ignore
import { folioText, mapsLine, plural } from '../vocabulary/display.js';

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

const linesOf = (space: AddressSpace): { at: number; line: string }[] => [...space.vmas()].filter((v) => !v.background).map((v) => ({ at: v.start, line: lineOf(space, v) }));

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

/** What the folio of the page at an address says about itself, and the VMAs a walk of its reverse map looks at, in every process. */
export function viewOfRmap(at: bigint, machine: Machine): View {
  const space = machine.space();
  const g = machine.geometry;
  const vpn = toVpn(g, at);
  const title = `reverse map of the page at ${hex(at)}`;
  const [page] = space.pages(vpn, vpn + 1);
  const vma = space.vmaAt(vpn);
  const columns = [number('process'), text('VMA'), number('pgoff'), text('anon_vma'), text('address'), text('maps it')];
  const view = (sentences: readonly string[], rows: readonly TableCell[][] = []): View => ({
    what: 'table',
    title,
    text: sentences,
    table: { columns, rows },
    model: machine.model.name,
  });
  if (vma === undefined) return view(['nothing is mapped there']);
  if (page === undefined) return view([`no page is present in ${mapsLine(g, vma)}`]);
  const folio = machine.folio?.(vpn);
  if (folio === undefined) return view([KINDS[page.kind]]);
  const visited = machine.rmapWalk?.(vpn) ?? [];
  // Only what relocation passed over can be lost so.
  const lost = visited.some((v) => v.found) ? [] : ['the reverse map does not find it: no VMA of its anon_vma has it at its index'];
  const sentences = [KINDS[page.kind], folioText(folio), ...familyOf(folio, space), ...lost];
  const rows = visited.map((v): TableCell[] => [
    v.process,
    `${hex(toBytes(g, v.start))}-${hex(toBytes(g, v.end))}`,
    v.pgoff,
    v.anonVma === null ? '' : String(v.anonVma),
    hex(toBytes(g, v.at)),
    v.found ? 'yes' : 'no',
  ]);
  return { what: 'rmap', at: vpn, space, folio, visits: visited, title, text: sentences, table: { columns, rows }, model: machine.model.name };
}

/** The lock that a walk takes is the root's, one for a whole family of forks. */
function familyOf({ mapping }: FolioInfo, space: AddressSpace): string[] {
  const anon = mapping.kind === 'anon_vma' ? space.anonVma(mapping.id) : undefined;
  if (anon === undefined) return [];
  const own = anon.root === anon.id ? 'its own root' : `root ${anon.root}`;
  return [`anon_vma ${anon.id}, ${own}: ${plural(anon.numActiveVmas, 'active VMA')}, ${plural(anon.numChildren, 'child', 'children')}`];
}
