/**
 * Reads lines, sends cells to a session, shows what comes back: on a terminal with history,
 * completion and Ctrl-C, or from a pipe.
 */
import { createInterface, clearLine, cursorTo, type Interface } from 'node:readline';
import { looksLikeLog, looksLikeMaps } from '../../dsl/logs/looks.js';
import { noticeText } from '../../kernel/attach/notices.js';
import type { Notice, SessionClient } from '../../session/index.js';
import { EXIT, type ExitCode } from '../exit.js';
import { palette } from '../terminal.js';
import { CellReader, type Completeness } from './cell-reader.js';
import { completions } from './complete.js';
import { HistoryFile } from './history-file.js';
import { Screen } from './screen.js';

const PROMPT = 'mremap> ';
const MORE = '   ...> ';
const LEAVE = /^\s*%?(quit|exit)\s*$/;
const ANSWER_MS = 2000;

export class Repl {
  private readonly tty = process.stdin.isTTY && process.stdout.isTTY;
  private readonly screen = new Screen({
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    colour: palette(process.stdout).colour,
    tty: this.tty,
  });
  private readonly history = new HistoryFile();
  private readonly cells = new CellReader((text) => this.isComplete(text));
  private readonly typed: string[] = [];
  private client: SessionClient | undefined;
  private lines: Interface | undefined;
  private running = false;
  private status: ExitCode = EXIT.ok;
  private leaving: (() => void) | undefined;

  /** For whoever joins: what the others do. */
  notice(notice: Notice): void {
    this.aside(() => this.screen.say('err', palette(process.stderr).dim(noticeText(notice).trimEnd()) + '\n'));
  }

  /** For whoever joins: the session is over. */
  ended(why: string): void {
    this.aside(() => this.screen.say('err', `${why}\n`));
    this.status = EXIT.failed;
    this.leaving?.();
  }

  /** Until the input ends, or somebody has had enough. */
  async run(client: SessionClient): Promise<ExitCode> {
    this.client = client;
    const left = new Promise<void>((resolve) => (this.leaving = resolve));
    const lines = this.tty ? this.terminal() : createInterface({ input: process.stdin, terminal: false, crlfDelay: Infinity });
    this.lines = lines;
    const read = this.tty ? this.readTerminal(lines) : this.readPipe(lines);
    await Promise.race([read, left]);
    this.lines = undefined;
    lines.close();
    this.screen.settle();
    client.leave();
    return this.status;
  }

  private terminal(): Interface {
    return createInterface({
      input: process.stdin,
      output: process.stdout,
      prompt: PROMPT,
      terminal: true,
      history: this.history.read(),
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: (line: string, done: (error: Error | null, found: [string[], string]) => void) => {
        if (this.client === undefined) return done(null, [[], line]);
        completions(this.client, this.cells.before, line).then(
          (found) => done(null, found),
          () => done(null, [[], line]),
        );
      },
    });
  }

  private readTerminal(lines: Interface): Promise<void> {
    return new Promise((resolve) => {
      lines.on('line', (line) => {
        this.history.add(line);
        this.typed.push(line);
        if (!this.running) void this.workOff();
      });
      lines.on('SIGINT', () => this.stop(lines));
      lines.on('close', () => {
        // Ctrl-D leaves the cursor behind the prompt.
        if (this.lines !== undefined) process.stdout.write('\n');
        this.client?.interrupt();
        resolve();
      });
      lines.prompt();
    });
  }

  private async readPipe(lines: Interface): Promise<void> {
    process.once('SIGINT', () => {
      this.client?.interrupt();
      this.status = EXIT.failed;
      this.leaving?.();
    });
    // The first line decides what is piped in: a log and a dump are one cell.
    let whole: string[] | undefined;
    let decided = false;
    for await (const line of lines) {
      if (!decided && line.trim() !== '') {
        decided = true;
        const magic = looksLikeMaps(line) ? '%%maps' : looksLikeLog(line) ? '%%strace' : undefined;
        if (magic !== undefined) whole = [magic];
      }
      if (whole !== undefined) whole.push(line);
      else if ((await this.take(line)) === true) return;
    }
    if (whole !== undefined) return this.execute(whole.join('\n'));
    await this.execute(this.cells.rest());
  }

  /** The lines that have been typed, those typed while a cell ran too. */
  private async workOff(): Promise<void> {
    this.running = true;
    let indent = '';
    for (let line = this.typed.shift(); line !== undefined; line = this.typed.shift()) {
      const taken = await this.take(line);
      if (taken === true) return this.leaving?.();
      indent = taken;
    }
    this.running = false;
    const { lines } = this;
    lines?.setPrompt(this.cells.inCell ? MORE : PROMPT);
    lines?.prompt();
    if (indent !== '') lines?.write(indent);
  }

  /** @returns true to leave, or the indentation of the next line */
  private async take(line: string): Promise<true | string> {
    if (!this.cells.inCell && LEAVE.test(line)) return true;
    const taken = await this.cells.take(line);
    if ('indent' in taken) return taken.indent;
    await this.execute(taken.cell);
    return '';
  }

  private async execute(code: string): Promise<void> {
    if (code.trim() === '' || this.client === undefined) return;
    try {
      const content = { code, silent: false, store_history: true, user_expressions: {}, allow_stdin: false, stop_on_error: true };
      const reply = await this.client.ask('execute_request', content, { publish: (type, said) => this.screen.show(type, said) });
      this.screen.pages(reply);
      if (reply['status'] === 'aborted') this.screen.say('err', 'withdrawn before its turn came\n');
      // A person has seen it; whoever piped a program in asks for the status.
      if (reply['status'] !== 'ok' && !this.tty) this.status = EXIT.failed;
    } catch {
      // The session is over: whoever joined has been told.
    }
    this.screen.settle();
  }

  private async isComplete(text: string): Promise<Completeness> {
    const reply = await this.client?.ask('is_complete_request', { code: text }, { timeoutMs: ANSWER_MS }).catch(() => undefined);
    if (reply?.['status'] === 'incomplete') return { status: 'incomplete', indent: String(reply['indent'] ?? '') };
    return { status: reply?.['status'] === 'invalid' ? 'invalid' : 'complete' };
  }

  /** Ctrl-C: what runs is interrupted, what was typed ahead is dropped; or the cell being written is given up. */
  private stop(lines: Interface): void {
    this.typed.length = 0;
    if (this.running) {
      this.client?.interrupt();
      return;
    }
    this.cells.rest();
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
    process.stdout.write('^C\n');
    lines.setPrompt(PROMPT);
    lines.prompt();
  }

  /** Says something while somebody may be writing: their line comes again below it. */
  private aside(say: () => void): void {
    const prompting = this.tty && this.lines !== undefined && !this.running;
    if (prompting) {
      cursorTo(process.stdout, 0);
      clearLine(process.stdout, 0);
    }
    say();
    if (prompting) this.lines?.prompt(true);
  }
}
