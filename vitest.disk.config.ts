import { defineConfig } from 'vitest/config';

/** Full disks, and kills in the middle of writing: needs root for small file systems, and strace. Minutes. */
export default defineConfig({
  test: { include: ['test/disk/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 120_000 },
});
