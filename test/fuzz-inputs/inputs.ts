/** The inputs of a kind: those that found something once, and then mutated ones, each from its number alone. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { random } from '../hostile/random.js';
import type { Kind } from './kinds.js';
import { mutate } from './mutate.js';

const CORPUS = 'test/fuzz-inputs/corpus';

export function corpus(kind: string): string[] {
  const dir = join(CORPUS, kind);
  return existsSync(dir) ? readdirSync(dir).map((name) => readFileSync(join(dir, name), 'utf8')) : [];
}

/** @returns the file */
export function keep(kind: string, text: string): string {
  const dir = join(CORPUS, kind);
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${createHash('sha256').update(text).digest('hex').slice(0, 12)}.txt`);
  writeFileSync(file, text);
  return file;
}

/** @returns the input of a number */
export function inputsOf(name: string, kind: Kind, seed: number): (i: number) => string {
  const kept = corpus(name);
  const seeds = kind.seeds();
  return (i) => {
    const old = kept[i];
    if (old !== undefined) return old;
    const { next } = random(seed * 1_000_003 + i);
    const from = seeds[Math.floor(next() * seeds.length)] ?? '';
    // Now and then what found something, once more.
    return mutate(kept.length > 0 && next() < 0.1 ? (kept[Math.floor(next() * kept.length)] ?? from) : from, seeds, next);
  };
}
