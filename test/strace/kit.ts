/** A test kit for logs: tests read like one. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import { LogReplay, type LogOptions, type LogResult } from '../../dsl/logs/index.js';
import { createMachines } from '../../sim/index.js';

export const machines = createMachines();

export function replay(log: string | readonly string[], options: LogOptions = {}): LogResult {
  const run = new LogReplay(machines, { keepsMoves: true, ...options });
  const lines = typeof log === 'string' ? log.replace(/^\n|\n\s*$/g, '').split('\n') : log;
  for (const line of lines) run.line(line.trim() === '' ? '' : line);
  return run.end();
}

export function logLines(name: string): string[] {
  const bytes = readFileSync(new URL(`logs/${name}`, import.meta.url));
  const text = name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString();
  return text.trimEnd().split('\n');
}

/** Every line is read and every claim holds. */
export function expectReplays(log: string | readonly string[], summary: object = {}, options?: LogOptions): LogResult {
  const result = replay(log, options);
  expect(result.diagnostics.map((d) => `${d.line}:${d.column} ${d.code}: ${d.message}`)).toEqual([]);
  expect(result.summary).toMatchObject({ unread: 0, claims: { contradicted: 0 }, ...summary });
  return result;
}

/** Exactly these things are said, as `line code`. */
export function expectSaid(log: string | readonly string[], said: readonly string[], options?: LogOptions): LogResult {
  const result = replay(log, options);
  expect(result.diagnostics.map((d) => `${d.line} ${d.code}`)).toEqual(said);
  return result;
}

/** Two pages at a place, for what comes after. */
export const MAPPED = 'mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000000';
