/** Random numbers that can be had again: SEED=n. */
export function random(seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000)): { readonly seed: number; next(): number } {
  let state = seed >>> 0;
  return {
    seed,
    next: () => {
      // mulberry32
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    },
  };
}
