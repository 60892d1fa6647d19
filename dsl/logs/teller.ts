/** Reports what is wrong with lines while they are read: only the first line of each kind, as the others are alike. */
import type { Diagnostic } from '../api.js';
import { unread, type Unread } from './calls.js';
import { logDiagnostic, type LogArguments, type LogCode } from './messages.js';

export class Teller {
  readonly diagnostics: Diagnostic[] = [];
  private readonly told = new Set<string>();

  constructor(private readonly onDiagnostic: ((diagnostic: Diagnostic) => void) | undefined) {}

  tell<C extends LogCode>(line: number, text: string, { code, args, start, length }: Unread<C>): void {
    const kind = code === 'log-line' ? code : `${code} ${String(args[code === 'log-argument' ? 2 : 0])}`;
    this.sayOnce(kind, logDiagnostic(line, text, Math.min(start, text.length) + 1, length, code, ...(args as LogArguments<C>)));
  }

  /** About the line as a whole. */
  tellLine<C extends LogCode>(line: number, text: string, code: C, ...args: LogArguments<C>): void {
    this.tell(line, text, unread(code, 0, text.length, ...args));
  }

  sayOnce(kind: string, diagnostic: Diagnostic): void {
    if (this.told.has(kind)) return;
    this.told.add(kind);
    this.say(diagnostic);
  }

  say(diagnostic: Diagnostic): void {
    this.diagnostics.push(diagnostic);
    this.onDiagnostic?.(diagnostic);
  }
}
