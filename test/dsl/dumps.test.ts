/** Dumps as people paste them into `maps { }`: what they say decides, what they do not say stays a guess that is named. */
import { describe, expect, test } from 'vitest';
import { run } from '../kit.js';

const LIB = '/usr/lib/libz.so.1';
const space = async (text: string): Promise<{ line: string; anonVma: number | null }[]> => {
  const { diagnostics, records, outcome } = await run(text);
  expect(diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
  expect(outcome).toBe('ok');
  const after = records.at(-1)?.after;
  return [...(after?.vmas() ?? [])].map((v) => ({ line: `${(v.start * 4096).toString(16)}-${(v.end * 4096).toString(16)} ${v.perms} ${v.vmFlags} ${v.kind}`, anonVma: v.anonVma }));
};

describe('smaps', () => {
  const dump = `maps {
7f1000000000-7f1000003000 r--p 00003000 fd:00 71 ${LIB}
Size:                 12 kB
KernelPageSize:        4 kB
Anonymous:             0 kB
ProtectionKey:         0
VmFlags: rd mr mw me sd
7f1000003000-7f1000004000 r--p 00006000 fd:00 71 ${LIB}
Size:                  4 kB
Anonymous:             4 kB
VmFlags: rd mr mw me ac sd
7f1000004000-7f1000006000 rw-p 00000000 00:00 0
Anonymous:             0 kB
VmFlags: rd wr mr mw me ac wf dd sd
}`;
  test('flags and what was written decide', async () => {
    expect(await space(dump)).toEqual([
      { line: `7f1000000000-7f1000003000 r--p mr mw me memfd:${LIB}`, anonVma: null },
      { line: `7f1000003000-7f1000004000 r--p mr mw me ac memfd:${LIB}`, anonVma: expect.any(Number) },
      { line: '7f1000004000-7f1000006000 rw-p mr mw me ac wf dd anon', anonVma: null },
    ]);
  });
  test('is compared as maps are', async () => {
    const { diagnostics } = await run(`${dump}\nexpect ${dump}`);
    expect(diagnostics.map((d) => d.code)).toEqual([]);
  });
});

test('a library and its RELRO differ in what is charged for', async () => {
  const { diagnostics } = await run(`maps {\n7f1000000000-7f1000003000 r--p 00003000 fd:00 71 ${LIB}\n7f1000003000-7f1000004000 r--p 00006000 fd:00 71 ${LIB}\n}`);
  expect(diagnostics).toEqual([]);
  const [below, relro] = await space(`maps {\n7f1000000000-7f1000003000 r--p 00003000 fd:00 71 ${LIB}\n7f1000003000-7f1000004000 r--p 00006000 fd:00 71 ${LIB}\n}`);
  expect(below).toMatchObject({ anonVma: null, line: expect.not.stringContaining(' ac') });
  expect(relro).toMatchObject({ anonVma: expect.any(Number), line: expect.stringContaining(' ac') });
});

test('names keep anonymous memory apart', async () => {
  const text = 'maps {\n40000000-40001000 rw-p 00000000 00:00 0 [anon:a]\n40001000-40002000 rw-p 00000000 00:00 0 [anon:b]\n}';
  expect((await run(text)).diagnostics).toEqual([]);
  expect((await space(text)).map(({ line, anonVma }) => [line, anonVma])).toEqual([
    ['40000000-40001000 rw-p mr mw me ac [anon:a]', null],
    ['40001000-40002000 rw-p mr mw me ac [anon:b]', null],
  ]);
  expect((await run(`${text}\nexpect ${text}`)).diagnostics).toEqual([]);
});

test('huge pages of the pool are cut nowhere', async () => {
  const { records } = await run(
    'maps {\n7fc76f000000-7fc76f400000 rw-p 00000000 00:11 249051 /anon_hugepage (deleted)\n}\nr = munmap(0x7fc76f000000, 4K)\ns = munmap(0x7fc76f000000, 2M)',
  );
  expect(records.slice(-2).map(({ result }) => (result.kind === 'errno' ? result.errno : result.kind))).toEqual(['EINVAL', 'value']);
});
