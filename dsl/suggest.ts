/** Did you mean ...? */
import { distance } from 'fastest-levenshtein';

/** The candidate that `word` is most likely a slip of; undefined when none is close. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  // One slip in a short word, a third of a long one.
  let limit = Math.max(1, Math.floor(word.length / 3)) + 1;
  let best: string | undefined;
  const folded = word.toLowerCase();
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const d = distance(folded, candidate.toLowerCase());
    if (d < limit) {
      limit = d;
      best = candidate;
    }
  }
  return best;
}
