/**
 * What an operation is, said once: the language, the reader of logs and of recordings, races, charts and help all
 * derive from these. A new system call is a type in `op.ts`, a descriptor here, and a function of the model.
 */
import type { Bytes } from '../number.js';
import type { Op } from '../op.js';
import { argumentText, valueOf, type Param } from './parameter.js';

/** Bytes [addr, addr + length). */
export interface ByteRange {
  readonly addr: Bytes;
  readonly length: Bytes;
}

/** What kind of operation it is: a system call, a load or store of user code, or something that happens to the process. */
export type Role = 'syscall' | 'access' | 'event';

/** What can be called: its name, what it takes and what it gives. The same for operations and for other functions. */
export interface Signature {
  readonly name: string;
  readonly params: readonly Param[];
  /** What it gives: the record of what it did, or a number. */
  readonly gives: 'result' | 'integer';
  /** One line of help. */
  readonly summary: string;
}

/** How an operation is asked for: by a system call that strace prints, by a load or store of user code, or as an event. */
export interface Call<O extends Op = Op> extends Signature {
  readonly role: Role;
  /** The operation; arguments left out are `undefined`. Strings come apart, by the name of their parameter. */
  readonly op: (args: readonly (bigint | undefined)[], texts?: Readonly<Record<string, string>>) => O;
  /** The parameter that these flags make necessary although it may be left out otherwise. */
  readonly needs?: (flags: bigint) => string | undefined;
  /** The names under which strace prints it, if a log of an address space has it. */
  readonly logged?: readonly string[];
  /** The operation as strace prints it, without its result. */
  print(op: O): string;
  /** The range that its arguments name, before the call; absent if it names none. */
  range?(op: O): ByteRange | undefined;
  /** The range that it takes by address, whether something is mapped there or not. */
  replaces?(op: O): ByteRange | undefined;
  /** The range of its result, which is mapped afterwards. */
  result?(op: O, value: Bytes): ByteRange;
  /** If it succeeded, its range was mapped before. */
  readonly impliesMapped?: boolean;
  /** Its range is free afterwards, except for its result. */
  readonly frees?: boolean;
  /** The range that can be touched only since this call. */
  opens?(op: O, value: Bytes): ByteRange;
  /** What kind of value it returns; a number if absent. */
  readonly answers?: 'address' | 'fd';
  /** Whether the kernel chooses the address of the result, so that a claim can say which it was. */
  choosesAddress?(op: O): boolean;
  /** Its addresses keep their tags (arm64): they say where memory is to go, or the request takes them as they are. */
  readonly keepsTags?: boolean;
  /** What it did, in one sentence, if it succeeded. */
  outcome?(op: O, value: Bytes): string;
  /** A thread of a race may do it. */
  readonly inRaces?: boolean;
}

type Written<O extends Op> = Omit<Call<O>, 'op' | 'print' | 'gives'> & Partial<Pick<Call<O>, 'op' | 'print' | 'gives'>>;

/** A descriptor, with what follows from its parameters: how the operation is made of arguments, and how it is printed. */
export function describe<O extends Op>(opName: O['name'], written: Written<O>): Call<O> {
  const { name, params } = written;
  const fieldOf = (p: Param): string => p.field ?? p.name;
  return {
    gives: 'result',
    op: (args) => {
      const op: Record<string, unknown> = { name: opName };
      params.forEach((p, i) => (op[fieldOf(p)] = valueOf(p, args[i] ?? p.absent ?? 0n)));
      return op as unknown as O;
    },
    print: (op) => `${name}(${params.map((p) => argumentText(p, (op as unknown as Record<string, unknown>)[fieldOf(p)])).join(', ')})`,
    ...written,
  };
}

export const address = (name: string, field = name): Param => ({ name, kind: 'address', field });
export const length = (name: string, field = name): Param => ({ name, kind: 'length', field });
export const optional = (param: Param): Param => ({ ...param, optional: true });

/** The range of a call that names it by `addr` and `length`. */
export const ownRange = (op: ByteRange): ByteRange => ({ addr: op.addr, length: op.length });
