import { describe, expect, test } from 'vitest';
import type { MoveStretch, OpRecord, Step, Table } from '../../machine/index.js';
import { viewHtml, viewSpec, viewText, viewTitle } from '../../plot/index.js';
import { blocked, onePageOff } from './examples.js';
import { moveRecord, mremapOp, record, space } from './records.js';

const step = (verdict: Step['verdict'], text: string): Step => ({
  fn: 'check_prep_vma',
  file: 'mm/mremap.c',
  code: 'mremap.vma',
  text,
  verdict,
  values: [{ name: 'addr', value: 0x8100000n, as: 'address' }],
});

const efault = (steps: readonly Step[]): OpRecord =>
  record(mremapOp(0x8100000n, 4096n, 4096n, 0x9000n), {
    result: { kind: 'errno', errno: 'EFAULT', refusal: { check: 'mremap.no_vma', fn: 'check_prep_vma', why: 'nothing is mapped at <0x8100000>', values: [] } },
    steps,
  });

describe('texts', () => {
  test('of a move name the totals', () => {
    expect(viewText({ what: 'moves', record: blocked(), model: '6.12' })).toContain('moved 512 PTEs in 2 steps, 0 PMDs, 0 PUDs');
    expect(viewText({ what: 'moves', record: onePageOff(), model: '6.12' })).toContain('524,288 PTEs in 2,048 steps');
  });

  test('of a long move show the first stretches', () => {
    const moves = Array.from({ length: 100 }, (_, i): MoveStretch => ({ kind: 'pte', old: i * 512, new: 2 ** 20 + i * 512, pages: 512, steps: 1, entries: 1 + (i % 3) }));
    const text = viewText({ what: 'moves', record: moveRecord(0n, 1n << 32n, 100n << 21n, moves), model: '6.12' });
    expect(text).toContain('… and 60 more stretches');
    expect(text.split('\n').length).toBeLessThan(60);
  });

  test('and charts stand a move that ended in a refusal', () => {
    const moves: MoveStretch[] = [{ kind: 'pmd_refused', old: 512, new: 1024, pages: 512, steps: 1, entries: 0 }];
    const view = { what: 'moves', record: moveRecord(2n << 20n, 4n << 20n, 2n << 20n, moves), model: '6.1' } as const;
    expect(viewText(view)).toContain('0 PTEs, 0 PMDs, 0 PUDs, 1 refused');
    expect(viewSpec(view)).not.toBeNull();
  });

  test('of a path make refusals stand out', () => {
    const text = viewText({ what: 'steps', record: efault([step('passed', 'the flags are known'), step('refused', 'a VMA is there')]), model: '6.18' });
    expect(text).toContain('>  2  REFUSED  check_prep_vma  a VMA is there');
    expect(text).toContain('   1  passed   check_prep_vma  the flags are known');
    expect(text).toMatch(/^ {30,}addr 0x8100000$/m);
    expect(text).toContain('EFAULT: nothing is mapped at <0x8100000> (check_prep_vma)');
  });

  test('say when there is no path', () => {
    expect(viewText({ what: 'steps', record: efault([]), model: '6.18' })).toContain('the path was not recorded');
  });

  test('of an empty space say so', () => {
    const empty = space([]);
    expect(viewText({ what: 'space', space: empty, model: '6.12' })).toContain('nothing mapped');
    expect(viewSpec({ what: 'space', space: empty, model: '6.12' })).toBeNull();
    expect(viewSpec({ what: 'tables', space: empty, model: '6.12' })).toBeNull();
    expect(viewSpec({ what: 'maps', record: record({ name: 'munmap', addr: 0n, length: 0n }, {}), model: '6.12' })).toBeNull();
  });

  test('of many mappings show the changed ones', () => {
    const areas = Array.from({ length: 100 }, (_, i) => ({ at: BigInt(i) << 20n, length: 4096n, present: 0 }));
    const before = space(areas);
    const after = space(areas.filter((_, i) => i !== 50));
    const text = viewText({ what: 'maps', record: record({ name: 'munmap', addr: 50n << 20n, length: 4096n }, { before, after }), model: '6.12' });
    expect(text).toContain('-  03200000-03201000');
    expect(text).toContain('   … 48 more mappings …');
    expect(text.split('\n').length).toBeLessThan(90);
  });

  test('have a title each', () => {
    const model = '6.12';
    expect(viewTitle({ what: 'moves', record: blocked(), model })).toBe('moves on 6.12: mremap moved 2M from 0x8100000 to 0x7f00000: 512 PTEs in 2 steps, 0 PMDs, 0 PUDs');
    expect(viewTitle({ what: 'steps', record: efault([]), model })).toBe('steps on 6.12: mremap refused with EFAULT: nothing is mapped at <0x8100000>');
    expect(viewTitle({ what: 'space', space: space([]), model })).toBe('address space on 6.12');
    expect(viewTitle({ what: 'tables', space: space([]), at: 0x8100, model })).toBe('page tables on 6.12 around 0x8100000');
  });
});

describe('HTML', () => {
  test('is escaped', () => {
    const table: Table = { columns: [{ name: '<b>', as: 'text' }], rows: [['<script>alert("&")</script>']] };
    const html = viewHtml({ what: 'table', title: 'what & why', text: ['<i>'], table, model: '6.18' });
    expect(html).toContain('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
    expect(html).not.toMatch(/<script|<b>|<i>/);
  });

  test('shows both sides of a call', () => {
    const html = viewHtml({ what: 'maps', record: blocked(), model: '6.12' });
    expect(html?.match(/<table>/g)).toHaveLength(2);
    expect(html).toContain('<td style="text-align:left">07f00000-08100000</td>');
  });

  test('is left to charts where those say more', () => {
    expect(viewHtml({ what: 'moves', record: blocked(), model: '6.12' })).toBeNull();
  });
});
