import { readFileSync, writeFileSync } from 'node:fs';
import { generateCstDts } from 'chevrotain';
import { expect, test } from 'vitest';
import { MremapParser } from '../../dsl/syntax/parser/statements.js';

const FILE = new URL('../../dsl/syntax/cst.ts', import.meta.url);

/** Validations are off in the product: they cost start-up time and can only find mistakes of ours. */
const parser = new MremapParser({ skipValidations: false });

function generated(): string {
  const types = generateCstDts(parser.getGAstProductions(), { includeVisitorInterface: false });
  return `// The types of the concrete syntax tree, generated from parser/: \`BLESS=1 npx vitest run test/dsl/cst.test.ts\`.
${types.replace(/^import .*$/m, "import type { CstNode, IToken } from 'chevrotain';")}
`;
}

test('the grammar is sound, and the types of its tree are up to date', () => {
  if (process.env['BLESS'] !== undefined) writeFileSync(FILE, generated());
  expect(readFileSync(FILE, 'utf8')).toBe(generated());
});
