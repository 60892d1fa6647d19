/** Railroad diagrams of a chevrotain grammar, as SVG: what docs/grammar.html is made of. */
import {
  Alternation, type Alternative, NonTerminal, Option, Repetition, RepetitionMandatory, RepetitionMandatoryWithSeparator, RepetitionWithSeparator, Terminal,
  tokenLabel, type Rule, type TokenType,
} from 'chevrotain'; // prettier-ignore

type Production = Rule['definition'][number];

/** A part of a diagram: what it takes left of, above and below the line that runs through it. */
interface Box {
  readonly width: number;
  readonly up: number;
  readonly down: number;
  readonly draw: (x: number, y: number) => string;
}

const CHARACTER = 7.5;
const HALF = 11;
const GAP = 12;
const RADIUS = 8;
const ROW = 8;

const line = (x1: number, y1: number, x2: number, y2: number): string => `<path d="M${x1} ${y1}L${x2} ${y2}"/>`;
const path = (d: string): string => `<path d="${d}"/>`;
const escaped = (text: string): string => text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c] ?? c);

function word(text: string, kind: 'terminal' | 'rule'): Box {
  const width = Math.ceil(text.length * CHARACTER) + 20;
  const body = (x: number, y: number): string => {
    const rect = `<rect class="${kind}" x="${x}" y="${y - HALF}" width="${width}" height="${2 * HALF}" rx="${kind === 'terminal' ? HALF : 2}"/>`;
    const label = `<text x="${x + width / 2}" y="${y + 4}">${escaped(text)}</text>`;
    return rect + (kind === 'rule' ? `<a href="#${text}">${label}</a>` : label);
  };
  return { width, up: HALF, down: HALF, draw: body };
}

const NOTHING: Box = { width: 0, up: 0, down: 0, draw: () => '' };

function sequence(parts: readonly Box[]): Box {
  const boxes = parts.filter((p) => p !== NOTHING);
  if (boxes.length === 0) return NOTHING;
  const [first] = boxes;
  if (boxes.length === 1 && first !== undefined) return first;
  return {
    width: boxes.reduce((n, b) => n + b.width, GAP * (boxes.length - 1)),
    up: Math.max(...boxes.map((b) => b.up)),
    down: Math.max(...boxes.map((b) => b.down)),
    draw: (x, y) => {
      let at = x;
      return boxes
        .map((b, i) => {
          const drawn = b.draw(at, y) + (i < boxes.length - 1 ? line(at + b.width, y, at + b.width + GAP, y) : '');
          at += b.width + GAP;
          return drawn;
        })
        .join('');
    },
  };
}

/** The first straight on, the others below it. */
function choice(parts: readonly Box[]): Box {
  const [first = NOTHING, ...others] = parts;
  const inner = Math.max(...parts.map((p) => p.width));
  const side = 2 * RADIUS + 4;
  let down = first.down;
  const offsets = others.map((b) => {
    const offset = down + ROW + Math.max(b.up, RADIUS);
    down = offset + b.down;
    return offset;
  });
  return {
    width: inner + 2 * side,
    up: first.up,
    down,
    draw: (x, y) => {
      const right = x + inner + 2 * side;
      const through = (b: Box, at: number): string => b.draw(x + side, at) + line(x + side + b.width, at, x + side + inner, at);
      const straight = line(x, y, x + side, y) + through(first, y) + line(x + side + inner, y, right, y);
      const bent = others.map((b, i) => {
        const at = y + (offsets[i] ?? 0);
        const [a, z] = [x + RADIUS, right - RADIUS];
        return (
          path(`M${x} ${y}Q${a} ${y} ${a} ${y + RADIUS}V${at - RADIUS}Q${a} ${at} ${x + side} ${at}`) +
          through(b, at) +
          path(`M${x + side + inner} ${at}Q${z} ${at} ${z} ${at - RADIUS}V${y + RADIUS}Q${z} ${y} ${right} ${y}`)
        );
      });
      return straight + bent.join('');
    },
  };
}

/** Once or more; on the way back, what separates. */
function loop(body: Box, back: Box): Box {
  const inner = Math.max(body.width, back.width);
  const side = 2 * RADIUS;
  const below = body.down + ROW + Math.max(back.up, RADIUS);
  return {
    width: inner + 2 * side,
    up: body.up,
    down: below + back.down,
    draw: (x, y) => {
      const right = x + inner + 2 * side;
      const at = y + below;
      const middle = x + side + (inner - back.width) / 2;
      return (
        line(x, y, x + side, y) +
        body.draw(x + side, y) +
        line(x + side + body.width, y, right, y) +
        path(`M${right - side} ${y}Q${right - RADIUS} ${y} ${right - RADIUS} ${y + RADIUS}V${at - RADIUS}Q${right - RADIUS} ${at} ${right - side} ${at}`) +
        line(middle + back.width, at, right - side, at) +
        back.draw(middle, at) +
        line(x + side, at, middle, at) +
        path(`M${x + side} ${at}Q${x + RADIUS} ${at} ${x + RADIUS} ${at - RADIUS}V${y + RADIUS}Q${x + RADIUS} ${y} ${x + side} ${y}`)
      );
    },
  };
}

