import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Inputs that are meant to do harm: charts that cannot be drawn, sizes and depths, interrupts at random moments, broken environments. */
export default defineConfig({
  test: { include: ['test/hostile/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000, isolate: false, maxWorkers: availableParallelism() },
});
