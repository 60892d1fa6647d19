import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createSession, formatDiagnostic, MESSAGES } from '../../dsl/index.js';
import type { Machines } from '../../machine/index.js';
import { machines, run } from '../kit.js';

const PAGE = new URL('../../docs/messages.md', import.meta.url);

/** The page shall not change with every release that the model learns. */
const few: Machines = {
  ...machines,
  releases: machines.releases.filter((r) => ['6.1', '6.12', '6.18'].includes(r.name)),
  behaviours: [
    { name: 'realign', values: ['none', 'v2', 'merged'], off: 'none', summary: '' },
    { name: 'placement', values: ['top_down', 'bottom_up'], off: null, summary: '' },
  ],
};

interface Example {
  readonly code: string;
  readonly source: string;
  readonly printed: string;
}

/** Each example with what is printed under it. */
const PATTERN = /### `([\w-]+)`\n\n[^\n]*\n\n```mremap\n([^]*?)\n```\n\n```text\n([^]*?)```/g;

const page = readFileSync(PAGE, 'utf8');
const examples: Example[] = [...page.matchAll(PATTERN)].map(([, code = '', source = '', printed = '']) => ({ code, source, printed }));

async function print(source: string): Promise<{ codes: string[]; printed: string }> {
  const { diagnostics } = await run(source, 'file', createSession(few));
  const printed = diagnostics.map((d) => `${formatDiagnostic('example.mremap', source, d)}\n`).join('');
  return { codes: diagnostics.map((d) => d.code), printed };
}

describe('docs/messages.md', () => {
  test('lists every code, in the order of dsl/messages/messages.ts or not, and no other', () => {
    const listed = [...page.matchAll(/^### `([\w-]+)`$/gm)].map(([, code]) => code);
    expect([...listed].sort()).toEqual(Object.keys(MESSAGES).sort());
  });

  test('has an example of each that a scenario can bring about', () => {
    const without = Object.keys(MESSAGES).filter((code) => !examples.some((e) => e.code === code));
    expect(without.sort()).toEqual(['bus-error', 'set-up', 'too-deep', 'too-long']);
  });

  test.each(examples)('$code', async ({ code, source, printed }) => {
    const now = await print(source);
    expect(now.codes).toContain(code);
    if (process.env['BLESS'] === undefined) expect(now.printed).toBe(printed);
  });

  test.runIf(process.env['BLESS'] !== undefined)('is blessed', async () => {
    let text = page;
    for (const { source, printed } of examples) {
      const now = await print(source);
      const block = (of: string): string => `\`\`\`mremap\n${source}\n\`\`\`\n\n\`\`\`text\n${of}\`\`\``;
      text = text.replace(block(printed), () => block(now.printed));
    }
    writeFileSync(PAGE, text);
  });
});

describe('messages', () => {
  test('are sentences without a full stop, and no stack traces', async () => {
    for (const { source } of examples) {
      const { diagnostics } = await run(source, 'file', createSession(few));
      for (const { message, hint } of diagnostics) {
        expect(message).toMatch(/\S/);
        expect(message).not.toMatch(/\.$|\bat .*\.ts:\d/);
        if (hint !== undefined) expect(hint).not.toMatch(/^[A-Z][a-z]/);
      }
    }
  });
});
