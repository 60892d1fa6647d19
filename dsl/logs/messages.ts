/** Everything that is said about logs, by its code; `docs/strace.md` lists them. */
import { MESSAGES, type Text } from '../messages/messages.js';
import type { LogCause } from '../../machine/index.js';
import type { Diagnostic } from '../api.js';

const some = (n: number, one: string, ending = 's'): string => `${n} ${n === 1 ? one : one + ending}`;

/**
 * The messages about logs, by code, likewise.
 * @ignore
 */
export const LOG_MESSAGES = {
  'log-line': (): Text => ({ text: 'this is no line that strace prints', hint: 'a line has a call with its result, a signal between `---`, or an end between `+++`' }),
  'log-text': (): Text => ({ text: 'this is nothing of a log: taken for text around it', hint: 'if it was one, take the log again' }),
  'log-nothing': (): Text => ({
    text: 'nothing here is a log',
    hint: 'a log has calls with their results, as `strace` prints them: `mremap(0x7f2a40000000, 8192, 16384, MREMAP_MAYMOVE) = 0x7f2a50000000`',
  }),
  'log-cut': (name: string): Text => ({ text: `the log ends in the middle of \`${name}\``, hint: 'what the call did is not known' }),
  'log-call': (name: string, like: string): Text => ({ text: `there is no call \`${name}\``, hint: `did you mean \`${like}\`?` }),
  'log-brackets': (name: string): Text => ({ text: `the call of \`${name}\` breaks off`, hint: 'take the log again, or remove the line' }),
  'log-arguments': (name: string, n: number): Text => ({ text: `\`${name}\` does not take ${some(n, 'argument')}` }),
  'log-argument': (image: string, param: string, name: string): Text => ({ text: `\`${image}\` is nothing that strace prints for \`${param}\` of \`${name}\`` }),
  'log-result': (name: string): Text => ({ text: `the result of \`${name}\` cannot be read`, hint: 'a result is an address, a number, `?`, or `-1 ENAME (text)`' }),
  'log-resumed': (name: string): Text => ({
    text: `\`${name}\` is resumed here, but nothing says where it began`,
    hint: 'the log begins in the middle of the call: what it did is not known',
  }),
  'log-lacking': (name: string): Text => ({
    text: `\`${name}\` changes the address space, and the model does not have it`,
    hint: 'what follows is replayed as if it had not been called',
  }),
  'log-segment': (id: string): Text => ({
    text: `the size of the shared memory segment ${id} is not known`,
    hint: 'the log does not show its `shmget`: take it with `-e trace=memory,ipc`',
  }),
  'log-withdrawn': (touched: string, claimed: string, answered: string): Text => ({
    text: `with ${touched} the kernel would have answered ${answered}, not ${claimed}: from here on that bound is withdrawn`,
    hint: 'costs are told for the other bound alone',
  }),
  'log-refused': (errno: string, first: LogCause, second?: LogCause): Text => ({
    text: `${errno}: ${first.why}${second === undefined ? '' : `; or ${second.why}`}`,
    hint: `what tells: ${first.tell}${second === undefined || second.tell === first.tell ? '' : `; ${second.tell}`}`,
  }),
  'log-assumed': (answered: string, why: string): Text => ({
    text: `the kernel allowed this, where the model has ${answered}${why === '' ? '' : `: ${why}`}`,
    hint: 'something happened that the log does not show; from here on the state is what the answer implies',
  }),
  'log-impossible': (claimed: string, why: string): Text => ({ text: `no kernel answers ${claimed} here: ${why}` }),
  'claim-failed': MESSAGES['claim-failed'],
} satisfies Record<string, (...args: never[]) => Text>;

/** The code of a message about a log. */
export type LogCode = keyof typeof LOG_MESSAGES;
export type LogArguments<C extends LogCode> = Parameters<(typeof LOG_MESSAGES)[C]>;

const WARNINGS: ReadonlySet<LogCode> = new Set<LogCode>(['log-resumed', 'log-lacking', 'log-segment', 'log-withdrawn', 'log-refused', 'log-assumed', 'log-text', 'log-cut']);

/** A diagnostic of one line of a log, which it carries along: nobody keeps the log. */
export function logDiagnostic<C extends LogCode>(line: number, excerpt: string, column: number, length: number, code: C, ...args: LogArguments<C>): Diagnostic {
  const say = LOG_MESSAGES[code] as (...args: LogArguments<C>) => Text;
  const { text, hint } = say(...args);
  const span = { start: column - 1, end: column - 1 + Math.max(1, length) };
  return {
    code,
    severity: WARNINGS.has(code) ? 'warning' : 'error',
    message: text,
    ...(hint !== undefined && { hint }),
    span,
    line,
    column,
    phase: code === 'claim-failed' || code === 'log-impossible' ? 'run' : 'syntax',
    excerpt,
  };
}

export const TOUCHED_TEXT = { none: 'nothing touched', all: 'everything touched' } as const;

/** What a run had to make up, said at its end. */
export const NOTES = {
  tracer: (name: string) => `a log of ${name}, read as strace would have printed it`,
  machine: (name: string, why: string) => `taken to be of ${name}, for it has ${why}; --machine says otherwise`,
  assumed: (n: number) => `${some(n, 'range')} assumed to have been mapped before the log began`,
  conceded: (n: number) => `${some(n, 'call')} that the model would have refused: the state was made what the answer implies`,
  programs: (n: number) => `${some(n, 'new process', 'es')} taken for a program of its own: without clone lines, its first call was brk(NULL)`,
  joined: (n: number) => `${some(n, 'new process', 'es')} taken for a thread: without clone lines, its addresses are those of a process there was`,
  execs: (n: number) => `${some(n, 'exec')} told by the break alone, which brk(NULL) found elsewhere`,
  lifted: (line: number) => `limits lifted from line ${line} on: the process was allowed more than one is by default`,
  withdrawn: (touched: string) => `the bound with ${touched} contradicts the log and was withdrawn`,
} as const;
