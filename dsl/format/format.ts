/**
 * The one canonical layout. It is made from tokens, not from the tree, so that a statement the
 * grammar learns needs nothing here; and it never moves a line end, because line ends separate statements.
 *
 *     text ──tokens and comments──▶ lines of pieces ──spacing──▶ code of each line
 *          ──indentation──▶ ──columns of comments──▶ text
 */
import { alignComments } from './comments.js';
import { indentations } from './indent.js';
import { linesOf, type SourceLine } from './pieces.js';
import { codeOf, type Spacing } from './spacing.js';
import { tokenize, ErrnoClaim, MapsClose, MapsLine, MapsOpen, Newline } from '../syntax/tokens.js';

/** The text in the canonical layout. Only blanks and empty lines change; words, line ends and comments stay. */
export function format(text: string): string {
  const lines = linesOf(text);
  for (const spacing of ['canonical', 'asWritten'] as const) {
    const formatted = lay(lines, spacing);
    if (saysTheSame(text, formatted)) return formatted;
  }
  return text;
}

function lay(lines: readonly SourceLine[], spacing: Spacing): string {
  const indents = indentations(lines);
  const laid = lines.map((line, i) => {
    const apart = line.blankBefore && i > 0 && !opensBlock(lines[i - 1]) && !closesBlock(line);
    return { line, code: codeOf(line, spacing), indent: indents[i] ?? 0, apart };
  });
  const texts = alignComments(laid);
  const parts = laid.flatMap(({ apart }, i) => [...(apart ? [''] : []), texts[i] ?? '']);
  return parts.length === 0 ? '' : `${parts.join('\n')}\n`;
}

const opensBlock = (line: SourceLine | undefined): boolean => /(^|[^\\])\{$/.test(line?.pieces.at(-1)?.text ?? '') && line?.pieces.at(-1)?.token !== undefined;
const closesBlock = (line: SourceLine): boolean => line.pieces[0]?.text === '}' && line.pieces[0].token !== undefined;

/** Some tokens hold blanks of their own. */
const BLANKS_WITHIN = [ErrnoClaim, MapsOpen, MapsClose, MapsLine];

/** The same tokens and comments with the same line ends between them, blank lines apart. */
function saysTheSame(before: string, after: string): boolean {
  const [a, b] = [meaning(before), meaning(after)];
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

function meaning(text: string): string[] {
  const { tokens, comments } = tokenize(text);
  const words: string[] = [];
  for (const t of tokens) {
    if (t.tokenType === Newline) {
      if (words.length > 0 && words.at(-1) !== '\n') words.push('\n');
      continue;
    }
    const image = BLANKS_WITHIN.includes(t.tokenType) ? t.image.replace(/\s+/g, '') : t.image;
    if (image !== '') words.push(`${t.tokenType.name} ${image}`);
  }
  if (words.at(-1) === '\n') words.pop();
  return [...words, ...comments.map((c) => c.image.trimEnd())];
}
