/** `maps { }`: an address space from lines of /proc/PID/maps, and one compared with them. */
import { MADV, MAP, PROT, toBytes, toVpn, u64, type AddressSpace, type Op, type Vma } from '../../machine/index.js';
import type { MapsLine, MapsStatement } from '../syntax/ast.js';
import type { Diagnostic } from '../api.js';
import { mapsLine } from '../vocabulary/display.js';
import type { Evaluator } from '../evaluating/evaluate.js';
import { fail } from '../messages/fail.js';
import type { ByteRange } from '../vocabulary/queries.js';
import type { Task } from '../evaluating/task.js';

type Evidence = NonNullable<Diagnostic['values']>[number];

/** What the kernel maps into every process by itself. */
const KERNELS_OWN = /^\[(?:vdso|vvar|vvar_vclock|vsyscall)\]$/;
/** What a comparison without a range leaves out. */
const LEFT_OUT = /^\[(?:stack|vdso|vvar|vvar_vclock|vsyscall)\]$/;
const ANONYMOUS = /^(?:anon|shm|\[.*\]|\/dev\/zero.*|\/memfd:.*\(deleted\)|\/SYSV.*)$/;

/** As this program prints a file's name: without what maps puts around it. */
const plainName = (name: string): string => name.replace(/^\/?memfd:/, '').replace(/ \(deleted\)$/, '');

const isFile = (line: MapsLine): boolean => line.name !== undefined && !isHugetlb(line) && isFileName(line);
const isFileName = ({ name }: MapsLine): boolean => name !== undefined && (!ANONYMOUS.test(name) || /memfd:/.test(name));

export function protOf(perms: string): number {
  return (perms.startsWith('r') ? PROT.PROT_READ : 0) | (perms[1] === 'w' ? PROT.PROT_WRITE : 0) | (perms[2] === 'x' ? PROT.PROT_EXEC : 0);
}

/** The lines that only an anon_vma of their own keeps apart from the line before. */
export function* setUpMaps(s: MapsStatement, range: ByteRange | undefined, by: Evaluator): Task<readonly MapsLine[]> {
  const lines = s.lines.filter((l) => !KERNELS_OWN.test(l.name ?? '') && (range === undefined || (l.start < range.end && l.end > range.start)));
  const files = new Map<string, number>();
  for (const name of new Set(lines.filter(isFile).map((l) => l.name ?? ''))) {
    const own = lines.filter((l) => l.name === name);
    const size = own.reduce((most, l) => maxOf(most, (l.offset ?? 0n) + l.end - l.start), 0n);
    const { result } = yield* by.perform({ name: 'memfd', file: plainName(name), size }, s.span);
    files.set(name, result.kind === 'value' ? Number(result.value) : -1);
  }
  const pool = lines.filter(isHugetlb).reduce((n, { start, end }) => n + (end - start) / HUGE_PAGE, 0n);
  if (pool > 0n) yield* by.perform({ name: 'sysctl', key: 'vm.nr_hugepages', value: pool }, s.span);
  const apart = lines.filter((line, i) => wouldMerge(lines[i - 1], line) && !(i > 0 && isRelroBelow(lines[i - 2], lines[i - 1] as MapsLine, line)));
  for (const [i, line] of lines.entries()) {
    const fd = files.get(line.name ?? '');
    if (line.vmFlags !== undefined) yield* mapDescribed(line, line.vmFlags, fd, by);
    else if (isRelroBelow(lines[i - 1], line, lines[i + 1])) yield* mapLine(line, fd, by);
    else if (wouldMerge(lines[i - 1], line) || wouldMerge(line, lines[i + 1])) yield* mapFaulted(line, fd, by);
    else yield* mapLine(line, fd, by);
  }
  const space = by.process.machine.space();
  for (const line of lines) checkAlone(line, space);
  return apart;
}

/**
 * Whether nothing that maps prints keeps two private lines apart. A process has such neighbours where
 * each was written to before they came to lie side by side: they have an anon_vma each.
 */
function wouldMerge(a: MapsLine | undefined, b: MapsLine | undefined): boolean {
  // Flags and names that the dump has keep apart by themselves.
  if (a?.vmFlags !== undefined || b?.vmFlags !== undefined || anonName(a) !== anonName(b)) return false;
  if (a === undefined || b === undefined || a.end !== b.start || a.perms !== b.perms || !a.perms.endsWith('p')) return false;
  if (a.name === '[stack]' || b.name === '[stack]' || isFile(a) !== isFile(b)) return false;
  return !isFile(a) || (a.name === b.name && (a.offset ?? 0n) + a.end - a.start === (b.offset ?? 0n));
}

