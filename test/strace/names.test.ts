/** Names of anonymous memory keep it apart: PR_SET_VMA_ANON_NAME in logs. */
import { describe, expect, test } from 'vitest';
import { expectReplays, MAPPED, replay } from './kit.js';

const AT = '0x7f2a40000000';
const name = (at: string, length: number, called: string): string => `prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, ${at}, ${length}, ${called}) = 0`;

describe('a name given to one page of two', () => {
  test('splits the mapping: mremap of both is refused', () => {
    expectReplays([MAPPED, name(AT, 4096, '"bionic_alloc_small_objects"'), `mremap(${AT}, 8192, 12288, MREMAP_MAYMOVE) = -1 EFAULT (Bad address)`], { replayed: 3 });
  });
  test('and the same for the other makes it one again', () => {
    expectReplays([MAPPED, name(AT, 4096, '"a"'), name('0x7f2a40001000', 4096, '"a"'), `mremap(${AT}, 8192, 12288, MREMAP_MAYMOVE) = 0x7f2a50000000`], { replayed: 4 });
  });
  test('can be taken away', () => {
    expectReplays([MAPPED, name(AT, 4096, '"a"'), name(AT, 4096, 'NULL'), `mremap(${AT}, 8192, 12288, MREMAP_MAYMOVE) = 0x7f2a50000000`], { replayed: 4 });
  });
  test('moves with the memory', () => {
    expectReplays([
      MAPPED,
      name(AT, 4096, '"a"'),
      `mremap(${AT}, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7f2a50000000) = 0x7f2a50000000`,
      'mmap(0x7f2a50001000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0) = 0x7f2a50001000',
      'mremap(0x7f2a50000000, 8192, 12288, MREMAP_MAYMOVE) = -1 EFAULT (Bad address)',
    ]);
  });
});

test('other prctls are none of our business', () => {
  expectReplays(['prctl(PR_SET_NAME, "worker") = 0', 'prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) = 1'], {
    account: { replayed: 0, others: 2, notices: 0, explained: 0, assumptions: 0, doubts: 0 },
  });
});

test('a kernel without names says so', () => {
  const { ok, summary } = replay([MAPPED, name(AT, 4096, '"a"').replace('= 0', '= -1 EINVAL (Invalid argument)'), `mremap(${AT}, 8192, 12288, MREMAP_MAYMOVE) = 0x7f2a50000000`]);
  expect(ok).toBe(true);
  expect(summary.explained[0]?.causes[0]?.cause).toBe('config');
});
