/**
 * What a chart of a move draws: its steps one by one while they are few, and bins of like steps
 * when they are many. Counted from the stretches, never by walking the steps.
 */
import { countExtents, expandMoves, spanOf, type Geometry, type MoveKind, type MoveStretch, type Pages, type Vpn } from '../machine/index.js';

/** One move_page_tables call of an operation, on the line of everything the operation moved. */
export interface MoveCall {
  /** Where the loop started, after realigning. */
  readonly old: Vpn;
  readonly new: Vpn;
  /** How far below the start that was asked for. */
  readonly realigned: Pages;
  /** Position on the line, in pages. */
  readonly from: Pages;
  readonly pages: Pages;
}

export interface MoveMark {
  readonly kind: MoveKind;
  readonly call: number;
  /** Position on the line, in pages. */
  readonly from: Pages;
  readonly pages: Pages;
  readonly old: Vpn;
  readonly new: Vpn;
  /** Number of the first step, from 1. */
  readonly step: number;
  readonly steps: number;
  readonly entries: number;
  /** Where kinds share a bin: how wide the bin is, and the part of its height this kind takes. */
  readonly room: Pages;
  readonly share: readonly [number, number];
}

export interface MovePlan {
  readonly calls: readonly MoveCall[];
  readonly marks: readonly MoveMark[];
  readonly steps: number;
  readonly binned: boolean;
  /** The length of the line. */
  readonly pages: Pages;
}

/** A refused table move covers no ground: what follows does it again, one level below. */
export const isRefused = (kind: MoveKind): boolean => kind === 'pmd_refused' || kind === 'pud_refused' || kind === 'huge_pmd_refused' || kind === 'split';

interface Laid {
  readonly mark: MoveMark;
  readonly stretch: MoveStretch;
}

function layOut(moves: readonly MoveStretch[]): { calls: MoveCall[]; laid: Laid[] } {
  const calls: MoveCall[] = [];
  const laid: Laid[] = [];
  let realigned = 0;
  let open = false;
  let step = 1;
  for (const m of moves) {
    if (m.kind === 'start' || m.kind === 'realign') {
      realigned = m.kind === 'realign' ? m.pages : 0;
      open = false;
      continue;
    }
    const last = calls.at(-1);
    if (!open || last === undefined) {
      calls.push({ old: m.old, new: m.new, realigned, from: last === undefined ? 0 : last.from + last.pages, pages: 0 });
      open = true;
    }
    const at = calls.length - 1;
    const call = calls[at] as MoveCall;
    const from = call.from + m.old - call.old;
    calls[at] = { ...call, pages: Math.max(call.pages, m.old + m.pages - call.old) };
    const { kind, pages, old, steps, entries } = m;
    laid.push({ mark: { kind, call: at, from, pages, old, new: m.new, step, steps, entries, room: pages, share: [0, 1] }, stretch: m });
    step += m.steps;
  }
  return { calls, laid };
}

function* singleSteps(g: Geometry, laid: readonly Laid[]): Generator<MoveMark> {
  for (const { stretch, mark } of laid) {
    let step = mark.step;
    for (const s of expandMoves(g, [stretch])) {
      yield { ...mark, from: mark.from + s.old - mark.old, pages: s.pages, room: s.pages, old: s.old, new: s.new, step, steps: 1, entries: s.entries };
      step++;
    }
  }
}

/** How many steps begin, and how many entries they move, in the first `pages` of a stretch. */
function upTo(g: Geometry, m: MoveStretch, pages: Pages): { steps: number; entries: number } {
  if (pages <= 0) return { steps: 0, entries: 0 };
  if (pages >= m.pages || m.steps <= 1) return { steps: m.steps, entries: m.entries };
  const steps = Math.min(m.steps, countExtents(m.old, pages, m.new, spanOf(g, m.kind)));
  if (m.entries === m.pages) return { steps, entries: pages };
  return { steps, entries: Math.round((m.entries * steps) / m.steps) };
}