/**
 * The read-only data of a library below its RELRO, which the loader wrote to and then made read-only:
 * every library has that pair. The upper one is charged for and was written to, the lower one never was.
 */
const isRelroBelow = (before: MapsLine | undefined, line: MapsLine, next: MapsLine | undefined): boolean =>
  isFile(line) && line.perms[1] !== 'w' && wouldMerge(line, next) && !wouldMerge(before, line);

/** `[anon:scudo:primary]`, `[anon_shmem:cache]`: the name that somebody gave to anonymous memory. */
const anonName = (line: MapsLine | undefined): string | undefined => /^\[anon(?:_shmem)?:(.*)\]$/.exec(line?.name ?? '')?.[1];

const HUGE_PAGE = 2n << 20n;
/** Memory of the hugetlb pool, whole pages of it. */
const isHugetlb = ({ name, start, end, vmFlags }: MapsLine): boolean =>
  (/^\/anon_hugepage\b/.test(name ?? '') || vmFlags?.includes('ht') === true) && start % HUGE_PAGE === 0n && end % HUGE_PAGE === 0n;

/** Flags of smaps that madvise gives. */
const ADVISED: Readonly<Record<string, number>> = {
  sr: MADV.MADV_SEQUENTIAL,
  rr: MADV.MADV_RANDOM,
  dc: MADV.MADV_DONTFORK,
  wf: MADV.MADV_WIPEONFORK,
  dd: MADV.MADV_DONTDUMP,
  hg: MADV.MADV_HUGEPAGE,
  nh: MADV.MADV_NOHUGEPAGE,
  mg: MADV.MADV_MERGEABLE,
};

/**
 * Maps a line of smaps, whose VmFlags say how it came about: what is charged for (`ac`) was writable once.
 * What has pages of its own was written to.
 */
function* mapDescribed(line: MapsLine, vmFlags: readonly string[], fd: number | undefined, by: Evaluator): Task<void> {
  const [addr, length] = [u64(line.start), line.end - line.start];
  const prot = protOf(line.perms);
  const written = line.perms.endsWith('p') && line.anonymous !== undefined && line.anonymous > 0n;
  const first = vmFlags.includes('ac') || written ? prot | PROT.PROT_WRITE : prot;
  const droppable = vmFlags.includes('dp');
  yield* mapLine(
    line,
    fd,
    by,
    first,
    (vmFlags.includes('nr') && !droppable ? MAP.MAP_NORESERVE : 0) | (vmFlags.includes('gd') ? MAP.MAP_GROWSDOWN : 0) | (droppable ? MAP.MAP_DROPPABLE : 0),
  );
  // Whatever is next to it, it comes into being as one of its own.
  const ops: Op[] = [
    { name: 'madvise', addr, length, advice: MADV.MADV_DONTFORK },
    ...(written ? [{ name: 'touch', addr, length: 1n } as const] : []),
    ...(first === prot ? [] : [{ name: 'mprotect', addr, length, prot } as const]),
    ...vmFlags.flatMap((flag) => (ADVISED[flag] === undefined || droppable ? [] : [{ name: 'madvise', addr, length, advice: ADVISED[flag] } as const])),
    ...(vmFlags.includes('dc') ? [] : [{ name: 'madvise', addr, length, advice: MADV.MADV_DOFORK } as const]),
    ...(vmFlags.includes('lo') ? [{ name: 'mlock', addr, length } as const] : []),
    ...(vmFlags.includes('sl') ? [{ name: 'mseal', addr, length, flags: 0 } as const] : []),
  ];
  for (const op of ops) yield* by.perform(op, line.span);
}

/**
 * Maps a line and writes to its first page while something else sets it apart from its neighbours:
 * a flag that no anon_vma is shared across (anon_vma_compatible()), and until then another protection.
 */
function* mapFaulted(line: MapsLine, fd: number | undefined, by: Evaluator): Task<void> {
  const prot = protOf(line.perms);
  yield* mapLine(line, fd, by, (prot | PROT.PROT_WRITE) ^ PROT.PROT_EXEC);
  const [addr, length] = [u64(line.start), line.end - line.start];
  const ops: Op[] = [
    { name: 'madvise', addr, length, advice: MADV.MADV_DONTFORK },
    { name: 'touch', addr, length: 1n },
    { name: 'mprotect', addr, length, prot },
    { name: 'madvise', addr, length, advice: MADV.MADV_DOFORK },
  ];
  for (const op of ops) {
    const { result } = yield* by.perform(op, line.span);
    if (result.kind === 'errno') fail(line.span, 'line-refused', result.errno, result.refusal.why);
  }
}

