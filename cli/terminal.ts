/** Where text goes, and whether it may carry colour. */
import { harmless } from './harmless.js';

type Paint = (text: string) => string;

export interface Palette {
  readonly colour: boolean;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
}

/** A file or a program gets what there is; a terminal what does it no harm. */
export const out = (text: string): void => void process.stdout.write(process.stdout.isTTY ? harmless(text) : text);

export const err = (text: string): void => void process.stderr.write(harmless(text));

/** Colour on a terminal only, and not where NO_COLOR (no-color.org) or TERM=dumb asks for none. */
export function palette(stream: NodeJS.WriteStream): Palette {
  const { NO_COLOR, TERM } = process.env;
  const colour = stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === '') && TERM !== 'dumb';
  const paint = (on: number, off: number): Paint => (colour ? (text) => `\x1b[${on}m${text}\x1b[${off}m` : (text) => text);
  return { colour, bold: paint(1, 22), dim: paint(2, 22), red: paint(31, 39), green: paint(32, 39) };
}

/** A diagnostic as `formatDiagnostic` lays it out: its place bold, what it is and the carets red. */
export const paintDiagnostic = ({ bold, red }: Palette, text: string): string =>
  text
    .replace(/^(.*?:\d+:\d+:)( (?:error|warning)\[[^\]]*\])/, (_, place: string, what: string) => bold(place) + red(what))
    .replace(/^([ \t]*)(\^+)$/m, (_, space: string, carets: string) => space + red(carets));
