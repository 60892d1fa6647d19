/**
 * Everything a program needs to run scenarios and show what came of them, in one import.
 * Each room can be had alone, too: `mremap-lab/machine`, `/sim`, `/dsl`, `/plot`, `/format`, `/strace`, `/conform`.
 */
export * from './machine/index.js';
export * from './sim/index.js';
export * from './dsl/index.js';
export * from './plot/index.js';
