/** What others in the session did, in a line each: `[terminal 2] munmap(p, 4K)`. */
import type { Notice } from '../../session/index.js';

/** A cell is told whole up to so many lines. */
const MOST_LINES = 12;

export function noticeText({ from, did, text }: Notice): string {
  const tag = `[${from}]`;
  switch (did) {
    case 'joined':
      return `${tag} has joined the session\n`;
    case 'left':
      return `${tag} has left the session\n`;
    case 'failed':
      return `${tag} failed: ${text}\n`;
    case 'ran': {
      const lines = text.trim().split('\n');
      const shown = lines.length <= MOST_LINES ? lines : [...lines.slice(0, MOST_LINES - 1), `... ${lines.length - MOST_LINES + 1} more lines`];
      return shown.map((line) => `${tag} ${line}\n`).join('');
    }
  }
}
