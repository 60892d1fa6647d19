import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/nbconvert/**/*.test.ts'], testTimeout: 300_000 },
});
