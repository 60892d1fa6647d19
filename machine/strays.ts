/** Pages that a move took along although nobody asked: where they were, where they are, and what became of both. */
import { count, hex } from './format.js';
import { toBytes } from './geometry.js';
import type { OpRecord, Stray } from './record.js';

/** A sentence for each stretch of such pages; no release has any. */
export const strayTexts = (record: OpRecord): string[] => record.strays.map((s) => strayText(record, s));

function strayText({ after }: OpRecord, { from, to, pages, entries, overwritten }: Stray): string {
  const g = after.geometry;
  const range = (at: number): string => `${hex(toBytes(g, at))}-${hex(toBytes(g, at + pages))}`;
  const parts = [`${count(entries)} ${entries === 1 ? 'page' : 'pages'} of ${range(from)}, outside the request, went to ${range(to)}`];
  if (overwritten > 0)
    parts.push(
      `${count(overwritten)} ${overwritten === 1 ? 'page that was' : 'pages that were'} there ${overwritten === 1 ? 'is' : 'are'} overwritten: nothing maps their frames any more`,
    );
  parts.push(mappedAt(after, to, pages) ? 'they show in a mapping that they do not belong to' : 'no mapping covers them there: the program has lost them');
  return parts.join('; ');
}

function mappedAt(space: OpRecord['after'], at: number, pages: number): boolean {
  for (const vma of space.vmas(at, at + pages)) if (vma.start < at + pages && vma.end > at) return true;
  return false;
}
