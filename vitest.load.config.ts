import { defineConfig } from 'vitest/config';

/** The kernel under load: minutes. */
export default defineConfig({
  test: { include: ['test/kernel-load/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 120_000 },
});
