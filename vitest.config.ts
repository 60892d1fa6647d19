import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/browser/**', 'test/nbconvert/**', 'test/install/**', 'test/package/**', 'test/kernel-load/**', 'test/disk/**', 'test/hostile/**'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests change nothing that outlives them: modules are loaded once a worker, not once a file, which is a quarter of the time.
    isolate: false,
    // Vitest leaves a processor free by default: of two, half. Many of these tests wait for processes of their own.
    maxWorkers: availableParallelism(),
  },
});