const optional = (body: Box): Box => choice([{ ...NOTHING, up: RADIUS, down: RADIUS }, body]);

/** How a token reads in a diagram. */
const tokenText = (t: TokenType): string => {
  const label = tokenLabel(t).replace(/^`(.*)`$/, '$1');
  return label === t.name ? (CATEGORIES[t.name] ?? t.name) : label;
};

/** Kinds of token that have no spelling of their own. */
const CATEGORIES: Readonly<Record<string, string>> = {
  Word: 'a word',
  Piece: 'anything else',
  Unit: 'page | pmd | pud | p4d | pgd',
  Compare: '== | != | < | <= | > | >=',
  Shift: '<< | >>',
  Additive: '+ | -',
  Multiplicative: '* | / | %',
  Quantifier: 'always | never | sometimes',
};

function box(p: Production): Box {
  const inside = (): Box => sequence((p as unknown as { definition: Production[] }).definition.map(box));
  if (p instanceof Terminal) return word(tokenText(p.terminalType), 'terminal');
  if (p instanceof NonTerminal) return word(p.nonTerminalName, 'rule');
  if (p instanceof Alternation) return choice(p.definition.map((a) => sequence((a as Alternative).definition.map(box))));
  if (p instanceof Option) return optional(inside());
  if (p instanceof RepetitionMandatory) return loop(inside(), NOTHING);
  if (p instanceof RepetitionMandatoryWithSeparator) return loop(inside(), word(tokenText(p.separator), 'terminal'));
  if (p instanceof Repetition) return optional(loop(inside(), NOTHING));
  if (p instanceof RepetitionWithSeparator) return optional(loop(inside(), word(tokenText(p.separator), 'terminal')));
  return inside();
}

/** Breadth first from what a program is; then what is read on its own, in braces, in the parser's order. */
export function inReadingOrder(rules: Readonly<Record<string, Rule>>): Rule[] {
  const mentions = (p: Production | Rule): string[] =>
    p instanceof NonTerminal ? [p.nonTerminalName] : p instanceof Terminal ? [] : (p as { definition: Production[] }).definition.flatMap(mentions);
  const names = new Set<string>();
  for (const root of ['script', ...Object.keys(rules)]) {
    names.add(root);
    // A set that grows while it is walked is a queue.
    for (const name of names) for (const next of mentions(rules[name] as Rule)) names.add(next);
  }
  return [...names].map((name) => rules[name] as Rule);
}

const MARGIN = 16;

/** One rule as a picture. */
export function ruleSvg(rule: Rule): string {
  const b = sequence(rule.definition.map(box));
  const [width, height] = [b.width + 2 * (MARGIN + GAP), b.up + b.down + 2 * MARGIN];
  const y = MARGIN + b.up;
  const ends = line(MARGIN, y - 6, MARGIN, y + 6) + line(width - MARGIN, y - 6, width - MARGIN, y + 6);
  const rails = line(MARGIN, y, MARGIN + GAP, y) + line(width - MARGIN - GAP, y, width - MARGIN, y);
  return `<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${rule.name}">${ends}${rails}${b.draw(MARGIN + GAP, y)}</svg>`;
}

export function grammarPage(rules: readonly Rule[]): string {
  const sections = rules.map((r) => `<h2 id="${r.name}">${r.name}</h2>\n${ruleSvg(r)}`).join('\n');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The grammar of the mremap language</title>
<style>
body { font: 15px/1.5 'DejaVu Sans', Verdana, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
h2 { font-size: 1rem; margin: 1.5rem 0 0.25rem; }
svg { max-width: 100%; height: auto; }
svg path { fill: none; stroke: #5c6670; stroke-width: 1.5; }
svg text { font: 12px 'DejaVu Sans Mono', monospace; text-anchor: middle; fill: #222; }
svg rect { stroke: #5c6670; stroke-width: 1.2; }
svg rect.terminal { fill: #eef4f8; }
svg rect.rule { fill: #fdf1d8; }
</style>
<h1>The grammar of the mremap language</h1>
<p>Drawn from the parser. Rounded boxes are words and signs, square ones are rules. A line end leads every statement; what is in
braces is read as a text of its own, so that a statement sees one <code>{</code> for all of it.</p>
${sections}
</html>
`;
}
