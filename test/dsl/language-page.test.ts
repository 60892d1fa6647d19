import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fieldNames } from '../../dsl/vocabulary/fields.js';
import { CALLABLES, MEASURES } from '../../dsl/vocabulary/calls.js';
import { SETTINGS } from '../../dsl/vocabulary/settings.js';
import { VIEWS } from '../../dsl/vocabulary/views.js';
import { expectHolds } from '../kit.js';

const page = readFileSync(new URL('../../docs/language.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^## (.*)$|^```mremap\n([^]*?)^```$/gm)].reduce<{ section: string; blocks: [string, string][] }>(
  (seen, [, section, block]) => {
    if (section !== undefined) return { ...seen, section };
    return { ...seen, blocks: [...seen.blocks, [seen.section, block ?? '']] };
  },
  { section: 'the first example', blocks: [] },
).blocks;

describe('docs/language.md', () => {
  test.each(blocks)('%s', async (_, block) => {
    const { expectations } = await expectHolds(block);
    expect(expectations.failed).toBe(0);
  });

  test('mentions every call, question, setting and view', () => {
    for (const name of CALLABLES.keys()) expect(page).toContain(`\`${name}(`);
    for (const name of MEASURES.keys()) expect(page).toContain(`\`${name}\``);
    for (const name of Object.keys(SETTINGS)) expect(page).toContain(`\`${name}\``);
    for (const name of Object.keys(VIEWS)) expect(page).toContain(`\`show ${name}`);
  });

  test.each(['result', 'vma', 'vmas', 'entry'] as const)('mentions every field of %s', (kind) => {
    for (const name of fieldNames(kind)) expect(page).toMatch(new RegExp(`\`(?:${name}\`|${name}\\.)`));
  });
});
