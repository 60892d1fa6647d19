/** What an editor shows about the word under the mouse, and about the call around the cursor. */
import type { FlagKind } from '../../machine/index.js';
import type { Hover, SignatureHelp } from '../api.js';
import { CALLABLES, signature } from '../vocabulary/calls.js';
import { isFlagKind } from '../vocabulary/flags.js';
import type { Known } from '../vocabulary/model.js';
import { callAt, cursorAt, paramAt } from './cursor.js';
import { helpFor } from './help.js';

/** @param value of a name that is bound, as it is shown */
export function hover(text: string, cursor: number, known: Known, value: (name: string) => string | undefined): Hover | undefined {
  const word = wordAt(text, cursor);
  if (word === undefined) return undefined;
  const name = text.slice(word.start, word.end);
  const bound = value(name);
  const found = bound === undefined ? helpFor(name, known, placeOf(text, word.start)) : `${name} = ${bound}`;
  return found === undefined ? undefined : { ...word, text: found };
}

/** What flags the argument takes that the word is part of. */
function placeOf(text: string, start: number): FlagKind | undefined {
  const at = cursorAt(text, start);
  const kind = at && paramAt(at.statement)?.kind;
  return kind !== undefined && isFlagKind(kind) ? kind : undefined;
}

/** Names with their dots for settings, releases with theirs. */
function wordAt(text: string, cursor: number): { start: number; end: number } | undefined {
  const before = /(?<!\w)\w+$/.exec(text.slice(0, cursor))?.[0] ?? '';
  const after = /^\w*/.exec(text.slice(cursor))?.[0] ?? '';
  const [start, end] = [cursor - before.length, cursor + after.length];
  const dotted = /^\.\w+/.exec(text.slice(end))?.[0] ?? '';
  const ahead = /(?<!\w)(?:\w{1,40}\.){1,4}$/.exec(text.slice(0, start))?.[0] ?? '';
  const whole = ahead + text.slice(start, end) + dotted;
  // A setting or a release is one word, and a field is not.
  if (/^(?:rlimit|sysctl|capability)\.\w+$|^\d+\.\d+$/.test(whole)) return { start: start - ahead.length, end: end + dotted.length };
  return start === end ? undefined : { start, end };
}

/** The call whose brackets the cursor stands in, and which of its parameters is being written. */
export function signatureHelp(text: string, cursor: number): SignatureHelp | undefined {
  const at = cursorAt(text, cursor);
  const call = at && callAt(at.statement);
  const callable = call && CALLABLES.get(call.callee);
  if (call === undefined || callable === undefined) return undefined;
  return { label: signature(callable), summary: callable.summary, parameters: callable.params.map((p) => p.name), active: call.index };
}
