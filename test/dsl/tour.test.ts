import { describe, expect, test } from 'vitest';
import { expectHolds, run } from '../kit.js';

/** The first program of the tour, as a user would paste it. */
const tour = (kernel: string): string => `
# Linus Torvalds' test of 25 March 2023, as he wrote it: GB is really 1 MiB
kernel ${kernel}                             # the model; \`kernel host\` is the machine you sit at
let GB = 1 << 20, VA = 128 * GB
let old = VA + GB, new = VA - GB, len = 2 * GB

mmap(old, len, PROT_READ|PROT_WRITE, MAP_ANONYMOUS|MAP_PRIVATE|MAP_FIXED, -1, 0) = old
memset(old, 0xff, len)                       # faults every page in
m = mremap(old, len, len, MREMAP_MAYMOVE|MREMAP_FIXED, new)

expect m == new
expect m.moved.pmd == 0 and m.moved.pte == 512   # not the two PMD entries he hoped for, on any release:
                                                 # the new mapping itself fills the room below the old one
expect peek(new + len - 1) == 0xff
show moves m                                 # Vega-Lite: every entry moved, by level, in order
show steps m                                 # ... and the check that refused to realign, with its numbers
`;

describe('the tour', () => {
  test.each(['6.1', '6.12', '6.18'])('holds on %s', async (kernel) => {
    const ran = await expectHolds(tour(kernel));
    expect(ran.expectations).toEqual({ held: 3, failed: 0 });
    expect(ran.statements).toBe(11);
    expect(ran.views.map((v) => v.what)).toEqual(['moves', 'steps']);
    expect(ran.views.map((v) => v.model)).toEqual([kernel, kernel]);
    const move = ran.records.find((r) => r.op.name === 'mremap');
    expect(move?.moved).toMatchObject({ pmd: 0, pte: 512 });
  });

  test('the same text twice gives the same records', async () => {
    const [a, b] = await Promise.all([run(tour('6.12')), run(tour('6.12'))]);
    const plain = (ran: typeof a): string =>
      JSON.stringify(
        ran.records.map(({ op, result, moved, moves, tables, steps, log }) => ({ op, result, moved, moves, tables, steps, log })),
        (_, v: unknown) => (typeof v === 'bigint' ? v.toString() : v),
      );
    expect(plain(a)).toBe(plain(b));
  });
});
