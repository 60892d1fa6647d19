import { describe, expect, test } from 'vitest';
import { choosesAddress } from '../../machine/index.js';
import { expectDiagnostic, expectDiagnostics, expectHolds, expectRefused, run } from '../kit.js';

const PLACE = '0x7f2a40000000';

describe('a claim places what the kernel would place freely', () => {
  test('mmap', () => expectHolds(`p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = ${PLACE}\nexpect p == ${PLACE}`));

  test('mmap with a hint', () => expectHolds(`mmap(0x10000000, 4096, rw, anon|private) = ${PLACE}`));

  test('mremap that moves', () =>
    expectHolds(`
      mmap(NULL, 8192, rw, anon|private) = 0x7f2a30000000
      mmap(NULL, 4096, rw, anon|private) = 0x7f2a30002000
      mprot = PROT_READ
      munmap(0x7f2a30001000, 4096) = 0
      mmap(0x7f2a30001000, 4096, mprot, anon|private|fixed) = 0x7f2a30001000
      mremap(0x7f2a30000000, 4096, 8192, MREMAP_MAYMOVE) = ${PLACE}
    `));

  test('where the place is taken the kernel answers otherwise, and the claim is contradicted', () =>
    expectDiagnostic(`mmap(${PLACE}, 4096, rw, anon|private|fixed)\nmmap(NULL, 4096, rw, anon|private) = <|${PLACE}|>`, {
      code: 'claim-failed',
      message: /^claimed 0x7f2a40000000, but the kernel answered 0x/,
      hint: /placed/,
    }));

  test.each([
    ['mmap(0, 1, 0, private|anon)', true],
    ['mmap(0, 1, 0, private|anon|fixed)', false],
    ['mmap(0, 1, 0, private|anon|fixed_noreplace)', false],
    ['mremap(0, 1, 1, 0)', false],
    ['mremap(0, 1, 1, maymove)', true],
    ['mremap(0, 1, 1, maymove|dontunmap)', true],
    ['mremap(0, 1, 1, maymove|fixed, 4096)', false],
    ['munmap(0, 1)', false],
  ])('%s: %s', async (call, free) => {
    const [record] = (await run(call, 'cell')).records;
    expect(record && choosesAddress(record.op)).toBe(free);
  });
});

describe('elsewhere a claim is an assertion', () => {
  test('that may hold', () =>
    expectHolds(`
      mmap(1G, 4096, rw, anon|private|fixed) = 1G
      munmap(1G, 4096) = 0
      mremap(0x7f0000000000, 4096, 8192, MREMAP_MAYMOVE) = -1 EFAULT (Bad address)
      mremap(1, 4096, 8192, 0) = -1 EINVAL
      mremap(1, 4096, 8192, 0) = -1
      munmap(1, 4096) = 0xffffffffffffffff
    `));

  test('a wrong one shows both values', () =>
    expectDiagnostic('munmap(0x1000, 2 page) = <|3|>', {
      code: 'claim-failed',
      message: 'claimed 3, but the kernel answered 0',
      values: [{ text: 'munmap(0x1000, 2 page)', value: '0', from: 'munmap(0x1000, 8192)' }],
    }));

  test('of an errno', () =>
    expectDiagnostic('mremap(1, 4096, 8192, 0) = <|-1 EFAULT (Bad address)|>', {
      code: 'claim-failed',
      message: 'claimed -1 EFAULT (Bad address), but the kernel answered -1 EINVAL (Invalid argument)',
      hint: /aligned/,
    }));

  test('a wrong one fails the run and lets it go on', async () => {
    const ran = await run('munmap(0x1000, 4096) = 1\nprint "on"\nmunmap(0x1000, 4096) = 2');
    expect(ran.outcome).toBe('failed');
    expect(ran.printed).toBe('on\n');
    expect(ran.diagnostics.map((d) => d.code)).toEqual(['claim-failed', 'claim-failed']);
  });
});

describe('what cannot be claimed', () => {
  test.each([
    ['<|peek(4096) = 0|>', 'claim-without-call'],
    ['a = <|3 = 4|>', 'claim-without-call'],
    ['<|3 = 4|>', 'claim-without-call'],
    ['munmap(0, 1) = -1 <|EFOO|> (Foo)', 'unknown-errno'],
    ['munmap(0, 1) = <|nowhere|>', 'unknown-name'],
    ['munmap(0, 1) = 0 <|=|> 0', 'stray-equals'],
  ])('%s', (text, code) => expectDiagnostic(text, { code }));

  test('and the fix is shown', () => expectDiagnostic('a = 1G\n<|peek(a) = 0|>', { code: 'claim-without-call', hint: 'write `expect peek(a) == 0`' }));
});

describe('a refused call', () => {
  test('is a result, and says why', async () => {
    const ran = await run('m = mremap(1G, 4096, 4096, MREMAP_FIXED, 2G)\nexpect m == -1 and m.errno == EINVAL');
    expect(ran.outcome).toBe('ok');
    await expectRefused('mremap(1G, 4096, 4096, fixed, 2G)', 'EINVAL', /^EINVAL: MREMAP_FIXED needs MREMAP_MAYMOVE \(refused by check \S+ in \w+\)$/);
  });

  test('is said also where it was claimed', async () => {
    const ran = await run('mremap(1, 4096, 8192, 0) = -1 EINVAL');
    expect(ran.outputs.map((o) => o.type)).toEqual(['refused']);
  });

  test('each is said in its turn', () => expectDiagnostics('munmap(1, 4096)\nmunmap(2, 4096)', []));
});