/** The edges of at most `limit` bins; none crosses from one kind of step to another unless there are too many changes. */
function binEdges(laid: readonly Laid[], pages: Pages, steps: number, limit: number): Pages[] {
  const runs: { from: Pages; steps: number }[] = [];
  let last: MoveMark | undefined;
  for (const { mark: s } of laid) {
    if (isRefused(s.kind)) continue;
    const run = runs.at(-1);
    if (run === undefined || last === undefined || last.kind !== s.kind || last.call !== s.call) runs.push({ from: s.from, steps: s.steps });
    else run.steps += s.steps;
    last = s;
  }
  const parts = runs.length <= limit / 2 ? runs : [{ from: 0, steps }];
  const spare = limit - parts.length;
  return parts.flatMap(({ from, steps }, i) => {
    const length = (parts[i + 1]?.from ?? pages) - from;
    const cuts = Math.max(1, Math.min(steps, Math.floor((spare * length) / pages)));
    // Where steps are of one size, bins hold whole steps.
    const grain = Number.isInteger(length / steps) ? length / steps : 1;
    return Array.from({ length: cuts }, (_, k) => from + Math.floor((length / grain) * (k / cuts)) * grain);
  });
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function* bins(g: Geometry, laid: readonly Laid[], edges: readonly Pages[]): Generator<MoveMark> {
  const open = new Map<MoveKind, Writable<MoveMark>>();
  let at = 0;
  for (const { mark: s, stretch } of laid) {
    const end = s.from + s.pages;
    for (let from = s.from; from < end;) {
      while ((edges[at + 1] ?? Infinity) <= from) {
        yield* shareBin(open, edges[at] ?? 0, edges[at + 1] ?? from);
        open.clear();
        at++;
      }
      // A refused table move is followed by steps over the same ground: it may reach past this bin, but must not turn it.
      const to = isRefused(s.kind) ? end : Math.min(end, edges[at + 1] ?? end);
      const [low, high] = [upTo(g, stretch, from - s.from), upTo(g, stretch, to - s.from)];
      const bin = open.get(s.kind);
      if (bin === undefined || bin.call !== s.call) {
        if (bin !== undefined) yield { ...bin, room: bin.pages };
        const [old, next] = [s.old + from - s.from, s.new + from - s.from];
        open.set(s.kind, { ...s, from, pages: to - from, old, new: next, step: s.step + low.steps, steps: high.steps - low.steps, entries: high.entries - low.entries });
      } else {
        bin.pages += to - from;
        bin.steps += high.steps - low.steps;
        bin.entries += high.entries - low.entries;
      }
      from = to;
    }
  }
  yield* shareBin(
    open,
    edges[at] ?? 0,
    laid.reduce((end, { mark }) => Math.max(end, mark.from + mark.pages), 0),
  );
}

/** Kinds that share a bin are stacked, each as high as the part of the bin it covered. */
function* shareBin(open: ReadonlyMap<MoveKind, MoveMark>, from: Pages, to: Pages): Generator<MoveMark> {
  const covering = [...open.values()].filter((m) => !isRefused(m.kind));
  const pages = covering.reduce((sum, m) => sum + m.pages, 0);
  let below = 0;
  for (const m of open.values()) {
    if (isRefused(m.kind) || covering.length === 1) yield { ...m, room: m.pages };
    else yield { ...m, from, room: to - from, share: [below / pages, (below + m.pages) / pages] };
    if (!isRefused(m.kind)) below += m.pages;
  }
}

/** At most about three marks a bin and `limit` bins. */
export function planMoves(g: Geometry, moves: readonly MoveStretch[], limit: number): MovePlan {
  const { calls, laid } = layOut(moves);
  const steps = laid.reduce((sum, { mark }) => sum + mark.steps, 0);
  const pages = calls.reduce((sum, c) => sum + c.pages, 0);
  const binned = steps > limit;
  const marks = [...(binned ? bins(g, laid, binEdges(laid, pages, steps, limit)) : singleSteps(g, laid))];
  return { calls, marks, steps, binned, pages };
}
