/** Which language a cell is in, and the magics at its head. Lines that are not code become blanks, so that every position stays. */
export type LineMagic =
  | { readonly kind: 'magic'; readonly name: string; readonly rest: string }
  /** `?name`: what is known about it. */
  | { readonly kind: 'help'; readonly name: string };

export interface CellSource {
  readonly language: 'mremap' | 'ts' | 'strace' | { readonly unknown: string };
  readonly magics: readonly LineMagic[];
  /** As long as the cell, to the unit. */
  readonly code: string;
}

const blank = (line: string): string => ' '.repeat(line.length);

export function readCell(text: string): CellSource {
  const lines = text.split('\n');
  const magics: LineMagic[] = [];
  let language: CellSource['language'] = 'mremap';
  for (const [i, line] of lines.entries()) {
    const trimmed = line.trim();
    if (trimmed === '') continue;
    const magic = /^(%%?|\?)\s*(\S*)\s*(.*)$/.exec(trimmed);
    if (magic === null) break;
    const [, mark, name = '', rest = ''] = magic;
    lines[i] = blank(line);
    if (mark === '%%') {
      language = (name === 'ts' || name === 'strace') && rest === '' ? name : { unknown: trimmed };
      break;
    }
    magics.push(mark === '?' ? { kind: 'help', name } : { kind: 'magic', name, rest });
  }
  return { language, magics, code: lines.join('\n') };
}
