/** `layout at 1G unit page { "AA.b" }`: an address space from a drawing, and one compared with it. */
import { MAP, pageBytes, toVpn, u64, type AddressSpace, type Op, type Vma } from '../../machine/index.js';
import type { Diagnostic } from '../api.js';
import type { LayoutCell, LayoutStatement } from '../syntax/ast.js';
import type { Evaluator } from '../evaluating/evaluate.js';
import { fail } from '../messages/fail.js';
import { protOf } from './maps.js';
import type { Task } from '../evaluating/task.js';

type Evidence = NonNullable<Diagnostic['values']>[number];

const PRIVATE_ANONYMOUS = 'rw-p';

/** Neighbouring signs of one letter. */
interface Drawn {
  readonly letter: string;
  readonly from: number;
  readonly to: number;
  readonly perms: string;
  readonly cells: readonly LayoutCell[];
}

function drawn({ cells, kinds }: LayoutStatement): Drawn[] {
  const found: Drawn[] = [];
  for (const cell of cells) {
    const last = found.at(-1);
    if (last !== undefined && last.letter === cell.letter && last.to === cell.index) {
      found[found.length - 1] = { ...last, to: cell.index + 1, cells: [...last.cells, cell] };
    } else {
      const perms = kinds.find((k) => k.letter === cell.letter)?.perms ?? PRIVATE_ANONYMOUS;
      found.push({ letter: cell.letter, from: cell.index, to: cell.index + 1, perms, cells: [cell] });
    }
  }
  return found;
}

/** Bytes of one sign, and where the drawing starts; both whole pages. */
function measures(s: LayoutStatement, at: bigint, unit: bigint | undefined, page: bigint): { start: bigint; unit: bigint } {
  const size = unit ?? page;
  if (at < 0n || at % page !== 0n) fail(s.at.span, 'not-whole-pages', '`layout at`');
  if (size <= 0n || size % page !== 0n) fail(s.unit?.span ?? s.span, 'not-whole-pages', '`unit`');
  return { start: at, unit: size };
}

export function* setUpLayout(s: LayoutStatement, at: bigint, unitBytes: bigint | undefined, by: Evaluator): Task<void> {
  const { geometry: g } = by.process.machine;
  const { start, unit } = measures(s, at, unitBytes, pageBytes(g));
  const all = drawn(s);
  for (const d of all) {
    const addr = u64(start + BigInt(d.from) * unit);
    const flags = MAP.MAP_ANONYMOUS | MAP.MAP_FIXED | (d.perms.endsWith('s') ? MAP.MAP_SHARED : MAP.MAP_PRIVATE);
    const op: Op = { name: 'mmap', addr, length: BigInt(d.to - d.from) * unit, prot: protOf(d.perms), flags, fd: -1, offset: 0n };
    const { result } = yield* by.perform(op, s.span);
    if (result.kind === 'errno') fail(s.at.span, 'line-refused', result.errno, result.refusal.why);
  }
  const space = by.process.machine.space();
  all.forEach((d, i) => {
    const next = all[i + 1];
    const [a, b] = [d.to - 1, d.to].map((index) => space.vmaAt(toVpn(g, start + BigInt(index) * unit)));
    if (next?.from === d.to && a !== undefined && a.start === b?.start) fail(s.span, 'letters-merge', d.letter, next.letter, a.perms);
  });
  for (const d of all) for (const cell of d.cells) if (cell.faulted) yield* touch(d, u64(start + BigInt(cell.index) * unit), unit, s, by);
}

function* touch(d: Drawn, addr: bigint, length: bigint, s: LayoutStatement, by: Evaluator): Task<void> {
  if (d.perms[1] === 'w') yield* by.perform({ name: 'touch', addr, length }, s.span);
  else if (d.perms.startsWith('r')) yield* by.perform({ name: 'load_words', addr, length, stride: pageBytes(by.process.machine.geometry) }, s.span);
  else fail(s.span, 'cannot-fault', d.letter, d.perms);
}

/** The two drawings, and the permissions that are not as drawn. */
export function layoutDiffers(s: LayoutStatement, at: bigint, unitBytes: bigint | undefined, space: AddressSpace): Evidence[] {
  const g = space.geometry;
  const { start, unit } = measures(s, at, unitBytes, pageBytes(g));
  const wanted = Array.from({ length: s.width }, () => '.');
  for (const { index, letter, faulted } of s.cells) wanted[index] = faulted ? letter : letter.toLowerCase();
  const found: string[] = [];
  const letters = new Map<number, string>();
  for (let i = 0; i < s.width; i++) {
    const [from, to] = [toVpn(g, start + BigInt(i) * unit), toVpn(g, start + BigInt(i + 1) * unit)];
    const vma = [...space.vmas(from, to)].find((v) => !v.background);
    found.push(vma === undefined ? '.' : sign(vma, wanted[i] ?? '.', letters, [...space.pages(from, to)].length > 0));
  }
  const evidence: Evidence[] = [];
  if (wanted.join('') !== found.join('')) evidence.push({ text: wanted.join(''), value: found.join('') });
  for (const d of drawn(s)) {
    const vma = space.vmaAt(toVpn(g, start + BigInt(d.from) * unit));
    if (vma !== undefined && vma.perms !== d.perms) evidence.push({ text: `${d.letter}: ${d.perms}`, value: vma.perms });
  }
  return evidence;
}

/** The letter that stands for a VMA: the one drawn where it begins, or another if that one is taken. */
function sign(vma: Vma, drawnThere: string, letters: Map<number, string>, present: boolean): string {
  let letter = letters.get(vma.start);
  if (letter === undefined) {
    const taken = new Set(letters.values());
    const asked = drawnThere.toUpperCase();
    letter = asked !== '.' && !taken.has(asked) ? asked : ([...'ZYXWVUTSRQPONMLKJIHGFEDCBA'].find((l) => !taken.has(l)) ?? '?');
    letters.set(vma.start, letter);
  }
  return present ? letter : letter.toLowerCase();
}
