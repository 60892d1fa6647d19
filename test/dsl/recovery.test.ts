/**
 * One token is taken out of a statement, every token of every statement in turn; the other statements
 * of the program keep their diagnostics and their completion.
 */
import type { IToken } from 'chevrotain';
import { describe, expect, test } from 'vitest';
import { splitLines, statementsOf } from '../../dsl/syntax/lines.js';
import { Block, bracedOf, endOf, isA, MapsBlock, Newline, tokenize } from '../../dsl/syntax/tokens.js';
import { newSession } from '../kit.js';

/** Forty statements, one mistake planted in every fourth of them: what it is stands behind it. */
const PROGRAM = `kernel 6.12 with realign=none
machine x86-64 { memory 8G }
set rlimit.memlok = 64K #! unknown-setting
let heap = 1G, top = heap + 16 page
mmap(heap, 16 page, rw, anon|private|fixed) = heap
mprotect(heap, page, PROT_RAED) #! unknown-flag
munmap(heap + 3 page, page) = 0
madvise(heap, page, MADV_DONTNEED) = 0
f = memfd("data", 64K)
munmap(heap) #! missing-argument
b = mmap(2G, 64K, rw, shared|fixed, f, 0) = 2G
poke(b + 3, 7)
def half(x, y) {
  let z = x - y
  return z / 2
}
print half(top, hep) #! unknown-name
for i in 0..4 step 2 {
  touch(heap + i * page, page)
}
if peek(b) == 0 { print "zero" } else { print "not", b }
m = mremap(heap, 2 page, 2 page, maymove|fixed, 3G)
expect m.movd.pte == 2 #! unknown-field
expect m == 3G and m.moved.pte == 2 or m.errno == ENOMEM
expect vmas(1G..+1G)[0].start != 0 and not pte(heap).present
print "moved", m.moved, [1, 2 pmd, 3]
show movs m #! unknown-view
show rmap b
show tables heap
c = fork()
in child { poke(b, 9) } 
pin(b, 2 page, 1) #! extra-argument
w = rmap_walk(b)
expect w.visits[0].found and folio(b).pincount == 1
t = sweep off in 0..4 page step page, len in [4K, 8K] {
  mmap(1G + off, len, rw, anon|private|fixed)
  yield rss / page, low = off
}
plot t x=off y=rsss #! unknown-column
compare 6.1, 6.12 without realign { touch(1G, page) }
why m
why merge heap, b
advise mm #! unknown-name
maps {
  50000000-50002000 rw-p 00000000 00:00 0
  50002000-50004000 r--p
}
expect maps 0x50000000..+16K {
  50000000-50002000 rw-p
}
layout at 6G unit page { "AA.b" }
fail page_tabel_alloc after 3 #! unknown-failure
expect layout at 6G { "AA.b" }
`;

const bare = (text: string): string => text.replace(/ *#! [\w-]+$/gm, '');
const TEXT = bare(PROGRAM);

/** Every token, those in braces too. */
const inside = (t: IToken): IToken[] => {
  if (!isA(t, Block) && !isA(t, MapsBlock)) return [t];
  const { open, close, tokens } = bracedOf(t);
  return [open, ...tokens.flatMap(inside), ...(close === undefined ? [] : [close])];
};

interface Part {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly tokens: readonly IToken[];
  /** The names it binds for those behind it. */
  readonly binds: readonly string[];
  readonly planted: string | undefined;
}

const PARTS: readonly Part[] = statementsOf(splitLines(tokenize(TEXT).tokens).tokens).map((statement) => {
  const tokens = statement.flatMap(inside).filter((t) => t.tokenType !== Newline && t.image !== '');
  const start = tokens[0]?.startOffset ?? 0;
  const end = endOf(tokens.at(-1) as IToken);
  const text = TEXT.slice(start, end);
  const line = TEXT.slice(0, start).split('\n').length;
  return { start, end, text, tokens, binds: boundBy(text), planted: /#! ([\w-]+)$/.exec(PROGRAM.split('\n')[line - 1] ?? '')?.[1] };
});

function boundBy(text: string): string[] {
  if (text.startsWith('let ')) return [...text.matchAll(/(\w+) =/g)].map(([, name]) => name as string);
  const found = /^(?:def )?(\w+)(?: =|\()/.exec(text)?.[1];
  return text.startsWith('def ') || / = /.test(text.split('\n')[0] ?? '') ? [found ?? ''] : [];
}

const uses = (part: Part, names: readonly string[]): boolean => names.some((name) => new RegExp(`\\b${name}\\b`).test(part.text));

/** Without the token; what stood behind it stands that much earlier. */
const without = (t: IToken): string => TEXT.slice(0, t.startOffset) + TEXT.slice(endOf(t));

const session = newSession();
const namesAt = (text: string, cursor: number): string[] =>
  session
    .complete(text, cursor)
    .items.map((i) => i.text)
    .sort();

/** In front of a statement's last word: something of its kind fits there. */
const probeOf = (part: Part): number => part.start + (/\b[A-Za-z_]\w*\W*$/.exec(part.text)?.index ?? part.text.length);
const EXPECTED = PARTS.map((part) => namesAt(TEXT, probeOf(part)));

test('the program is one of forty statements that find only what was planted', () => {
  const found = session.check(TEXT, { mode: 'file' }).filter((d) => d.severity === 'error');
  expect(PARTS.length).toBe(40);
  expect(found.map((d) => d.code)).toEqual(PARTS.flatMap((p) => p.planted ?? []));
  expect(EXPECTED.filter((names) => names.length > 0).length).toBeGreaterThan(20);
});

describe.each(PARTS.map((part, index) => ({ index, head: part.text.split('\n')[0], part })))('$head', ({ index, part }) => {
  test('every other statement keeps its diagnostics', () => {
    for (const token of part.tokens) {
      const text = without(token);
      const gone = endOf(token) - token.startOffset;
      const found = session.check(text, { mode: 'file' });
      for (const [i, other] of PARTS.entries()) {
        if (i === index || other.planted === undefined || uses(other, part.binds)) continue;
        const start = other.start - (i > index ? gone : 0);
        const here = found.filter((d) => d.span.start >= start && d.span.start <= start + other.text.length).map((d) => d.code);
        expect(here, `without ${token.image} in ${part.text}: ${other.text}`).toContain(other.planted);
      }
    }
  });

  test('every statement behind it keeps its completion', () => {
    for (const [k, token] of part.tokens.entries()) {
      const text = without(token);
      const gone = endOf(token) - token.startOffset;
      const behind = PARTS.length - 1 - index;
      // The next ones, the last, and of the others each in its turn.
      const probed = new Set([1, 2, behind, 1 + (k % Math.max(1, behind))].map((n) => index + n));
      for (const i of probed) {
        const other = PARTS[i];
        if (other === undefined || i <= index || uses(other, part.binds)) continue;
        const mine = (name: string): boolean => !part.binds.includes(name);
        expect(namesAt(text, probeOf(other) - gone).filter(mine), `without ${token.image} in ${part.text}: ${other.text}`).toEqual(
          expect.arrayContaining((EXPECTED[i] ?? []).filter(mine)),
        );
      }
    }
  });
});
