/** A schedule, step by step: what each step changes, in words, and what it breaks. */
import { toBytes, type Geometry, type Schedule, type ScheduleRow } from '../../machine/index.js';
import { frameOf, isDevmap, isPresent, isTable, DIRTY, MARKER, MIGRATION, NONE, SWAP, tableOf, WRITE, ZERO_FRAME, BAD_TABLE } from './entries.js';
import { INVARIANTS, type InvariantName } from './invariants.js';
import type { Actor } from './program.js';
import type { Stepper } from './stepper.js';
import { FILE_MAPPING, FREED, KSM_MAPPING, LIVE, SWAP_CACHE, UNUSED, type World } from './world.js';

/** Names for the cells of a state that are worth a line when they change. */
export class Words {
  private readonly lines: { readonly cell: number; readonly say: (value: number) => string; readonly of: string }[] = [];

  constructor(
    private readonly w: World,
    private readonly g: Geometry,
  ) {
    const add = (cell: number, of: string, say: (value: number) => string): void => void this.lines.push({ cell, of, say });
    const count = (n: number): string => String(n);
    for (let f = 0; f < w.sizes.frames; f++) {
      add(w.frame(f, 'state'), `frame ${f}`, (n) => (n === LIVE ? 'in use' : n === FREED ? 'freed' : 'unused'));
      add(w.frame(f, 'mapcount'), `frame ${f} mapcount`, count);
      add(w.frame(f, 'refs'), `frame ${f} other references`, count);
      add(w.frame(f, 'pins'), `frame ${f} pins`, count);
      add(w.frame(f, 'mapping'), `frame ${f} mapping`, (n) =>
        n === 0 ? 'none' : n === KSM_MAPPING ? 'KSM' : n >= FILE_MAPPING ? `file ${n - FILE_MAPPING}` : `anon_vma ${n - 1}`,
      );
      add(w.frame(f, 'index'), `frame ${f} index`, (n) => `0x${w.number(n).toString(16)}`);
      add(w.frame(f, 'data'), `frame ${f} first byte`, count);
      add(w.frame(f, 'cached'), `frame ${f} in the page cache`, (n) => (n === 0 ? 'no' : n === SWAP_CACHE ? 'no, in the swap cache' : 'yes'));
    }
    for (let v = 0; v < w.sizes.vmas; v++) {
      add(w.vma(v, 'state'), `VMA ${v}`, (n) => (n === LIVE ? 'mapped' : n === UNUSED ? 'unused' : n === FREED ? 'freed' : 'detached'));
      add(w.vma(v, 'shape'), `VMA ${v}`, (n) => this.shape(n));
      add(w.vma(v, 'anonVma'), `VMA ${v} anon_vma`, (n) => (n === 0 ? 'none' : String(n - 1)));
    }
    for (let a = 0; a < w.sizes.anonVmas; a++) add(w.anon(a, 'state'), `anon_vma ${a}`, (n) => (n === LIVE ? 'alive' : n === FREED ? 'freed' : 'unused'));
    for (let mm = 0; mm < w.sizes.mms; mm++) {
      const of = mm === 0 ? '' : ` of process ${mm}`;
      for (let t = 0; t < w.sizes.tables; t++) if (mm === 0) add(w.table(t), `PTE table ${t}`, (n) => (n === LIVE ? 'in use' : n === FREED ? 'freed' : 'unused'));
      for (const at of w.pages) {
        if (w.pages.find((p) => w.blockOf(p) === w.blockOf(at)) === at) add(w.pmd(mm, w.blockOf(at)), `PMD entry of ${this.hex(at - (at % w.span))}${of}`, (n) => this.pmd(n));
      }
    }
    for (let t = 0; t < w.sizes.tables; t++) for (let o = 0; o < w.offsets; o++) add(w.pte(t, o), `PTE ${this.offset(o)} of table ${t}`, (n) => this.entry(n));
    w.cpus.forEach((_, cpu) => w.pages.forEach((at, page) => add(w.tlb(cpu, page), `TLB of CPU ${cpu} at ${this.hex(at)}`, (n) => this.entry(n))));
  }

  changes(before: Uint16Array, after: Uint16Array): string[] {
    return this.lines.filter(({ cell }) => before[cell] !== after[cell]).map(({ cell, of, say }) => `${of}: ${say(before[cell] as number)} -> ${say(after[cell] as number)}`);
  }

  private hex(at: number): string {
    return `0x${toBytes(this.g, at).toString(16)}`;
  }

  private offset(o: number): string {
    const page = this.w.pages.find((p) => this.w.offsetOf(p) === o) ?? 0;
    return String(page % this.w.span);
  }

  private shape(id: number): string {
    const s = this.w.shape(id);
    return `[${this.hex(s.start)}, ${this.hex(s.end)}) at offset 0x${s.pgoff.toString(16)}`;
  }

