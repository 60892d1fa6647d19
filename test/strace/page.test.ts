import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { LOG_MESSAGES } from '../../dsl/logs/index.js';
import { expectReplays } from './kit.js';

const page = readFileSync(new URL('../../docs/strace.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/^```strace\n([^]*?)^```$/gm)].map(([, block]) => block ?? '');

describe('docs/strace.md', () => {
  test.each(blocks)('block %#', (block) => {
    expectReplays(block);
  });
  test('lists what is said', () => {
    for (const code of Object.keys(LOG_MESSAGES)) expect(page).toContain(`\`${code}\``);
  });
});
