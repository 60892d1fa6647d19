/** Files that magics name: those that are no files, never end or unpack to more than memory holds are refused in words. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestKernel } from '../kernel/client.js';

let kernel: TestKernel;
beforeAll(async () => {
  kernel = await TestKernel.start();
  // Zeros pack a thousand to one, and what is packed twice a million to one.
  await writeFile(join(kernel.directory, 'zeros.strace.gz'), gzipSync(Buffer.alloc(80 << 20)));
  await writeFile(join(kernel.directory, 'broken.gz'), 'no gzip');
});
afterAll(() => kernel.stop());

test.each([
  ['%load zeros.strace.gz', /more than 64 MB/],
  ['%run zeros.strace.gz', /more than 64 MB/],
  ['%load /dev/zero', /no regular file/],
  ['%load /dev/stdin', /no regular file|no such file/],
  ['%load broken.gz', /cannot read broken\.gz/],
  ['%load .', /it is a directory/],
  ['%load nosuch', /no such file/],
  ['%export /proc/nowhere/x', /cannot write/],
])('%s', async (code, why) => {
  const { reply } = await kernel.execute(code);
  expect(reply).toMatchObject({ status: 'error', ename: 'SetupError' });
  expect(String(reply['evalue'])).toMatch(why);
  expect((await kernel.execute('print 1')).reply['status']).toBe('ok');
});