  private pmd(n: number): string {
    return n === NONE ? 'none' : n & BAD_TABLE ? 'physical page 0' : isDevmap(n) ? 'a huge page' : isTable(n) ? `table ${tableOf(n)}` : '?';
  }

  private entry(n: number): string {
    if (n === NONE) return 'none';
    if (n & MARKER) return 'marker';
    if (n & MIGRATION) return `migration entry of frame ${frameOf(n)}`;
    if (n & SWAP) return `swap entry ${frameOf(n)}`;
    if (isPresent(n) && frameOf(n) === ZERO_FRAME) return 'zero page';
    return `frame ${frameOf(n)}${n & WRITE ? (n & DIRTY ? ', dirty' : ', clean') : ', read-only'}`;
  }
}

/** Invariants that calls break for a few steps and restore before they end: such a step is not shown as the one that breaks them. */
const IN_BETWEEN: ReadonlySet<InvariantName> = new Set([
  'deadlock',
  'rmap_broken',
  'wrong_mapcount',
  'wrong_active_vmas',
  'wrong_map_count',
  'wrong_total_vm',
  'wrong_locked_vm',
  'wrong_committed',
]);

/** Runs a schedule again and tells it. */
export function replay(stepper: Stepper, g: Geometry, schedule: readonly number[], about: Pick<Schedule, 'race' | 'model'>): Schedule {
  const { scene } = stepper;
  const words = new Words(scene.world, g);
  const rows: ScheduleRow[] = [];
  /** For each step, its row (or that of the next step that has one), and what is broken after it. */
  const steps: { readonly row: number; readonly broken: readonly InvariantName[] }[] = [];
  let state = scene.start;
  for (const cpu of schedule) {
    const actor = scene.actors[cpu];
    const step = actor?.program.steps[state[actor.pc] as number];
    if (actor === undefined || step === undefined) throw new RangeError('a schedule names a step that is not there');
    const { after, enabled, access } = stepper.next(state, actor);
    if (!enabled) throw new RangeError('a schedule names a step that cannot be taken');
    const locks = lockChanges(scene.world, cpu, state, after);
    const changes = words.changes(state, after);
    const breaks = INVARIANTS.filter(({ name }) => !stepper.latched(state, name) && stepper.latched(after, name)).map(({ name }) => name);
    const tells = changes.length + breaks.length + locks.takes.length + locks.drops.length > 0;
    if (tells || scene.world.looksAtEntries(access) || learns(actor, state, after)) rows.push({ cpu, fn: step.fn, say: step.say, breaks, changes, ...locks });
    state = after;
    steps.push({ row: rows.length - 1, broken: stepper.broken(state) });
  }
  const stuck = scene.actors.filter((a) => !stepper.isDone(state, a));
  const over = stuck.every((a) => !stepper.next(state, a).enabled);
  const names: readonly InvariantName[] = over ? stepper.broken(state) : INVARIANTS.map((i) => i.name).filter((name) => stepper.latched(state, name));
  for (const name of names) {
    if (IN_BETWEEN.has(name) || stepper.latched(state, name)) continue;
    // The step since which it is broken for good.
    const whole = steps.findLastIndex(({ broken }) => !broken.includes(name)) + 1;
    const row = steps[whole]?.row ?? -1;
    const at = rows[row];
    if (at !== undefined) rows[row] = { ...at, breaks: [...at.breaks, name] };
  }
  return {
    ...about,
    id: idOf(about, schedule),
    threads: scene.actors.map((a) => a.name),
    rows,
    broken: INVARIANTS.filter((i) => names.includes(i.name)),
    stuck: over ? stuck.map((a) => a.name) : [],
  };
}

/** Whether the actor read something on which it acts later. */
function learns({ registers, program }: Actor, before: Uint16Array, after: Uint16Array): boolean {
  for (let r = registers; r < registers + program.registers; r++) if (before[r] !== after[r] && after[r] !== 0) return true;
  return false;
}

function lockChanges(w: World, cpu: number, before: Uint16Array, after: Uint16Array): { takes: string[]; drops: string[] } {
  const takes: string[] = [];
  const drops: string[] = [];
  for (const lock of w.locks) {
    const has = (s: Uint16Array): boolean => s[lock.writer] === cpu + 1 || (lock.readers >= 0 && ((s[lock.readers] as number) & (1 << cpu)) !== 0);
    if (has(before) === has(after)) continue;
    (has(after) ? takes : drops).push(lock.name);
  }
  return { takes, drops };
}

/** Four hexadecimal digits of what was run. */
function idOf(about: { readonly race: string; readonly model: string }, schedule: readonly number[]): string {
  let h = 0x811c9dc5;
  for (const ch of `${about.race}\n${about.model}\n${schedule.join('')}`) h = Math.imul(h ^ (ch.codePointAt(0) ?? 0), 0x01000193);
  h ^= h >>> 16;
  return ((h >>> 0) & 0xffff).toString(16).padStart(4, '0');
}
