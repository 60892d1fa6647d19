/**
 * A test kit for the language: tests read like it. In the texts `<|>` marks the cursor and
 * `<|...|>` a range, as in Langium's kit.
 */
import { expect } from 'vitest';
import { createSession, type SessionOptions } from '../dsl/index.js';
import type { Completion, Diagnostic, Output, RunOptions, RunResult, Session } from '../dsl/api.js';
import type { Errno, MoveCounters, OpRecord, View } from '../machine/index.js';
import type { Machines } from '../machine/index.js';
import { createMachines } from '../sim/index.js';

export const machines: Machines = createMachines();

export const newSession = (options?: SessionOptions): Session => createSession(machines, options);

export interface Marked {
  readonly text: string;
  readonly cursor?: number;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** Takes the marks out of a text. */
export function marked(source: string): Marked {
  let text = '';
  let cursor: number | undefined;
  const ranges: { start: number; end: number }[] = [];
  for (const part of source.split(/(<\|>|<\||\|>)/)) {
    if (part === '<|>') cursor = text.length;
    else if (part === '<|') ranges.push({ start: text.length, end: text.length });
    else if (part === '|>') ranges.splice(-1, 1, { start: ranges.at(-1)?.start ?? 0, end: text.length });
    else text += part;
  }
  return { text, cursor, ranges };
}

// Runs -------------------------------------------------------------------------------------------

export interface Ran extends RunResult {
  readonly outputs: readonly Output[];
  /** What `print` printed. */
  readonly printed: string;
  readonly views: readonly View[];
}

export async function run(text: string, mode: RunOptions['mode'] = 'file', session = newSession()): Promise<Ran> {
  const outputs: Output[] = [];
  const result = await session.run(text, { mode, onOutput: (o) => outputs.push(o) });
  const printed = outputs.map((o) => (o.type === 'text' ? o.text : '')).join('');
  const views = outputs.flatMap((o) => (o.type === 'view' ? [o.view] : []));
  return { ...result, outputs, printed, views };
}

/** Runs cells in one session and gives the last one's result. */
export async function runCells(...cells: readonly string[]): Promise<Ran> {
  const session = newSession();
  let last = await run('', 'cell', session);
  for (const cell of cells) last = await run(cell, 'cell', session);
  return last;
}

/** Every claim and expectation of a file holds, and nothing else is wrong with it. */
export async function expectHolds(text: string): Promise<Ran> {
  const ran = await run(text);
  expect(ran.diagnostics.map(summary)).toEqual([]);
  expect(ran.outcome).toBe('ok');
  return ran;
}

/** What the last of some cells displays. */
export async function expectShown(...cellsAndShown: readonly string[]): Promise<Ran> {
  const ran = await runCells(...cellsAndShown.slice(0, -1));
  expect(ran.diagnostics.map(summary)).toEqual([]);
  expect(ran.value?.text).toBe(cellsAndShown.at(-1));
  return ran;
}

export async function expectPrinted(text: string, printed: string): Promise<void> {
  const ran = await run(text);
  expect(ran.diagnostics.map(summary)).toEqual([]);
  expect(ran.printed).toBe(printed);
}

/** The last call was refused for a reason. */
export async function expectRefused(text: string, errno: Errno, why: RegExp): Promise<void> {
  const said = (await run(text)).outputs.filter((o) => o.type === 'refused').at(-1);
  expect(said?.record.result).toMatchObject({ kind: 'errno', errno });
  expect(said?.text).toMatch(why);
}

/** What the last mremap moved. */
export async function expectMoved(text: string, moved: Partial<MoveCounters>): Promise<void> {
  const { records } = await expectHolds(text);
  expect(lastMove(records)?.moved).toMatchObject(moved);
}

const lastMove = (records: readonly OpRecord[]): OpRecord | undefined => records.findLast((r) => r.op.name === 'mremap');

// Diagnostics ------------------------------------------------------------------------------------

export interface Expected {
  readonly code: string;
  readonly message?: string | RegExp;
  readonly hint?: string | RegExp;
  readonly values?: Diagnostic['values'];
}

const summary = (d: Diagnostic): string => `${d.line}:${d.column} ${d.code}: ${d.message}`;

/** Exactly one thing is wrong, at the marked range. Running is part of it if the text passes the checks. */
export async function expectDiagnostic(source: string, expected: Expected, mode: RunOptions['mode'] = 'file'): Promise<void> {
  const { text, ranges } = marked(source);
  const { diagnostics } = await run(text, mode);
  expect(diagnostics.map(summary)).toHaveLength(1);
  const [found] = diagnostics;
  expect(found?.code).toBe(expected.code);
  if (expected.message !== undefined) expect(found?.message).toMatch(expected.message);
  if (expected.hint !== undefined) expect(found?.hint).toMatch(expected.hint);
  if (expected.values !== undefined) expect(found?.values).toEqual(expected.values);
  if (ranges[0] !== undefined) expect(text.slice(found?.span.start, found?.span.end)).toBe(text.slice(ranges[0].start, ranges[0].end));
  if (ranges[0] !== undefined) expect(found?.span).toEqual(ranges[0]);
}

/** These things are wrong and no others, in order; each at its marked range if there are any. */
export async function expectDiagnostics(source: string, codes: readonly string[], mode: RunOptions['mode'] = 'file'): Promise<void> {
  const { text, ranges } = marked(source);
  const { diagnostics } = await run(text, mode);
  expect(diagnostics.map((d) => d.code)).toEqual(codes);
  if (ranges.length > 0) expect(diagnostics.map((d) => d.span)).toEqual(ranges);
}

// Services ---------------------------------------------------------------------------------------

export interface ExpectedItems {
  /** These and no others, in order. */
  readonly items?: readonly string[];
  readonly includes?: readonly string[];
  readonly excludes?: readonly string[];
  readonly kind?: Completion['kind'];
}

export function expectCompletion(source: string, expected: ExpectedItems, session = newSession()): void {
  const { text, cursor, ranges } = marked(source);
  const list = session.complete(text, cursor ?? text.length);
  const texts = list.items.map((i) => i.text);
  if (expected.items !== undefined) expect(texts).toEqual(expected.items);
  for (const word of expected.includes ?? []) expect(texts).toContain(word);
  for (const word of expected.excludes ?? []) expect(texts).not.toContain(word);
  if (expected.kind !== undefined) expect(new Set(list.items.map((i) => i.kind))).toEqual(new Set([expected.kind]));
  if (ranges[0] !== undefined) expect({ start: list.start, end: list.end }).toEqual(ranges[0]);
}
