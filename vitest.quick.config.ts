import { configDefaults, defineConfig, mergeConfig } from 'vitest/config';
import whole from './vitest.config.js';

/**
 * What to run before a commit: everything that needs no process of its own and no build, with a fifth of the
 * random inputs. Left out are the command line, notebooks that run, the kernel over the wire and shared sessions.
 */
const quick = mergeConfig(whole, defineConfig({ test: { env: { RANDOM_PROGRAMS: '0.2' } } }));

quick.test = {
  ...quick.test,
  exclude: [...configDefaults.exclude, ...(whole.test?.exclude ?? []), 'test/cli/**', 'test/kernel/**', 'test/session/**', 'test/hostile/**', 'test/notebook/run.test.ts'],
};

export default quick;
