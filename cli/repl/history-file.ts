/** What was typed before, kept from one console to the next, for this user only. */
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../files/write-whole.js';

const MOST = 1000;

/** `~/.local/state/mremap-lab/history`, or where XDG_STATE_HOME says. */
function historyFile(env: Readonly<Record<string, string | undefined>> = process.env, home = homedir()): string {
  const state = env['XDG_STATE_HOME'];
  return join(state !== undefined && state.startsWith('/') ? state : join(home, '.local', 'state'), 'mremap-lab', 'history');
}

export class HistoryFile {
  private usable = true;

  constructor(private readonly file = historyFile()) {}

  /** The latest first, each once, as readline wants them. */
  read(): string[] {
    let lines: string[];
    try {
      lines = readFileSync(this.file, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
    } catch {
      return [];
    }
    // It grows by a line at a time, also by other consoles; what is too old goes when one begins.
    if (lines.length > 2 * MOST) writeWhole(this.file, `${lines.slice(-MOST).join('\n')}\n`, 0o600).catch(() => (this.usable = false));
    return [...new Set(lines.reverse())].slice(0, MOST);
  }

  add(line: string): void {
    if (line.trim() === '') return;
    this.write(() => {
      mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
      appendFileSync(this.file, `${line}\n`, { mode: 0o600 });
    });
  }

  /** A console without a history is still a console. */
  private write(work: () => void): void {
    if (!this.usable) return;
    try {
      work();
    } catch {
      this.usable = false;
    }
  }
}
