/**
 * What one line of a log is. A log has hundreds of thousands of lines of few shapes, so they are
 * read by hand, character by character; a property test holds this against the language's own grammar.
 */
export type Line =
  /** `name(args) = result`, all of it in one line; `open` is the place behind the bracket. */
  | { readonly kind: 'call'; readonly pid: number; readonly name: string; readonly open: number }
  /** `name(args <unfinished ...>`; `end` is where the arguments break off. */
  | { readonly kind: 'unfinished'; readonly pid: number; readonly name: string; readonly start: number; readonly end: number }
  /** `<... name resumed>, args) = result`; the rest begins at `start`. */
  | { readonly kind: 'resumed'; readonly pid: number; readonly name: string; readonly start: number }
  /** `+++ exited with 0 +++`, `+++ killed by SIGKILL +++` */
  | { readonly kind: 'exit'; readonly pid: number }
  /** `+++ superseded by execve in pid 12 +++` */
  | { readonly kind: 'superseded'; readonly pid: number; readonly by: number }
  /** Signals, what strace says about itself, stack traces, empty lines. */
  | { readonly kind: 'other' }
  | { readonly kind: 'unread'; readonly column: number };

/** The pid of a log that was taken without -f. */
const ONLY = 0;

const OTHER = { kind: 'other' } as const;
const UNFINISHED = '<unfinished ...>';
const DETACHED = '<detached ...>';

const SPACE = 32;
const TAB = 9;
const OPEN = 40;
const PLUS = 43;
const MINUS = 45;
const DOT = 46;
const COLON = 58;
const LESS = 60;
const GREATER = 62;
const LSQUARE = 91;

const isDigit = (c: number): boolean => c >= 48 && c <= 57;
const isLower = (c: number): boolean => c >= 97 && c <= 122;
const isName = (c: number): boolean => isLower(c) || isDigit(c) || c === 95 || (c >= 65 && c <= 90);

function skipSpaces(text: string, from: number): number {
  let at = from;
  for (let c = text.charCodeAt(at); c === SPACE || c === TAB; c = text.charCodeAt(++at));
  return at;
}

interface Prefix {
  readonly pid: number;
  /** Where the line proper begins. */
  readonly at: number;
}

/**
 * What stands before a call: the pid (`123`, `[pid 123]`, `123<comm>`), a time of any kind
 * (`09:15:46`, `09:15:46.082094`, `1699999999.082094`, `0.000022`, `(+     0.000022)`), an
 * instruction pointer or a call number in square brackets.
 */
function prefix(text: string): Prefix {
  let pid = ONLY;
  let at = skipSpaces(text, 0);
  for (;;) {
    const c = text.charCodeAt(at);
    if (isDigit(c)) {
      let end = at + 1;
      let n = c - 48;
      for (let d = text.charCodeAt(end); isDigit(d); d = text.charCodeAt(++end)) n = n * 10 + (d - 48);
      const next = text.charCodeAt(end);
      if (next === COLON || next === DOT) {
        for (let d = text.charCodeAt(end); isDigit(d) || d === COLON || d === DOT; d = text.charCodeAt(++end));
      } else if (pid === ONLY && next !== TAB) {
        // What is numbered by `cat -n` has a tab.
        pid = n;
        if (next === LESS) end = text.indexOf('>', end) + 1 || end;
      }
      if (text.charCodeAt(end) !== SPACE && text.charCodeAt(end) !== TAB) return { pid, at };
      at = skipSpaces(text, end);
    } else if (c === LSQUARE) {
      const end = text.indexOf(']', at);
      if (end < 0) return { pid, at };
      if (text.startsWith('[pid', at)) pid = Number.parseInt(text.slice(at + 4, end), 10);
      at = skipSpaces(text, end + 1);
    } else if (c === OPEN && text.charCodeAt(at + 1) === PLUS) {
      const end = text.indexOf(')', at);
      if (end < 0) return { pid, at };
      at = skipSpaces(text, end + 1);
    } else {
      return { pid, at };
    }
  }
}

export function readLine(text: string): Line {
  const { pid, at } = prefix(text);
  const c = text.charCodeAt(at);
  if (isLower(c) || c === 95) {
    let end = at + 1;
    for (let d = text.charCodeAt(end); isName(d); d = text.charCodeAt(++end));
    if (text.charCodeAt(end) === OPEN) return call(text, pid, at, end);
    if (text.startsWith('strace: ', at)) return OTHER;
    return { kind: 'unread', column: at + 1 };
  }
  if (Number.isNaN(c)) return text.trim() === '' ? OTHER : { kind: 'unread', column: at + 1 };
  if (c === LESS) return resumed(text, pid, at);
  if (c === PLUS && text.startsWith('+++ ', at)) return ending(text, pid, at);
  if (c === MINUS && text.startsWith('--- ', at)) return OTHER;
  // A stack trace (-k): ` > /lib/libc.so.6(mmap+0x1f) [0x10a]`.
  if (c === GREATER && text.includes('[0x', at)) return OTHER;
  return { kind: 'unread', column: at + 1 };
}

function call(text: string, pid: number, start: number, open: number): Line {
  const name = text.slice(start, open);
  if (text.charCodeAt(text.length - 1) === GREATER && text.endsWith(UNFINISHED)) {
    return { kind: 'unfinished', pid, name, start, end: text.length - UNFINISHED.length };
  }
  // Let go of in the middle of the call, which goes on unseen.
  if (text.charCodeAt(text.length - 1) === GREATER && text.endsWith(DETACHED)) return OTHER;
  return { kind: 'call', pid, name, open: open + 1 };
}

function resumed(text: string, pid: number, at: number): Line {
  const [all, name] = /^<\.\.\. (\w+) resumed>/.exec(text.slice(at, at + 80)) ?? [];
  if (all === undefined || name === undefined) return { kind: 'unread', column: at + 1 };
  return { kind: 'resumed', pid, name, start: at + all.length };
}

function ending(text: string, pid: number, at: number): Line {
  const by = /^\+\+\+ superseded by execve in pid (\d+)/.exec(text.slice(at))?.[1];
  if (by !== undefined) return { kind: 'superseded', pid, by: Number(by) };
  return /^\+\+\+ (exited with|killed by) /.test(text.slice(at)) ? { kind: 'exit', pid } : OTHER;
}
