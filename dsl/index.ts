/**
 * The language: text in, records and diagnostics out.
 *
 *     text ──1 tokens.ts──▶ tokens ──2 lines.ts──▶ lines ──3 parser.ts──▶ CST ──4 build.ts──▶ syntax tree
 *          ──5 check.ts──▶ checked program ──6 interpret.ts──▶ operations on a Machine ──▶ records, outputs
 *
 * Phases 1 to 5 touch no machine, and any of them may report; what one of them rejects is never run.
 * `session.ts` walks the whole way, `services/` answers an editor's questions half-way along it.
 */
export type * from './api.js';
export { formatDiagnostic } from './messages/diagnostics.js';
export { createSession, type SessionOptions } from './session.js';
export { readMachine } from './checking/read-machine.js';
export { readModel } from './checking/read-model.js';
export { MESSAGES, type Code } from './messages/messages.js';
/** The words that no name may be. */
export { KEYWORDS } from './syntax/tokens.js';
