/** Which language a cell is in, and the magics at its head. Lines that are not code become blanks, so that every position stays. */
export type LineMagic =
  | { readonly kind: 'magic'; readonly name: string; readonly rest: string; readonly line: number }
  /** `?name`: what is known about it. */
  | { readonly kind: 'help'; readonly name: string };

export type CellLanguage = 'mremap' | 'ts' | 'strace' | 'maps';

export interface CellSource {
  readonly language: CellLanguage | { readonly unknown: string };
  readonly magics: readonly LineMagic[];
  /** As long as the cell, to the unit; what a `%%maps` cell lacks to be a block of the language stands behind that. */
  readonly code: string;
}

const CELL_MAGICS: Readonly<Record<string, CellLanguage>> = { ts: 'ts', strace: 'strace', maps: 'maps' };

const blank = (line: string): string => ' '.repeat(line.length);

export function readCell(text: string): CellSource {
  const lines = text.split('\n');
  const magics: LineMagic[] = [];
  let language: CellSource['language'] = 'mremap';
  for (const [i, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const magic = /^(%%?|\?)\s*(\S*)(.*)/s.exec(trimmed);
    if (magic === null) break;
    const [, mark, name = '', behind = ''] = magic;
    const rest = behind.trimStart();
    lines[i] = blank(line);
    if (mark === '%%') {
      language = (Object.hasOwn(CELL_MAGICS, name) && rest === '' ? CELL_MAGICS[name] : undefined) ?? { unknown: trimmed };
      // As it happens the two are of one length.
      if (language === 'maps') lines[i] = line.replace('%%maps', 'maps {');
      break;
    }
    if (mark === '?') magics.push({ kind: 'help', name });
    else magics.push({ kind: 'magic', name, rest, line: i });
    // What is timed on the same line is code.
    if (name === 'time' && rest !== '') lines[i] = blank(line.slice(0, line.lastIndexOf(rest))) + line.slice(line.lastIndexOf(rest));
  }
  if (language === 'maps') lines.push('}', 'show maps');
  return { language, magics, code: lines.join('\n') };
}
