/** What the language offers to those who run it: the command line, the Jupyter kernel, an editor. */
import type { OpRecord, RaceLimits, Span, View } from '../machine/index.js';

/** An error stops a run, or fails it; a warning does neither. */
export type Severity = 'error' | 'warning';

/** One thing to tell the user, with its place. */
export interface Diagnostic {
  /** Literal and stable: `unknown-name`, `unknown-flag`, `expect-failed`. */
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  /** What to do about it, where the language can tell. */
  readonly hint?: string;
  readonly span: Span;
  /** 1-based; columns count UTF-16 units. */
  readonly line: number;
  readonly column: number;
  /** The line itself, for a log, whose text is not kept. */
  readonly excerpt?: string;
  readonly phase: 'syntax' | 'check' | 'run';
  /** For a failed claim or expectation: each operand with its value, and the call that produced it. */
  readonly values?: readonly { readonly text: string; readonly value: string; readonly from?: string }[];
}

/** A value as a person sees it. */
export interface Shown {
  /** Exactly what is displayed: `42`. */
  readonly text: string;
  /** The record behind it, when the value is the result of a call. */
  readonly record?: OpRecord;
  /** The table as a view, when the value is one and a front end can lay it out. */
  readonly view?: View;
}

/** The verdict on one judgement of an explored race. */
export interface RaceVerdict {
  readonly race: string;
  readonly quantifier: 'always' | 'never' | 'sometimes';
  /** As it is written. */
  readonly condition: string;
  readonly holds: boolean;
  /** Not everything was explored, and what was does not tell: neither that it holds nor that it fails. */
  readonly undecided: boolean;
  /** In how many of the final states the condition is true. */
  readonly count: number;
  readonly of: number;
  readonly schedules: number;
  /** Why not everything was explored: `the limit of 250000 states`; absent where it was. */
  readonly bound?: string;
  /** The schedule that shows it, where there is one. */
  readonly schedule?: string;
}

/** A claim or an expectation of the text, and what became of it. */
export interface Judgement {
  /** `claim`: a call with its result; `race`: what an exploration is judged by. */
  readonly kind: 'claim' | 'expect' | 'maps' | 'layout' | 'race';
  readonly span: Span;
  /** 1-based. */
  readonly line: number;
  /** The line as it is written. */
  readonly text: string;
  /** `failed` if it failed at least once, `undecided` if that was the worst of it: a race that was not explored to its end. */
  readonly verdict: 'held' | 'failed' | 'undecided' | 'not reached';
  /** How often it came out so: in a loop or a function it can be reached many times. */
  readonly held: number;
  readonly failed: number;
  readonly undecided: number;
}

/** What a run says while it runs, in order. */
export type Output =
  /** What `print` prints, its line end included. */
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'view'; readonly view: View }
  /** A call that the kernel refused, with the sentence that explains it for these arguments. */
  | { readonly type: 'refused'; readonly record: OpRecord; readonly text: string }
  /** How far a sweep has come, said after every point; the front end decides how often to show it. */
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  /** How far the exploration of a race has come. */
  | { readonly type: 'exploring'; readonly race: string; readonly schedules: number; readonly states: number; readonly finals: number }
  /** Said when it is found; `RunResult.diagnostics` lists the same objects again. */
  | { readonly type: 'diagnostic'; readonly diagnostic: Diagnostic };

/** What running a text came to. */
export interface RunResult {
  /** No errors: everything parsed, checked, ran, and every claim and expectation held. */
  readonly ok: boolean;
  /** How far it came. `rejected`: parsing or checking failed and nothing ran (exit status 2). */
  readonly outcome: 'ok' | 'failed' | 'rejected' | 'interrupted';
  /** Statements carried out. */
  readonly statements: number;
  readonly expectations: { readonly held: number; readonly failed: number; readonly undecided?: number };
  /** Every claim and expectation, in the order of the text; empty where nothing ran. */
  readonly judgements: readonly Judgement[];
  readonly diagnostics: readonly Diagnostic[];
  /** The value of the last statement, if it is an expression. */
  readonly value?: Shown;
  /** Every operation this run carried out, in order, but for those of a sweep's points and of compared models. */
  readonly records: readonly OpRecord[];
  /** One for each judgement of a race, in order. */
  readonly races: readonly RaceVerdict[];
}