function* mapLine(line: MapsLine, fd: number | undefined, by: Evaluator, prot = protOf(line.perms), more = 0): Task<void> {
  const shared = (more & MAP.MAP_DROPPABLE) !== 0 ? 0 : line.perms.endsWith('s') ? MAP.MAP_SHARED : MAP.MAP_PRIVATE;
  const hugetlb = isHugetlb(line) ? MAP.MAP_HUGETLB : 0;
  const stack = line.name === '[stack]' ? MAP.MAP_GROWSDOWN | MAP.MAP_STACK : 0;
  const kind = fd === undefined ? MAP.MAP_ANONYMOUS | stack : 0;
  const op: Op = {
    name: 'mmap',
    addr: u64(line.start),
    length: line.end - line.start,
    prot,
    flags: shared | kind | MAP.MAP_FIXED | hugetlb | more,
    fd: fd ?? -1,
    offset: fd === undefined ? 0n : (line.offset ?? 0n),
  };
  const { result } = yield* by.perform(op, line.span);
  if (result.kind === 'errno') fail(line.span, 'line-refused', result.errno, result.refusal.why);
  const called = fd === undefined ? anonName(line) : undefined;
  if (called !== undefined && called !== '') yield* by.perform({ name: 'name_vma', addr: op.addr, length: op.length, called }, line.span);
}

/** The kernel makes one mapping of two lines where no rule keeps them apart. */
function checkAlone(line: MapsLine, space: AddressSpace): void {
  const g = space.geometry;
  const vma = space.vmaAt(toVpn(g, line.start));
  if (vma !== undefined && toBytes(g, vma.start) === line.start && toBytes(g, vma.end) === line.end) return;
  fail(line.span, 'lines-merge', vma === undefined ? 'nothing' : mapsLine(g, vma));
}

/** Every line that is not as expected, and every mapping that no line speaks of. */
export function mapsDiffer(lines: readonly MapsLine[], range: ByteRange | undefined, space: AddressSpace): Evidence[] {
  const g = space.geometry;
  const [from, to] = range === undefined ? [0, Infinity] : [toVpn(g, range.start), toVpn(g, range.end - 1n) + 1];
  const counted = (name: string | undefined): boolean => range !== undefined || !LEFT_OUT.test(name ?? '');
  const vmas = [...space.vmas(from, to)].filter((v) => !v.background && counted(v.kind));
  const expected = lines.filter((l) => counted(l.name) && (range === undefined || (l.start < range.end && l.end > range.start)));
  const found: Evidence[] = [];
  for (const line of expected) {
    const vma = vmas.find((v) => toBytes(g, v.start) === line.start) ?? vmas.find((v) => toBytes(g, v.start) <= line.start && toBytes(g, v.end) > line.start);
    const text = lineText(line);
    if (vma === undefined) found.push({ text, value: 'not mapped' });
    else if (!asExpected(line, vma, space)) found.push({ text, value: mapsLine(g, vma) });
  }
  for (const vma of vmas) {
    if (!expected.some((l) => l.start < toBytes(g, vma.end) && l.end > toBytes(g, vma.start))) found.push({ text: mapsLine(g, vma), value: 'in no line' });
  }
  return found;
}

function asExpected(line: MapsLine, vma: Vma, { geometry: g }: AddressSpace): boolean {
  if (toBytes(g, vma.start) !== line.start || toBytes(g, vma.end) !== line.end || vma.perms !== line.perms) return false;
  const anonymous = vma.object === null;
  if (line.offset !== undefined && line.offset !== (anonymous ? 0n : toBytes(g, vma.pgoff))) return false;
  if (line.name === undefined) return true;
  if (!isFile(line)) return anonymous || vma.kind === line.name || line.name !== 'anon';
  return plainName(vma.kind) === plainName(line.name);
}

function lineText(line: MapsLine): string {
  const offset = line.offset === undefined ? '' : ` ${line.offset.toString(16).padStart(8, '0')}`;
  return `${line.start.toString(16)}-${line.end.toString(16)} ${line.perms}${offset}${line.name === undefined ? '' : ` ${line.name}`}`;
}

const maxOf = (a: bigint, b: bigint): bigint => (a > b ? a : b);
