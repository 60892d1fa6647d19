/**
 * How many random inputs a test tries. `npm run test:quick` and mutation testing run a share of them
 * (RANDOM_PROGRAMS, from 0 to 1); seeds are fixed, so that fewer are the first of the same ones.
 */
const SHARE = Number(process.env['RANDOM_PROGRAMS'] ?? 1);

export const runs = (all: number): number => Math.max(1, Math.ceil(all * SHARE));
