/**
 * From lines as people have them to lines as strace prints them: what stands around them is taken off
 * (peel.ts), what was broken in two is joined, other tracers are translated (other-tracers.ts). Every
 * line that comes in leaves as one thing: read, a notice, text around the log, or something that cannot be read.
 */
import { roleOf } from './calls.js';
import { readLine, type Line } from './line.js';
import { tracerOf, type Tracer, type TracerReader } from './other-tracers.js';
import { peelings, plain } from './peel.js';

export type ReadLine = Exclude<Line, { kind: 'unread' }>;

/** Where lines go; `at` is the number of the line. */
export interface Sink {
  line(line: ReadLine, text: string, at: number): void;
  /** What strace says itself, the second half of a line that was broken, part of a summary. */
  notice(at: number): void;
  /** Nothing of a log: prose, mail, Markdown, what the program wrote. */
  text(text: string, at: number): void;
  /** It should have been read, and cannot be: from the column on. */
  unreadable(text: string, column: number, at: number): void;
  /** A call that breaks off. In the last line that is how a log ends that somebody interrupted. */
  cut(line: Extract<Line, { kind: 'call' }>, text: string, at: number, last: boolean): void;
  /** strace found a process in 32-bit mode, or in 64-bit mode again. */
  mode(pid: number, bits: number, at: number): void;
  /** The first lines have come, or all there are; `tracer` is who printed them, where that was not strace. */
  begin(lines: readonly string[], tracer: string | undefined): void;
}

/** How many lines are looked at before anything is made of them. */
const LOOKED_AT = 256;
/** A call is not broken into more pieces than that. */
const MOST_PIECES = 5;

/** strace's own words, which on a terminal come where they come. */
const NOTICE = /(?:strace: )?(?:Process \d+ (?:attached|detached|suspended|resumed)\b.*|\[ Process PID=\d+ runs in \w+ mode\. \])\s*$/;
const MODE = /\[ Process PID=(\d+) runs in (\d+) bit mode\. \]/;
const OTHER_NOTICE = /^\s*(?:\[pid\s+\d+\]\s*)?(?:strace: |<(?:unfinished|detached|ptrace\(\w+\):.*) ?\.{0,3}>|\?{4}\(|\) += |\^C|Terminated$|Killed$|Aborted$|Segmentation fault)/;
const SUMMARY_HEAD = /^\s*%\s*time\s+seconds|^System call usage summary|^\s*(?:calls|syscall|name)\s+(?:errors|calls|syscall|total)/;
const SUMMARY_END = /\btotal\s*$/;
/** A memory call with arguments that are none of a manual page's. */
const MEMORY_CALL = /\b(?:mmap2?|old_mmap|munmap|mremap|(?:pkey_)?mprotect|madvise|mlock2?|munlock|mseal|brk|shmat|shmdt)\((?:0x|NULL|\d+,|\d{2,}\))/;
/** What begins like a line of strace, or ends like one. */
const BEGINS_OR_ENDS = /^\s*(?:\[pid\s+\d+\]|\d+\s+)?\s*(?:<\.\.\. \w|\+\+\+ |--- SIG|[a-z_]\w*\((?:[^)]*$|.*\)\s*=))|\)\s*= (?:0x[0-9a-f]+|-1 E[A-Z]+|-?\d+|\?)/;

interface Broken {
  readonly text: string;
  readonly at: number;
  readonly pieces: number;
  /** Something was taken off, which the other pieces have too. */
  readonly peeled: boolean;
}

export class Gather {
  private held: string[] | null = [];
  private count = 0;
  private tracer: Tracer | undefined;
  private read: TracerReader | undefined;
  private numbered = false;
  private inSummary = false;
  private broken: Broken | null = null;

  constructor(private readonly sink: Sink) {}

  next(raw: string): void {
    if (this.held === null) return this.take(raw, ++this.count);
    this.held.push(raw);
    if (this.held.length >= LOOKED_AT) this.begin(this.held);
  }

  end(): void {
    if (this.held !== null) this.begin(this.held);
    this.giveUp(true);
  }

  private begin(lines: readonly string[]): void {
    this.held = null;
    this.tracer = tracerOf(lines);
    this.read = this.tracer?.open();
    this.numbered = isNumbered(lines);
    this.sink.begin(lines, this.tracer?.name);
    for (const line of lines) this.take(line, ++this.count);
  }

  private take(raw: string, at: number): void {
    let text = raw;
    if (this.read !== undefined && this.tracer !== undefined) {
      const translated = this.read(plain(raw));
      if (translated !== undefined) text = translated;
      else if (this.tracer.strict && !/^\s*(?:\[pid\s+\d+\]\s*)?(?:\+\+\+|---) /.test(raw)) return this.sink.notice(at);
    }
    if (this.numbered) text = text.replace(/^\s*\d+[ \t]/, '');
    const line = readLine(text);
    if (line.kind === 'unread' || this.inSummary) this.slowly(text, line.kind === 'unread' ? line.column : 1, at);
    else this.accept(line, text, at);
  }

