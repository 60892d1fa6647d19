/** From a printed call to what it asks of a machine. */
import { distance } from 'fastest-levenshtein';
import { CALLS, MAP, type Bytes, type Call, type MmapCall, type Op, type Param, type ParamKind } from '../../machine/index.js';
import { fits } from '../vocabulary/calls.js';
import { isFlagKind } from '../vocabulary/flags.js';
import { printedNumber, splitArguments, withoutComment, type Arguments } from './arguments.js';
import type { LogArguments, LogCode } from './messages.js';
import { printedFlags } from './printed-constants.js';

const SEGMENTS = ['shmget', 'shmat', 'shmdt'] as const;
const PROCESSES = ['clone', 'clone3', 'fork', 'vfork', 'execve', 'execveat', 'exit', 'exit_group', 'setrlimit', 'prlimit64', 'prctl'] as const;
/** Calls that change an address space and that the model lacks. */
const LACKING: readonly string[] = ['remap_file_pages', 'io_setup', 'io_destroy', 'map_shadow_stack', 'mbind', 'set_mempolicy_home_node', 'process_madvise', 'uselib'];

export type SegmentName = (typeof SEGMENTS)[number];
export type ProcessName = (typeof PROCESSES)[number];

/** What a call of that name is to a run. */
export type Role =
  | { readonly role: 'memory'; readonly call: Call; readonly name: string }
  | { readonly role: 'segment'; readonly name: SegmentName }
  | { readonly role: 'process'; readonly name: ProcessName }
  | { readonly role: 'lacking' }
  | { readonly role: 'skipped' }
  /** Nearly spelt like a memory call. */
  | { readonly role: 'slip'; readonly like: string };

const SKIPPED: Role = { role: 'skipped' };

const roles = new Map<string, Role>();
for (const call of CALLS) for (const name of call.logged ?? []) roles.set(name, { role: 'memory', call, name });
const MEMORY: readonly string[] = [...roles.keys()];
for (const name of SEGMENTS) roles.set(name, { role: 'segment', name });
for (const name of PROCESSES) roles.set(name, { role: 'process', name });
for (const name of LACKING) roles.set(name, { role: 'lacking' });
// Calls of other kinds whose names are as close.
for (const name of ['flock', 'mmap3']) roles.set(name, SKIPPED);

const MOST_KEPT = 4096;

export function roleOf(name: string): Role {
  const known = roles.get(name);
  if (known !== undefined) return known;
  const like = MEMORY.find((own) => distance(name, own) <= (own.length < 4 ? 1 : 2) && name.length > 2);
  const role: Role = like === undefined ? SKIPPED : { role: 'slip', like };
  if (roles.size < MOST_KEPT) roles.set(name, role);
  return role;
}

/** Why a line cannot be read: a message, and the place it is about. */
export interface Unread<C extends LogCode = LogCode> {
  readonly code: C;
  readonly args: LogArguments<C>;
  readonly start: number;
  readonly length: number;
}

export const unread = <C extends LogCode>(code: C, start: number, length: number, ...args: LogArguments<C>): Unread<C> => ({ code, args, start, length });

/** The file behind a mapping, as far as the log tells. */
export interface MappedFile {
  /** What tells it from others: its path, or the descriptor and the length it was first mapped with. */
  readonly key: string;
  /** How long it must be at least. */
  readonly size: Bytes;
}

export interface MemoryCall {
  readonly op: Op;
  readonly file?: MappedFile;
  /** The place behind the closing bracket, where the result stands. */
  readonly end: number;
}

const isUnread = (x: object): x is Unread => 'code' in x;
export { isUnread };

export function readMemoryCall({ call, name }: Extract<Role, { role: 'memory' }>, text: string, open: number): MemoryCall | Unread {
  const args = splitArguments(text, open);
  if (args === undefined) return unread('log-brackets', open, text.length - open, name);
  const { params } = call;
  const least = params.filter((p) => p.optional !== true).length;
  const extra = name === 'pkey_mprotect' ? 1 : 0;
  if (args.texts.length < least || args.texts.length > params.length + extra) return unread('log-arguments', open, args.end - open - 1, name, args.texts.length);
  const values: (bigint | undefined)[] = [];
  for (let i = 0; i < Math.min(params.length, args.texts.length); i++) {
    const param = params[i] as Param;
    const image = args.texts[i] ?? '';
    const value = printedValue(image, param.kind);
    if (value === undefined || !fits(param.kind, value)) return unread('log-argument', args.starts[i] ?? open, image.length, image, param.name, name);
    values.push(value);
  }
  const op = call.op(values);
  const file = op.name === 'mmap' ? mappedFile(op, args) : undefined;
  return file === undefined ? { op, end: args.end } : { op, file, end: args.end };
}

function printedValue(image: string, kind: ParamKind): bigint | undefined {
  const text = withoutComment(image);
  if (kind === 'flags' || isFlagKind(kind)) return printedFlags(text);
  if (kind !== 'fd') return printedNumber(text);
  const path = text.indexOf('<');
  return printedNumber(path < 0 ? text : text.slice(0, path));
}

const PAGE = 4096n;

function mappedFile(op: MmapCall, args: Arguments): MappedFile | undefined {
  if (op.flags & MAP.MAP_ANONYMOUS || op.fd < 0) return undefined;
  const image = args.texts[4] ?? '';
  const path = image.indexOf('<');
  const key = path < 0 ? `fd ${op.fd}` : image.slice(path + 1, image.lastIndexOf('>'));
  return { key, size: ((op.offset + op.length + PAGE - 1n) / PAGE) * PAGE };
}

/** Whether a mapping begins a file anew: with descriptors alone, another file may be behind the same one. */
export const beginsFile = (op: MmapCall): boolean => op.offset === 0n && (op.flags & MAP.MAP_FIXED) === 0;
