/** history_request, from memory: this session's own cells. */
import type { Content } from '../protocol/message.js';
import { Glob } from './glob.js';

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
        const glob = new Glob(typeof pattern === 'string' ? pattern : '*');
        const found = this.entries.filter(({ input }) => glob.matches(input));
        return last(unique === true ? latestOfEach(found) : found, n);
      }
      default:
        return [];
    }
  }
}

const last = (entries: readonly Entry[], n: unknown): readonly Entry[] => (typeof n === 'number' ? entries.slice(Math.max(0, entries.length - n)) : entries);

const latestOfEach = (entries: readonly Entry[]): Entry[] => entries.filter(({ input }, i) => !entries.slice(i + 1).some((later) => later.input === input));
