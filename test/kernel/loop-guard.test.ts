import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { guardLoops, installGuards, unguarded } from '../../kernel/cells/loop-guard.js';
import { CellInterrupted, heedInterrupts, raiseInterrupt } from '../../kernel/interrupts.js';

const cell = { interrupted: false };
beforeAll(() => installGuards(() => cell));
afterEach(() => {
  heedInterrupts();
  cell.interrupted = false;
});

/** As tslab does: in a function of its own. */
const run = (code: string): unknown => (0, eval)(`(() => { ${guardLoops(`return ${code}`)} })()`) as unknown;

/** Each ends by itself, at 42. */
const ENDING = {
  for: '(() => { let n = 0; for (let i = 0; i < 42; i++) { n++ } return n })()',
  'for without braces': '(() => { let n = 0; for (let i = 0; i < 42; i++) n++; return n })()',
  'for of, nested': '(() => { let n = 0; for (const a of [1, 2, 3]) for (const b of [7, 7]) n += b; return n })()',
  'for in': '(() => { let n = 40; for (const k in { a: 1, b: 2 }) if (k) n++; return n })()',
  while: '(() => { let n = 0; while (n < 42) n++; return n })()',
  'do while': '(() => { let n = 0; do n++; while (n < 42); return n })()',
  labels: '(() => { outer: for (;;) { while (true) { break outer } } return 42 })()',
  'arrow, value': '[41].map((x) => x + 1)[0]',
  'arrow, object': '[41].map((x) => ({ y: x + 1 }))[0].y',
  'arrow of arrow': '((a) => (b) => a * b)(6)(7)',
  'arrow with a loop in its value': '((n) => [...Array(n)].reduce((s) => s + 1, 0))(42)',
  generator: '[...(function* () { for (let i = 0; i < 42; i++) yield i })()].length',
  directive: '(function () { "use strict"; return this === undefined ? 42 : 0 })()',
  class: 'new (class { #x = 41; constructor() { this.#x++ } get x() { return this.#x } static { for (;;) break } })().x',
  derived: 'new (class extends Array { constructor() { super(42) } })().length',
  'default parameter': '((f = (x) => x * 2) => f(21))()',
  'empty body': '(() => { let n = 0; for (; n < 42; n++); return n })()',
};

describe('guarded code', () => {
  test.each(Object.entries(ENDING))('%s: does what it did', (_name, code) => {
    expect((0, eval)(code)).toBe(42);
    expect(run(code)).toBe(42);
  });

  test.each(Object.entries(ENDING))('%s: keeps its lines and its text', (_name, code) => {
    const lines = code.replaceAll('; ', ';\n');
    expect(guardLoops(lines).split('\n')).toHaveLength(lines.split('\n').length);
    expect(guardLoops(code)).not.toBe(code);
  });

  test.each(Object.entries(ENDING))('%s: stops when interrupted', (_name, code) => {
    raiseInterrupt('message');
    expect(() => run(code)).toThrow(CellInterrupted);
  });

  test('code that loops and calls nothing is left alone', () => {
    expect(guardLoops('const a = 1;\na + 2')).toBe('const a = 1;\na + 2');
  });

  test('reads as it did without what was put in', () => {
    expect(unguarded(guardLoops('for (;;) { f((x) => x) }'))).toBe('for (;;) { f((x) => (x)) }');
  });
});

test('a cell that was interrupted stays so', () => {
  const late = run('() => { for (const a of [1]) if (a === 1) return 42 }') as () => number;
  expect(late()).toBe(42);
  cell.interrupted = true;
  expect(late).toThrow(CellInterrupted);
});

test('a directive stays one', () => {
  expect(guardLoops('"use strict"; for (;;) {}')).toMatch(/^"use strict";/);
});

test('a cell that catches its interrupt is interrupted again', () => {
  raiseInterrupt('message');
  expect(() => run('(() => { for (;;) { try { for (;;) {} } catch {} } })()')).toThrow(CellInterrupted);
});
