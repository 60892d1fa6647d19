/** A text as lines of tokens and comments, in order. */
import type { IToken } from 'chevrotain';
import { endOf, ErrnoClaim, LCurly, Newline, RCurly, tokenize } from '../syntax/tokens.js';

export interface Piece {
  readonly text: string;
  /** Undefined for a comment. */
  readonly token?: IToken;
  /** Whether blanks stand before it on its line. */
  readonly spaced: boolean;
  /** Where it stands in its line. */
  readonly column: number;
  /** Part of a drawing (`layout`): blanks between its signs mean something. */
  readonly drawn?: boolean;
}

export interface SourceLine {
  readonly pieces: readonly Piece[];
  /** Whether an empty line, or several, stand before it. */
  readonly blankBefore: boolean;
}

export function linesOf(text: string): SourceLine[] {
  const { tokens, comments } = tokenize(text);
  const all = [...tokens, ...comments].sort((a, b) => a.startOffset - b.startOffset);
  const isComment = new Set(comments);
  const lines: SourceLine[] = [];
  let pieces: Piece[] = [];
  let lineStart = 0;
  let end = 0;
  let empty = 0;
  const drawings = new Drawings();
  const cut = (): void => {
    drawings.lineEnds();
    if (pieces.length > 0) lines.push({ pieces, blankBefore: empty > 0 });
    empty = pieces.length > 0 ? 0 : empty + 1;
    pieces = [];
  };
  for (const t of all) {
    if (t.tokenType === Newline) {
      cut();
      lineStart = endOf(t);
    } else {
      const image = isComment.has(t) ? t.image.trimEnd() : imageOf(t);
      if (image !== '')
        pieces.push({ text: image, ...(!isComment.has(t) && { token: t, drawn: drawings.holds(t) }), spaced: t.startOffset > end, column: t.startOffset - lineStart });
    }
    end = endOf(t);
  }
  cut();
  return lines;
}

/** Which tokens stand between the braces of a `layout`. */
class Drawings {
  private announced = false;
  /** Braces open, since that of a drawing. */
  private depth = 0;

  holds(t: IToken): boolean {
    const within = this.depth > 0;
    if (t.tokenType === LCurly && (within || this.announced)) this.depth++;
    else if (t.tokenType === RCurly && within) this.depth--;
    // The brace may follow what the rows are at and of which size.
    this.announced = t.image === 'layout' || (this.announced && t.tokenType !== LCurly);
    return within && this.depth > 0;
  }

  /** A line that announced a drawing and did not begin it, did not. */
  lineEnds(): void {
    this.announced = false;
  }
}

/** Tokens that hold blanks have their own layout; lines of maps are raw, but for where they begin. */
function imageOf(t: IToken): string {
  if (t.tokenType === ErrnoClaim) return t.image.replace(/[ \t]+/, ' ').replace(/(?<![ \t])[ \t]*\(/, ' (');
  return t.image.trim();
}
