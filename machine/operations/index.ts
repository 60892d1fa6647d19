/** Every operation by its name, and what is asked of one whatever it is. */
import { ERRNO } from '../constants.js';
import { InvariantViolation } from '../errors.js';
import { hex } from '../format.js';
import type { Bytes } from '../number.js';
import type { Op, SettingOp, SwitchOp } from '../op.js';
import type { OpRecord } from '../record.js';
import { ACCESSES } from './accesses.js';
import type { ByteRange, Call } from './descriptor.js';
import { EVENTS } from './events.js';
import { SYSCALLS } from './syscalls.js';

export type { ByteRange, Call, Role, Signature } from './descriptor.js';
export type { FlagKind, Param, ParamKind } from './parameter.js';

/** All that can be asked for by a call, in the order in which help lists it. */
export const CALLS: readonly Call[] = [...SYSCALLS, ...EVENTS, ...ACCESSES];

/** The names of the operations that a thread of a race may do. */
export const RACE_CALLS: ReadonlySet<string> = new Set(CALLS.filter((c) => c.inRaces === true).map((c) => c.name));

const byName: ReadonlyMap<string, Call> = new Map(CALLS.map((c) => [c.name, c]));

/** What describes an operation; undefined for those that no call makes (settings, the turn to another process). */
export const callOf = (op: Op): Call | undefined => byName.get(op.name);

/** The operation as strace would print it, without its result. */
export function opText(op: Op): string {
  switch (op.name) {
    case 'switch':
    case 'fail':
    case 'thp':
    case 'capability':
    case 'sysctl':
      return settingText(op);
    default: {
      const call = callOf(op);
      if (call === undefined) throw new InvariantViolation(`no descriptor of ${op.name}`);
      return call.print(op);
    }
  }
}

function settingText(op: SettingOp | SwitchOp): string {
  switch (op.name) {
    case 'switch':
      return `to the ${op.to}`;
    case 'fail':
      return op.after === null ? `no failure of ${op.what}` : `fail ${op.what} after ${op.after}`;
    case 'thp':
      return `transparent_hugepage=${op.enabled}`;
    case 'capability':
      return `${op.held ? 'gain' : 'drop'} ${op.capability}`;
    case 'sysctl':
      return `sysctl ${op.key}=${op.value}`;
  }
}

/** Whether what a call returns is an address. */
export const givesAddress = (op: Op): boolean => callOf(op)?.answers === 'address';

/** Whether the result is a file descriptor, which a log may number otherwise. */
export const givesFd = (op: Op): boolean => callOf(op)?.answers === 'fd';

/** Whether the kernel chooses the address, so that a claim can say which. */
export const choosesAddress = (op: Op): op is Extract<Op, { name: 'mmap' | 'mremap' }> => callOf(op)?.choosesAddress?.(op) === true;

/** The bytes that an operation speaks of, as it finds them. */
export const rangeOfOp = (op: Op): ByteRange | undefined => callOf(op)?.range?.(op);

/** Where what a call answered with lies. */
export const resultRange = (op: Op, value: Bytes): ByteRange | undefined => callOf(op)?.result?.(op, value);

/** The result as strace would print it: `0x7f00000`, `0`, `-1 EFAULT (Bad address)`. */
export function resultText({ result, op }: OpRecord): string {
  switch (result.kind) {
    case 'value':
      return givesAddress(op) ? hex(result.value) : result.value.toString();
    case 'errno':
      return `-1 ${result.errno} (${ERRNO[result.errno][1]})`;
    case 'signal':
      return `${result.signal} at ${hex(result.at)}`;
  }
}
