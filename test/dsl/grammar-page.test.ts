import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MremapParser } from '../../dsl/syntax/parser/statements.js';
import { grammarPage, inReadingOrder } from './railroad.js';

const PAGE = new URL('../../docs/grammar.html', import.meta.url);
const rules = inReadingOrder(new MremapParser().getGAstProductions());

test('docs/grammar.html is drawn from the parser as it is', () => {
  const page = grammarPage(rules);
  if (process.env['BLESS'] !== undefined) writeFileSync(PAGE, page);
  expect(readFileSync(PAGE, 'utf8')).toBe(page);
});

test('has a picture of every rule, and every reference leads to one', () => {
  const page = readFileSync(PAGE, 'utf8');
  for (const { name } of rules) expect(page).toContain(`<h2 id="${name}">`);
  for (const [, target] of page.matchAll(/href="#(\w+)"/g)) expect(rules.some((r) => r.name === target)).toBe(true);
});
