/** Terminal text -> HTML: colours and weight as spans, every other escape sequence dropped. */
import { escapeHtml } from './html.js';

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const;

// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const SEQUENCE = /\x1b\[([0-9;]*)m|\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;

export const stripAnsi = (text: string): string => text.replace(SEQUENCE, '');

export function ansiToHtml(text: string): string {
  let html = '';
  let at = 0;
  let classes: readonly string[] = [];
  const put = (end: number): void => {
    const part = escapeHtml(text.slice(at, end));
    if (part !== '') html += classes.length === 0 ? part : `<span class="${classes.join(' ')}">${part}</span>`;
  };
  for (const match of text.matchAll(SEQUENCE)) {
    put(match.index);
    at = match.index + match[0].length;
    if (match[1] !== undefined) classes = match[1].split(';').reduce(apply, classes);
  }
  put(text.length);
  return html;
}

function apply(classes: readonly string[], code: string): readonly string[] {
  const n = Number(code);
  const colour = COLOURS[n >= 90 ? n - 90 : n - 30];
  const without = (prefix: RegExp): string[] => classes.filter((c) => !prefix.test(c));
  if (n === 0) return [];
  if (n === 1) return [...without(/^ansi-bold$/), 'ansi-bold'];
  if (n === 22) return without(/^ansi-bold$/);
  if (n === 39) return without(/^ansi-(?!bold)/);
  return colour === undefined ? classes : [...without(/^ansi-(?!bold)/), `ansi-${colour}`];
}
