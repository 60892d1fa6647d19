/** What stands between the brackets of a call, and behind them. */
import { isErrno } from '../vocabulary/constants.js';
import type { Claimed } from '../evaluating/claim.js';

export interface Arguments {
  readonly texts: readonly string[];
  /** Where each begins. */
  readonly starts: readonly number[];
  /** The place behind the closing bracket. */
  readonly end: number;
}

const QUOTE = 34;
const OPEN = 40;
const CLOSE = 41;
const STAR = 42;
const COMMA = 44;
const SLASH = 47;
const LESS = 60;
const LSQUARE = 91;
const BACKSLASH = 92;
const RSQUARE = 93;
const LCURLY = 123;
const RCURLY = 125;

/** Splits at the commas of the outermost level; undefined if the bracket is never closed. */
export function splitArguments(text: string, open: number): Arguments | undefined {
  const texts: string[] = [];
  const starts: number[] = [];
  let start = open;
  let depth = 0;
  const cut = (at: number): void => {
    let from = start;
    let to = at;
    while (from < to && text.charCodeAt(from) <= 32) from++;
    while (to > from && text.charCodeAt(to - 1) <= 32) to--;
    texts.push(text.slice(from, to));
    starts.push(from);
  };
  for (let at = open; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case COMMA:
        if (depth > 0) break;
        cut(at);
        start = at + 1;
        break;
      case OPEN:
      case LSQUARE:
      case LCURLY:
        depth++;
        break;
      case RSQUARE:
      case RCURLY:
        depth--;
        break;
      case CLOSE:
        if (depth-- > 0) break;
        cut(at);
        if (texts.length === 1 && texts[0] === '') return { texts: [], starts: [], end: at + 1 };
        return { texts, starts, end: at + 1 };
      case QUOTE:
        at = endOfString(text, at);
        break;
      case SLASH:
        if (text.charCodeAt(at + 1) === STAR) at = endOfComment(text, at);
        break;
      case LESS:
        at = endOfPath(text, at);
        break;
    }
  }
  return undefined;
}

function endOfString(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === BACKSLASH) at++;
    else if (c === QUOTE) return at;
  }
  return text.length;
}

function endOfComment(text: string, open: number): number {
  const end = text.indexOf('*/', open + 2);
  return end < 0 ? text.length : end + 1;
}

/** `3</lib/libc.so.6>`: a path may hold brackets and arrows, what follows it may not. `<<` is no path. */
function endOfPath(text: string, open: number): number {
  if (text.charCodeAt(open + 1) === LESS) return open + 1;
  for (let at = text.indexOf('>', open); at >= 0; at = text.indexOf('>', at + 1)) {
    const next = text.charCodeAt(at + 1);
    if (next === COMMA || next === CLOSE || next === RSQUARE || next === RCURLY || next === 32) return at;
  }
  return open;
}

/** The largest number of digits that a double holds exactly, whatever they are. */
const HEX_DIGITS = 13;
const DECIMAL_DIGITS = 15;

/** `0x7f2a`, `4096`, `-1`, `NULL`; undefined for anything else. */
export function printedNumber(text: string): bigint | undefined {
  if (text === 'NULL') return 0n;
  if (text.charCodeAt(0) === 48 && (text.charCodeAt(1) | 32) === 120) {
    if (text.length > HEX_DIGITS + 2) return /^0x[0-9a-fA-F]{1,16}$/.test(text) ? BigInt(text) : undefined;
    let n = 0;
    for (let i = 2; i < text.length; i++) {
      const c = text.charCodeAt(i) | 32;
      const digit = c >= 48 && c <= 57 ? c - 48 : c >= 97 && c <= 102 ? c - 87 : -1;
      if (digit < 0) return undefined;
      n = n * 16 + digit;
    }
    return text.length > 2 ? BigInt(n) : undefined;
  }
  if (text.length > DECIMAL_DIGITS || text.charCodeAt(0) === 45) return /^-?\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  let n = 0;
  for (let i = 0; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    n = n * 10 + digit;
  }
  return text.length > 0 ? BigInt(n) : undefined;
}

// Comments are strace's own: `0x66 /* MADV_??? */`, `/* 8 vars */`.
export const withoutComment = (text: string): string => (text.includes('/*') ? text.replace(/\/\*[^]*?(\*\/|$)/g, '').trim() : text);

/** What the log says came back. `unknown`: `?`, or an errno that no call of the model gives, by its name. */
export type Answer = Claimed | { readonly kind: 'unknown'; readonly errno?: string };

const UNKNOWN: Answer = { kind: 'unknown' };
const ZERO: Answer = { kind: 'value', value: 0n };

/** What may stand behind a result: a text in brackets, `(INJECTED)`, how long it took. */
const TRAILER = /^(?:\s+\([^()]*(?:\([^()]*\)[^()]*)*\))*(?:\s+<[^<>]*>)?\s*$/;

/** The result behind the bracket at `from`: ` = 0x7f00 <0.000012>`; undefined if it cannot be read. */
export function readAnswer(text: string, from: number): Answer | undefined {
  let at = from;
  while (text.charCodeAt(at) === 32) at++;
  if (text.charCodeAt(at) !== 61) return undefined;
  at++;
  while (text.charCodeAt(at) === 32) at++;
  let end = at;
  while (end < text.length && text.charCodeAt(end) > 32) end++;
  const word = text.slice(at, end);
  const rest = text.slice(end);
  if (word === '?') return UNKNOWN;
  if (word === '-1') return refusal(rest);
  if (rest !== '' && !TRAILER.test(rest)) return undefined;
  if (word === '0') return ZERO;
  const value = printedNumber(word);
  return value === undefined ? undefined : { kind: 'value', value };
}

/** ` ENOMEM (Cannot allocate memory) <0.000012>`, ` (errno 95)` */
function refusal(rest: string): Answer | undefined {
  const [, name, trailer = ''] = /^ (E[A-Z0-9_]+)?(.*)/s.exec(rest) ?? [];
  if (!TRAILER.test(trailer === '' ? '' : trailer.startsWith(' ') ? trailer : ` ${trailer}`)) return undefined;
  if (name === undefined) return /^\(errno \d+\)/.test(trailer) ? UNKNOWN : undefined;
  // Injected by strace itself: the kernel was never asked.
  if (trailer.includes('(INJECTED)')) return UNKNOWN;
  if (isErrno(name)) return { kind: 'errno', errno: name };
  // One that the model does not have; without its text it is a slip.
  return /^\s*\(/.test(trailer) ? { kind: 'unknown', errno: name } : undefined;
}
