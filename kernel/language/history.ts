/** history_request, from memory: this session's own cells. */
import type { Content } from '../protocol/message.js';

interface Entry {
  readonly line: number;
  readonly input: string;
  readonly output: string | null;
}

/** The number Jupyter knows this session by; 0 means the current one too. */
const SESSION = 1;

export class History {
  private readonly entries: Entry[] = [];

  add(line: number, input: string, output: string | null): void {
    this.entries.push({ line, input, output });
  }

  reply(request: Content): Content {
    const output = request['output'] === true;
    const history = this.select(request).map(({ line, input, output: shown }) => [SESSION, line, output ? [input, shown] : input]);
    return { status: 'ok', history };
  }

  private select(request: Content): readonly Entry[] {
    const { hist_access_type: access, n, pattern, unique, session, start, stop } = request;
    switch (access) {
      case 'tail':
        return last(this.entries, n);
      case 'range': {
        if (session !== undefined && session !== null && session !== 0 && session !== SESSION) return [];
        const from = typeof start === 'number' ? start : 0;
        const to = typeof stop === 'number' ? stop : Infinity;
        return this.entries.filter(({ line }) => line >= from && line < to);
      }
      case 'search': {
        const matches = globMatcher(typeof pattern === 'string' ? pattern : '*');
        const found = this.entries.filter(({ input }) => matches(input));
        return last(unique === true ? latestOfEach(found) : found, n);
      }
      default:
        return [];
    }
  }
}

const last = (entries: readonly Entry[], n: unknown): readonly Entry[] => (typeof n === 'number' ? entries.slice(Math.max(0, entries.length - n)) : entries);

const latestOfEach = (entries: readonly Entry[]): Entry[] => entries.filter(({ input }, i) => !entries.slice(i + 1).some((later) => later.input === input));

/** `*`, `?` and `[...]`, as SQLite's GLOB, which other kernels search with, reads them. */
function globMatcher(pattern: string): (text: string) => boolean {
  const source = pattern.replace(/\[(\^?)([^\]]+)\]|[\\^$.|+(){}[\]*?]/g, (found, negated: string, set: string | undefined) => {
    if (set !== undefined) return `[${negated}${set.replace(/\\/g, '\\\\')}]`;
    return found === '*' ? '.*' : found === '?' ? '.' : `\\${found}`;
  });
  try {
    const regex = new RegExp(`^${source}$`, 's');
    return (text) => regex.test(text);
  } catch {
    // An empty set, such as `[z-a]`, which no regular expression allows.
    return () => false;
  }
}
