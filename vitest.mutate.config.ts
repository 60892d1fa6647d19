import { defineConfig } from 'vitest/config';

/** The tests that mutants have to survive: those of the model, with fewer random programs. */
export default defineConfig({
  test: { include: ['test/sim/**/*.test.ts'], env: { RANDOM_PROGRAMS: '0.02' }, testTimeout: 20_000 },
});
