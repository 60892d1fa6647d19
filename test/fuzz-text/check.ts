/** What must hold of any text at all: nobody crashes, every diagnostic has a place in it, the layout is stable. */
import { format } from '../../dsl/format/format.js';
import { createSession, formatDiagnostic } from '../../dsl/index.js';
import { createMachines } from '../../sim/index.js';

const session = createSession(createMachines());

/** @throws Error that says what does not hold */
export function checkText(text: string): void {
  const inFile = session.check(text, { mode: 'file' });
  for (const d of inFile) {
    if (!(d.span.start >= 0 && d.span.start <= d.span.end && d.span.end <= text.length)) throw new Error(`${d.code} is about [${d.span.start}, ${d.span.end}) of ${text.length}`);
    formatDiagnostic('x.mremap', text, d);
  }
  session.isComplete(text);
  // Completion asks the grammar for all that could follow: dear, and the same for most texts.
  if (text.length % 8 === 0) session.complete(text, text.length >> 1);
  const once = format(text);
  if (format(once) !== once) throw new Error(`the layout of the layout is another:\n${JSON.stringify(once)}\n${JSON.stringify(format(once))}`);
  const sound = inFile.every((d) => d.severity !== 'error');
  if (sound && session.check(once, { mode: 'file' }).some((d) => d.severity === 'error')) throw new Error(`the layout of a sound program has mistakes:\n${once}`);
}
