/**
 * Text of a stranger, fit for a terminal: colours stay, everything else that a terminal would obey goes. An escape sequence
 * can move the cursor over what was said before, name the window, or have the terminal type.
 */

/* eslint-disable no-control-regex -- control characters are what it looks for */
const SEQUENCE =
  /\x1b\[[0-9;]{0,40}m|(?:\x1b\[|\x9b)[0-?]{0,100}[ -/]{0,20}[@-~]?|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]{0,4096}(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]{0,20}[0-~]?|[\0-\x08\x0b-\x1f\x7f-\x9f]/g;
const COLOUR = /^\x1b\[[0-9;]*m$/;

export const harmless = (text: string, colour = true): string => text.replace(/\r\n/g, '\n').replace(SEQUENCE, (sequence) => (colour && COLOUR.test(sequence) ? sequence : ''));
