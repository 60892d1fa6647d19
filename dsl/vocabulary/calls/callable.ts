/** What a call is: its name, its parameters, what it asks the machine for; and the parts that calls are written with. */
import type { Op } from '../../../machine/index.js';
import type { FlagKind } from '../constants.js';
import type { Kind } from '../values.js';

export type ParamKind = FlagKind | 'flags' | 'address' | 'length' | 'fd' | 'offset' | 'byte' | 'range' | 'text' | 'rlimit' | 'number' | 'switch' | 'word';

export interface Param {
  readonly name: string;
  readonly kind: ParamKind;
  readonly optional?: boolean;
}

export interface Signature {
  readonly name: string;
  readonly params: readonly Param[];
  /** What kind of value it gives. */
  readonly gives: Kind;
  /** One line of help. */
  readonly summary: string;
}

/**
 * A call that the machine carries out: a system call that strace prints, a load or store of user
 * code, or what else can happen to a process.
 */
export interface Operation extends Signature {
  readonly role: 'syscall' | 'access' | 'event';
  /** The operation; arguments left out are `undefined`. Strings come apart, by the name of their parameter. */
  readonly op: (args: readonly (bigint | undefined)[], texts?: Readonly<Record<string, string>>) => Op;
  /** The parameter that these flags make necessary although it may be left out otherwise. */
  readonly needs?: (flags: bigint) => string | undefined;
}

/** A question about the address space; `queries.ts` answers it. */
export interface Query extends Signature {
  readonly role: 'query';
}

export type Callable = Operation | Query;

export const address = (name: string): Param => ({ name, kind: 'address' });
export const length = (name: string): Param => ({ name, kind: 'length' });
export const optional = (param: Param): Param => ({ ...param, optional: true });

export const toFd = (fd: bigint): number => Number(BigInt.asIntN(32, fd));
export const bits = (x: bigint): number => Number(BigInt.asUintN(32, x));
export const toByte = (x: bigint): number => Number(BigInt.asUintN(8, x));
