/** `show cost`: the same call, after the same history, on every release. */
import { describe, expect, test } from 'vitest';
import { createSession, type Output } from '../../dsl/index.js';
import type { View } from '../../machine/index.js';
import { createMachines } from '../../sim/index.js';

type CostView = Extract<View, { what: 'cost' }>;

async function costOf(text: string): Promise<CostView> {
  const views: View[] = [];
  const result = await createSession(createMachines()).run(text, { mode: 'file', onOutput: (o: Output) => o.type === 'view' && views.push(o.view) });
  expect(result.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  const view = views.at(-1);
  if (view?.what !== 'cost') throw new Error('no cost was shown');
  return view;
}

const MOVE = 'mmap(129M, 2M, rw, anon|private|fixed)\ntouch(129M, 2M)\nm = mremap(129M, 2M, 2M, maymove|fixed, 97M)\n';

describe('show cost', () => {
  test('does the call again on the other releases that were recorded, in order', async () => {
    const { record, others, model } = await costOf(`kernel 6.12\n${MOVE}show cost m`);
    expect(model).toBe('6.12');
    expect(others.map((o) => o.model.split(' ')[0])).toEqual(
      createMachines()
        .releases.filter((r) => r.recorded !== null && r.name !== '6.12')
        .map((r) => r.name),
    );
    expect([record.moved.pte, record.moved.pmd]).toEqual([256, 1]);
    const before = others.find((o) => o.model === '6.1')?.record;
    expect([before?.moved.pte, before?.moved.pmd]).toEqual([512, 0]);
  });

  test('shows a switched release beside the release as it is', async () => {
    const { others } = await costOf(`kernel 6.12 without realign\n${MOVE}show cost m`);
    expect(others.find((o) => o.model === '6.12')?.record.moved.pmd).toBe(1);
  });

  test('puts what the kernel placed freely where it was', async () => {
    const { record, others } = await costOf('p = mmap(NULL, 4M, rw, anon|private)\ntouch(p, 4M)\nm = mremap(p, 4M, 8M, maymove)\nshow cost m');
    for (const o of others) expect(o.record.result).toEqual(record.result);
  });

  test('is about that call, not about what came later', async () => {
    const { record, others } = await costOf(`${MOVE}munmap(97M, 2M)\nshow cost m`);
    expect(record.op.name).toBe('mremap');
    for (const o of others) expect(o.record.op.name).toBe('mremap');
  });

  test('of a call of an earlier process stands alone', async () => {
    expect((await costOf(`${MOVE}kernel 6.1\nshow cost m`)).others).toEqual([]);
  });
});
