import { defineConfig } from 'vitest/config';

/** What `npm pack` packs: its size, what is in it, and a project that uses it. */
export default defineConfig({
  test: { include: ['test/package/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
});