  /** A line that reads as one; if it stands for a whole. */
  private accept(line: ReadLine, text: string, at: number, peeled = false): void {
    if (line.kind === 'call') {
      const last = text.charCodeAt(text.length - 1);
      if (last === LETTER_D || last === BRACKET) {
        const found = NOTICE.exec(text);
        if (found !== null && found.index > 0) return this.breakAt(text, found, at);
      }
      if ((text.lastIndexOf(')') < 0 || last === BACKSLASH || (last === PARENTHESIS && !text.includes('='))) && isOurs(line.name)) {
        this.giveUp(false);
        this.broken = { text, at, pieces: 1, peeled };
        return;
      }
    }
    if (line.kind === 'other' && text.charCodeAt(text.length - 1) === BRACKET) this.tell(text, at);
    // Signals and stack traces may stand between the halves.
    if (line.kind !== 'other') this.giveUp(false);
    this.sink.line(line, text, at);
  }

  /** strace's own words stand in the middle of the line: what belongs behind its first half comes next. */
  private breakAt(text: string, found: RegExpExecArray, at: number): void {
    this.tell(found[0], at);
    const head = text.slice(0, found.index);
    if (/^\s*(?:\[pid\s+\d+\])?\s*$/.test(head)) return this.sink.notice(at);
    this.giveUp(false);
    this.broken = { text: head, at, pieces: 1, peeled: false };
  }

  private tell(notice: string, at: number): void {
    const [, pid, bits] = MODE.exec(notice) ?? [];
    if (pid !== undefined) this.sink.mode(Number(pid), Number(bits), at);
  }

  /** A line that does not read as one. */
  private slowly(text: string, column: number, at: number): void {
    const bare = plain(text);
    if (this.summary(bare)) return this.sink.notice(at);
    const notice = NOTICE.exec(bare);
    if (notice !== null) {
      if (notice.index === 0 || /^\s*(?:\[pid\s+\d+\])?\s*$/.test(bare.slice(0, notice.index))) {
        this.tell(notice[0], at);
        return this.sink.notice(at);
      }
      return this.breakAt(bare, notice, at);
    }
    const forms = [bare, ...peelings(bare)];
    if (this.broken !== null && this.join(forms, at)) return;
    for (const form of forms) {
      const line = readLine(form);
      if (line.kind !== 'unread' && (line.kind !== 'other' || form.trim() !== '' || forms.length > 1)) return this.accept(line, form, at, form !== bare);
    }
    this.giveUp(false);
    if (forms.some((form) => OTHER_NOTICE.test(form))) return this.sink.notice(at);
    if (MEMORY_CALL.test(bare) || forms.some((form) => BEGINS_OR_ENDS.test(form))) return this.sink.unreadable(text, column, at);
    this.sink.text(text, at);
  }

  /** The table of -c and -C. */
  private summary(text: string): boolean {
    if (SUMMARY_HEAD.test(text)) {
      this.inSummary = true;
      return true;
    }
    if (!this.inSummary) return false;
    if (SUMMARY_END.test(text)) this.inSummary = false;
    else if (!/^[-\s]*$|^\s*\d+(?:\.\d+)?\s+\d/.test(text)) {
      this.inSummary = false;
      return false;
    }
    return true;
  }

  /** Puts a line behind the one that breaks off, if together they are one. */
  private join(forms: readonly string[], at: number): boolean {
    const { broken } = this;
    if (broken === null || broken.pieces >= MOST_PIECES) return false;
    // With a call of its own it is no second half.
    if (/\b[a-z_]\w*\(/.test(forms[0] ?? '')) return false;
    const head = broken.text.replace(/\s*\\$/, ' ');
    for (const form of broken.peeled ? [...forms.slice(1), ...forms.slice(0, 1)] : forms) {
      for (const whole of [head + form, `${head} ${form}`]) {
        const line = readLine(whole);
        if (line.kind === 'unread' || (line.kind === 'call' && isOurs(line.name) && !/\)\s*=/.test(whole) && form.trim() === '')) continue;
        this.broken = null;
        this.sink.notice(at);
        if (line.kind === 'call' && isOurs(line.name) && !/\)\s*=/.test(whole)) this.broken = { ...broken, text: whole, pieces: broken.pieces + 1 };
        else this.accept(line, whole, broken.at);
        return true;
      }
    }
    return false;
  }

  /** What breaks off stays broken. */
  private giveUp(last: boolean): void {
    const { broken } = this;
    if (broken === null) return;
    this.broken = null;
    const line = readLine(broken.text);
    if (line.kind === 'call' && isOurs(line.name)) this.sink.cut(line, broken.text, broken.at, last);
    else if (line.kind === 'call') this.sink.line(line, broken.text, broken.at);
    else this.sink.notice(broken.at);
  }
}

const LETTER_D = 100;
const BRACKET = 93;
const PARENTHESIS = 41;
const BACKSLASH = 92;

/** Whether what the call says is needed: a memory call, or one that makes a process. */
function isOurs(name: string): boolean {
  const { role } = roleOf(name);
  return role === 'memory' || role === 'segment' || role === 'slip';
}

/** `1 mmap(...)`, `2 mmap(...)`, ...: numbers that count the lines are no pids. */
function isNumbered(lines: readonly string[]): boolean {
  const numbers = lines.slice(0, 64).flatMap((line) => {
    const [, digits] = /^\s*(\d+)[ \t]/.exec(line) ?? [];
    return digits === undefined ? [] : [Number(digits)];
  });
  return numbers.length >= 3 && numbers.every((n, i) => i === 0 || n === (numbers[i - 1] ?? 0) + 1);
}
