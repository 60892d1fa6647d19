import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Random programs find what no table thought of, and take long: they come when the tables have found nothing. */
class TablesFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const random = (f: TestSpecification): number => Number(/(programs|move|extents)\.test\.ts$/.test(f.moduleId));
    return Promise.resolve([...files].sort((a, b) => random(a) - random(b) || a.moduleId.localeCompare(b.moduleId)));
  }
}

/** The tests that mutants have to survive: those of the model, with fewer random programs, one after the other in one process. */
export default defineConfig({
  test: {
    include: ['test/sim/**/*.test.ts'],
    env: { RANDOM_PROGRAMS: '0.02' },
    testTimeout: 20_000,
    isolate: false,
    pool: 'threads',
    maxWorkers: 1,
    sequence: { sequencer: TablesFirst },
  },
});
