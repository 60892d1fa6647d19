/** What a text is that nobody has named: its first lines tell. */
import { readLine } from './line.js';
import { tracerOf } from './other-tracers.js';
import { peelings, plain } from './peel.js';

/** Lines looked at. */
const FIRST = 64;
const RESULT = /\)\s*= (?:0x[0-9a-f]+|-1 E[A-Z]+|-?\d+|\?)/;

/** Whether there is a line of a log among the first: a call with its result, or what only strace says. */
export function looksLikeLog(text: string): boolean {
  const lines = text.split('\n', FIRST + 1).slice(0, FIRST);
  return tracerOf(lines) !== undefined || lines.some((line) => isLogLine(plain(line)));
}

function isLogLine(line: string): boolean {
  for (const form of [line, ...peelings(line)]) {
    if (/^\s*(?:\[pid\s+\d+\]\s*)?(?:strace: |\+\+\+ (?:exited|killed) |--- SIG[A-Z]+ \{|<\.\.\. \w+ resumed>)/.test(form)) return true;
    const read = readLine(form);
    // A scenario has calls with results too, but gives them names or none; strace prints what comes back of every one.
    if (read.kind === 'unfinished' || (read.kind === 'call' && RESULT.test(form))) return true;
  }
  return false;
}

const MAPS_LINE = /^\s*[0-9a-f]+-[0-9a-f]+ [r-][w-][x-][ps] [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ \d+/;

/** Whether it begins as /proc/PID/maps or smaps does. */
export const looksLikeMaps = (text: string): boolean => MAPS_LINE.test(text.split('\n').find((line) => line.trim() !== '' && !line.trimStart().startsWith('#')) ?? '');
