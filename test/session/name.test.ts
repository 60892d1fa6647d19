import { expect, test } from 'vitest';
import { checkName, nameFrom, nearest, numbered } from '../../session/name.js';

test.each([
  ['01-two-gigabytes-down', '01-two-gigabytes-down'],
  ['Mein Versuch (3)', 'Mein-Versuch-3'],
  ['../etc/passwd', 'etc-passwd'],
  ['', 'notebook'],
  ['日本語', 'notebook'],
  ['x'.repeat(99), 'x'.repeat(28)],
])('%j names the session %j', (text, name) => {
  expect(nameFrom(text, 'notebook')).toBe(name);
  expect(checkName(name)).toBe(name);
});

test.each(['', '.', '..', '.hidden', 'a/b', 'a b', 'x'.repeat(33), 'a\0'])('%j is no name', (name) => {
  expect(() => checkName(name)).toThrow('cannot name a session');
});

test('names that are taken get numbers', () => {
  const names = numbered('y'.repeat(32));
  expect([names.next().value, names.next().value]).toEqual(['y'.repeat(32), `${'y'.repeat(30)}-2`]);
});

test.each([
  ['consle', 'console'],
  ['NOTEBOOK', 'notebook'],
  ['elsewhere', undefined],
])('who writes %j means %j', (typed, meant) => {
  expect(nearest(typed, ['console', 'notebook'])).toBe(meant);
});
