/** How a notebook opens: its title and its first paragraph, as plain text. */
import MarkdownIt from 'markdown-it';
import type { Notebook } from './nbformat.js';

export interface Opening {
  readonly title: string;
  readonly summary: string;
}

const md = new MarkdownIt({ html: false });

/** @param fallback the title of a notebook that has no heading */
export function openingOf(notebook: Notebook, fallback: string): Opening {
  const tokens = notebook.cells.flatMap((cell) => (cell.cell_type === 'markdown' ? md.parse(cell.source, {}) : []));
  const first = (type: string, tag: string): string | undefined => {
    const at = tokens.findIndex((token) => token.type === type && token.tag === tag);
    const words = (tokens[at + 1]?.children ?? []).map((t) => (t.type === 'softbreak' || t.type === 'hardbreak' ? ' ' : t.content));
    return at < 0 ? undefined : words.join('').trim();
  };
  return { title: first('heading_open', 'h1') ?? fallback, summary: first('paragraph_open', 'p') ?? '' };
}
