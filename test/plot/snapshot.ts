/** Snapshots as files: a failing one leaves `*-changed` beside the golden; BLESS=1 rewrites them. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { expect } from 'vitest';

const FOLDER = join(import.meta.dirname, 'snapshots');

export function expectSnapshot(file: string, text: string): void {
  const path = join(FOLDER, file);
  const changed = join(FOLDER, `${file.slice(0, -extname(file).length)}-changed${extname(file)}`);
  if (process.env['BLESS'] === '1') {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, text);
  }
  const golden = existsSync(path) ? readFileSync(path, 'utf8') : '';
  if (golden === text) {
    rmSync(changed, { force: true });
    return;
  }
  writeFileSync(changed, text);
  expect.fail(`${file} differs from its golden: compare ${changed}, then run with BLESS=1 if it is right`);
}

/** Floats to two digits, so that they make no noise. */
export const rounded = (text: string): string => text.replace(/-?\d+\.\d{3,}/g, (n) => String(Math.round(Number(n) * 100) / 100));

/** One row of data a line. */
export function specText(spec: unknown): string {
  const flat = (value: unknown): boolean => typeof value !== 'object' || value === null || Object.values(value).every((v) => typeof v !== 'object' || v === null);
  const write = (value: unknown, indent: string): string => {
    if (flat(value)) return JSON.stringify(value);
    const inner = `${indent} `;
    if (Array.isArray(value)) return `[\n${value.map((v) => inner + write(v, inner)).join(',\n')}\n${indent}]`;
    const fields = Object.entries(value as object).filter(([, v]) => v !== undefined);
    return `{\n${fields.map(([k, v]) => `${inner}${JSON.stringify(k)}: ${write(v, inner)}`).join(',\n')}\n${indent}}`;
  };
  return `${write(spec, '')}\n`;
}
