/** Makes a program shorter while something about it stays true. */

/**
 * For each candidate, the index of the step at which it still holds, or null. Many at once, for
 * asking costs a process.
 */
export type Ask = (candidates: readonly (readonly string[])[]) => Promise<(number | null)[]>;

/** @returns the shortest program found: the true thing happens in its last step, and no single step can be left out */
export async function shrink(ops: readonly string[], ask: Ask): Promise<string[]> {
  let best = [...ops];
  for (;;) {
    const smaller = await firstThatHolds(best, ask);
    if (smaller === null) return best;
    best = smaller;
  }
}

async function firstThatHolds(ops: readonly string[], ask: Ask): Promise<string[] | null> {
  const candidates: string[][] = [];
  for (const size of [8, 4, 2, 1]) {
    if (size >= ops.length) continue;
    // From the end, so that what later steps refer to goes last.
    for (let at = ops.length - size; at >= 0; at -= Math.max(1, size >> 1)) candidates.push(without(ops, at, size));
  }
  const usable = candidates.filter((c) => c.length > 0 && c.length < ops.length);
  const answers = usable.length === 0 ? [] : await ask(usable);
  const held = usable.flatMap((c, i) => {
    const step = answers[i];
    return step === null || step === undefined ? [] : [c.slice(0, step + 1)];
  });
  return held.sort((a, b) => a.length - b.length)[0] ?? null;
}

/** Leaves steps out, and with them every step that uses their result; the other references are renumbered. */
export function without(ops: readonly string[], at: number, count: number): string[] {
  const gone = new Set(Array.from({ length: count }, (_, i) => at + i));
  for (const [i, op] of ops.entries()) {
    if (references(op).some((k) => gone.has(k))) gone.add(i);
  }
  const left: string[] = [];
  for (const [i, op] of ops.entries()) {
    if (gone.has(i)) continue;
    left.push(op.replace(/\bR(\d+)/g, (_, k: string) => `R${Number(k) - [...gone].filter((g) => g < Number(k)).length}`));
  }
  return left;
}

const references = (op: string): number[] => [...op.matchAll(/\bR(\d+)/g)].map((m) => Number(m[1]));
