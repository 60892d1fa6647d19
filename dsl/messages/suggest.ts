/** Did you mean ...? */
import { distance } from 'fastest-levenshtein';

/** The candidate that `word` is most likely a slip of; undefined when none is close. */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  // One slip in a short word, a third of a long one; never all of it.
  let limit = Math.min(word.length, Math.max(1, Math.floor(word.length / 3)) + 1);
  let best: string | undefined;
  const folded = word.toLowerCase();
  for (const candidate of candidates) {
    if (candidate === word) continue;
    const d = slips(folded, candidate.toLowerCase());
    if (d < limit) {
      limit = d;
      best = candidate;
    }
  }
  return best;
}

/** Edits from one to the other; letters in the wrong order are one slip, however many edits that takes. */
const slips = (a: string, b: string): number => (sorted(a) === sorted(b) ? 1 : distance(a, b));

const sorted = (s: string): string => [...s].sort().join('');
