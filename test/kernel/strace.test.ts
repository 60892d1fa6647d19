import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { only, streamText, TestKernel, types } from './client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
});
afterAll(() => kernel.stop());

const LOG = readFileSync(new URL('../strace/logs/realloc.strace', import.meta.url), 'utf8');

describe('a %%strace cell', () => {
  test('replays what is pasted on the kernel of the session, and draws it', async () => {
    await kernel.execute('kernel 6.12');
    const answer = await kernel.execute(`%%strace\n${LOG}`);
    expect(types(answer)).toEqual(['busy', 'execute_input', 'display_data', 'idle']);
    const data = only(answer, 'display_data')['data'] as Record<string, unknown>;
    expect(Object.keys(data)).toContain('application/vnd.vegalite.v5+json');
    expect(data['text/plain']).toMatch(/^log on 6\.12\n[^]*20 mremaps, the dearest first/);
  });

  test('fails with the line that does not hold', async () => {
    const answer = await kernel.execute('%%strace\nmmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f2a40000000\nmunmap(0x7f2a40000001, 4096) = 0');
    const error = only(answer, 'error');
    expect(error['ename']).toBe('ClaimFailed');
    expect((error['traceback'] as string[]).map(stripVTControlCharacters)).toContain('   3 | munmap(0x7f2a40000001, 4096) = 0');
  });

  test('warns of what the model lacks', async () => {
    const answer = await kernel.execute('%%strace\nremap_file_pages(0x7f2a40000000, 4096, 0, 3, 0) = 0');
    expect(stripVTControlCharacters(streamText(answer, 'stderr'))).toContain('warning[log-lacking]: `remap_file_pages` changes the address space');
    expect(answer.reply['status']).toBe('ok');
  });

  test('leaves the session alone', async () => {
    await kernel.execute('let kept = 5');
    await kernel.execute('%%strace\nbrk(NULL) = 0x1e4b000');
    expect(only(await kernel.execute('kept'), 'execute_result')).toMatchObject({ data: { 'text/plain': '5' } });
  });

  test('goes on from what the session has mapped, on its machine', async () => {
    await kernel.execute('%reset');
    await kernel.execute('%%maps\n7f0000000000-7f0000002000 rw-p 00000000 00:00 0\n7f0000002000-7f0000004000 r--p 00000000 00:00 0');
    const log =
      '%%strace\nmremap(0x7f0000000000, 16384, 32768, MREMAP_MAYMOVE) = -1 EFAULT (Bad address)\nmremap(0x7f0000000000, 8192, 4194304, 0) = -1 ENOMEM (Cannot allocate memory)';
    const answer = await kernel.execute(log);
    expect((only(answer, 'display_data')['data'] as Record<string, string>)['text/plain']).toContain('3 lines: 2 replayed');
    await kernel.execute('machine arm64 { }');
    const arm = await kernel.execute('%%strace\nmmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xfffa64190000');
    expect(arm.reply['status']).toBe('ok');
  });
});