/** How to run a text. */
export interface RunOptions {
  /** `file`: a whole script. `cell`: names may be bound again, the last expression is the result. */
  readonly mode: 'file' | 'cell';
  /** Told everything while it happens, in order. */
  readonly onOutput?: (output: Output) => void;
  readonly signal?: AbortSignal;
  /** How far races are explored where they do not say it themselves. */
  readonly races?: Partial<RaceLimits>;
}

/** One word that may stand at the cursor. */
export interface Completion {
  readonly text: string;
  readonly kind: 'keyword' | 'function' | 'constant' | 'variable' | 'unit' | 'field' | 'release' | 'behaviour';
  /** One line of help. */
  readonly detail?: string;
}

/** Words that may stand at the cursor, and what they would replace. */
export interface CompletionList {
  /** UTF-16 range of the text that a completion replaces. */
  readonly start: number;
  readonly end: number;
  readonly items: readonly Completion[];
}

/** Whether a text can run as it is, as an editor asks that is about to begin a new line. */
export type Completeness = { readonly status: 'complete' } | { readonly status: 'invalid' } | { readonly status: 'incomplete'; readonly indent: string };

/** What is known about a word. */
export interface Hover {
  /** UTF-16 range of the word. */
  readonly start: number;
  readonly end: number;
  /** Its value, or a short page of help; plain text. */
  readonly text: string;
}

/** The call that is being written. */
export interface SignatureHelp {
  /** `munmap(addr, length)` */
  readonly label: string;
  readonly summary: string;
  readonly parameters: readonly string[];
  /** Which of them is being written; past the end when there are too many arguments. */
  readonly active: number;
}

/** A part of a text's outline. */
export interface DocumentSymbol {
  readonly name: string;
  readonly kind: 'kernel' | 'machine' | 'name' | 'function' | 'block';
  readonly span: Span;
  readonly children: readonly DocumentSymbol[];
}

/** What a session has set up, for others to begin with. */
export interface SessionMachines {
  /** In the same state; undefined where there can be none. */
  readonly copy: () => import('../machine/index.js').Machine | undefined;
  /** Of a process that has done nothing yet, on the same release. */
  readonly fresh: () => import('../machine/index.js').Machine;
}

/** A running scenario: one machine, the names bound so far. It outlives a cell. */
export interface Session {
  /**
   * Parses, checks and runs a text; nothing of it runs if it does not parse or check. Mistakes, failed claims and refused
   * calls are in the result: it rejects only for a bug of this project.
   */
  run(text: string, options: RunOptions): Promise<RunResult>;
  /** Parses and checks only; no machine is asked. */
  check(text: string, options: Pick<RunOptions, 'mode'>): readonly Diagnostic[];
  /**
   * What may stand at the cursor.
   * @param cursor UTF-16 offset, here and below
   */
  complete(text: string, cursor: number): CompletionList;
  /** About the word at the cursor: the value of a name, or help. */
  hover(text: string, cursor: number): Hover | undefined;
  /** About the call whose brackets the cursor stands in. */
  signature(text: string, cursor: number): SignatureHelp | undefined;
  /** The outline of a text. */
  symbols(text: string): readonly DocumentSymbol[];
  /** Whether a text can run as it is, or goes on. */
  isComplete(text: string): Completeness;
  /** The canonical name of the model in use: `6.12 with realign=none`. */
  readonly model: string;
  /** Every operation since the process started, in order. For scripts (`lab` in a `%%ts` cell). */
  readonly records: readonly OpRecord[];
  /** The address space as it is now. */
  space(): import('../machine/index.js').AddressSpace;
  /** Machines to go on with elsewhere: one in the state that the process is in, and one of a fresh process. */
  toGoOnWith(): SessionMachines;
  /** The value bound to a name, as shown; undefined when unbound. */
  lookup(name: string): Shown | undefined;
  /** Drops every binding and starts a fresh process. */
  reset(): void;
}
