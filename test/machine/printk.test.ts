/** The printk of the realign patch's review, printed and read back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrintk, printkLine, type MoveCall } from '../../machine/index.js';
import { K, Lab, M } from '../sim/lab.js';

/** As mailed on 19 May 2023. */
const MAILED = 'move_page_tables(vma=(7f1f985f7000,7f1f98ff7000), old_addr=7f1f987f7000, new_vma=(7f1f985f7000,7f1f98ff7000), new_addr=7f1f98af7000, len=100000)';

const address = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const range = fc.record({ start: address, end: address });
const call = fc.record({ vma: range, old_addr: address, new_vma: range, new_addr: address, len: address });

test('any call reads back as it was printed', () => {
  fc.assert(
    fc.property(call, (c: MoveCall) => {
      expect(parsePrintk(printkLine(c))).toEqual(c);
    }),
  );
});

describe('a pasted line', () => {
  test.each([
    ['as it is', MAILED],
    ['with the time of dmesg', `[   19.697596] ${MAILED}`],
    ['wrapped', MAILED.replaceAll(', ', ',\n')],
    ['quoted in an answer', `> > [   19.697596] ${MAILED.replaceAll(', ', ',\n> > ')}`],
  ])('%s', (_, text) => {
    const read = parsePrintk(text);
    expect(read === undefined ? undefined : printkLine(read)).toBe(MAILED);
  });

  test.each(['', 'move_page_tables()', MAILED.replace('len', 'length'), MAILED.replace('7f1f987f7000', '0x7f1f987f7000')])('is not %s', (text) =>
    expect(parsePrintk(text)).toBeUndefined(),
  );
});

describe('what the model would have printed', () => {
  test('once for a move, with the VMAs as they are after the copy', () => {
    const lab = new Lab('6.12');
    lab.mapFull(256n * M, 4n * M);
    expect(lab.move(257n * M, M, 512n * M).moveCalls.map(printkLine)).toEqual([
      'move_page_tables(vma=(10000000,10400000), old_addr=10100000, new_vma=(20000000,20100000), new_addr=20000000, len=100000)',
    ]);
  });

  test('twice where a move falls short: the second one goes back', () => {
    const lab = new Lab('6.12');
    lab.mapFull(256n * M, 4n * M);
    lab.do({ name: 'fail', what: 'page_table_alloc', after: 3 });
    const lines = lab.move(256n * M, 4n * M, (1n << 40n) + 4n * K).moveCalls.map(printkLine);
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^move_page_tables\(vma=\(10000001000,10000401000\), old_addr=10000001000, new_vma=\(10000000,10400000\), new_addr=10000000, len=/);
  });

  test('not at all where nothing moves, or nobody asked for steps', () => {
    const lab = new Lab('6.12');
    lab.mapFull(256n * M, 4n * M);
    expect(lab.mremap(256n * M, 4n * M, 2n * M).moveCalls).toEqual([]);
    const quiet = new Lab('6.12', { steps: false });
    quiet.mapFull(256n * M, 4n * M);
    const record = quiet.move(256n * M, 4n * M, 512n * M);
    expect([record.moved.calls, record.moveCalls, record.steps]).toEqual([1, [], []]);
  });
});
