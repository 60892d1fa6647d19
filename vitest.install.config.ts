import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/install/**/*.test.ts'], testTimeout: 240_000, hookTimeout: 600_000 },
});
