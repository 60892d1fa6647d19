/** What every program must leave true, on every release. */
import { isDeepStrictEqual } from 'node:util';
import { MREMAP, type AddressSpace, type Op } from '../../machine/index.js';
import { SimulatedMachine } from '../../sim/index.js';
import { Bytes, SAMPLES } from './bytes.js';
import { LOWEST, PAGE, PAGES } from './programs.js';

const MOVE = MREMAP.MREMAP_MAYMOVE | MREMAP.MREMAP_FIXED;
const DENSE = Number(LOWEST / PAGE) + PAGES;
const open = (release: string, behaviours?: Record<string, string>): SimulatedMachine =>
  new SimulatedMachine({ release, ...(behaviours === undefined ? {} : { behaviours }) }, { steps: false });

/** After every operation the counters, the trees and the reverse map agree. */
export function keepsItsRules(release: string, ops: readonly Op[]): void {
  const machine = open(release);
  for (const op of ops) {
    machine.perform(op);
    machine.check();
  }
}

/** Whoever loads finds what was stored, wherever it has moved since. */
export function keepsContents(release: string, ops: readonly Op[]): void {
  const machine = open(release);
  const bytes = new Bytes();
  for (const op of ops) {
    const record = machine.perform(op);
    bytes.apply(record);
    const { after } = record;
    const fail = (page: number, what: string): never => {
      throw new Error(`page 0x${(page * 4096).toString(16)} ${what} after ${op.name}`);
    };
    for (const run of after.pages()) {
      if (run.kind === 'S') continue;
      for (let page = run.start; page < run.start + run.count; page++) {
        if (run.kind === 'a' || run.kind === 'A') bytes.copied(page);
        // Of large mappings, which are alike, a part will do.
        if (page >= DENSE && page % 16 !== 0) continue;
        const expected = bytes.seen(page);
        if (expected === undefined) continue;
        const found = SAMPLES.map((offset) => after.byteAt(BigInt(page) * PAGE + BigInt(offset)));
        if (!isDeepStrictEqual(found, expected)) fail(page, `holds ${found.join(' ')} instead of ${expected.join(' ')}`);
      }
    }
    for (const page of bytes.precious()) if (after.byteAt(BigInt(page) * PAGE) === undefined) fail(page, 'is lost');
  }
}

/** Rounding a move down to a PMD boundary changes what is moved at once, and nothing that can be seen. */
export function realignIsInvisible(ops: readonly Op[]): void {
  const [without, merged] = [open('6.12', { realign: 'none' }), open('6.12')];
  for (const op of ops) {
    without.perform(op);
    merged.perform(op);
    const [a, b] = [visible(without.space()), visible(merged.space())];
    if (!isDeepStrictEqual(a, b)) throw new Error(`${op.name} shows whether moves are realigned:\n${JSON.stringify(a, text)}\n${JSON.stringify(b, text)}`);
  }
}

/**
 * A part of a VMA moved far away and back: the contents are what they were, and no cut is left that
 * was not there. (There may be fewer: neighbours that nobody had joined join now. A second journey
 * then changes nothing any more.)
 */
export function movesBack(release: string, ops: readonly Op[], pick: number, skip: number, pages: number): void {
  const machine = open(release);
  for (const op of ops) machine.perform(op);
  const vmas = [...machine.space().vmas()];
  const vma = vmas[pick % Math.max(1, vmas.length)];
  // A VMA that was wiped or left empty may keep the page offset of another place: once moved, it loses that for good.
  if (vma === undefined || (vma.kind === 'anon' && vma.anonVma === null && vma.pgoff !== vma.start)) return;
  const start = vma.start + (skip % (vma.end - vma.start));
  const length = BigInt(Math.min(vma.end - start, 1 + pages)) * PAGE;
  const [here, there] = [BigInt(start) * PAGE, (1n << 45n) + (BigInt(start) % 512n) * PAGE];
  const move = (from: bigint, to: bigint): boolean =>
    machine.perform({ name: 'mremap', old_address: from, old_size: length, new_size: length, flags: MOVE, new_address: to }).result.kind === 'value';
  const round = (): Visible | null => (move(here, there) && move(there, here) ? visible(machine.space()) : null);

  const before = visible(machine.space());
  const first = round();
  if (first === null) return;
  machine.check();
  if (!isDeepStrictEqual(first.pages, before.pages)) throw new Error(`contents differ:\n${JSON.stringify(before.pages, text)}\n${JSON.stringify(first.pages, text)}`);
  const cuts = (v: Visible): number[] => v.vmas.flatMap(([from, to]) => [from, to]);
  const left = cuts(first).filter((cut) => !cuts(before).includes(cut));
  if (left.length > 0) throw new Error(`cuts are left at ${left.join(' ')}`);
  const second = round();
  if (second !== null && !isDeepStrictEqual(second, first)) throw new Error(`a second journey differs:\n${JSON.stringify(first, text)}\n${JSON.stringify(second, text)}`);
}

interface Visible {
  readonly vmas: readonly (readonly [number, number, string, string, string])[];
  readonly pages: readonly (readonly [number, string, bigint])[];
}

/** What a program can see of its memory: maps, and the contents of every page that is there. */
function visible(space: AddressSpace): Visible {
  return {
    vmas: [...space.vmas()].map((v) => [v.start, v.end, v.perms, v.kind, v.vmFlags] as const),
    pages: [...space.pages()].flatMap((run) => Array.from({ length: run.count }, (_, i) => [run.start + i, run.kind, run.word + run.wordStep * BigInt(i)] as const)),
  };
}

const text = (_: string, v: unknown): unknown => (typeof v === 'bigint' ? v.toString() : v);
