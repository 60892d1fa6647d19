/** Addresses and sizes in the words of the field: hex, K/M/G/T. */
import { flagNames } from './constants.js';
import type { Bytes } from './number.js';
import type { StepValue } from './record.js';

/** `0x7f00000` */
export const hex = (x: Bytes): string => `0x${x.toString(16)}`;

const SUFFIXES = ['', 'K', 'M', 'G', 'T', 'P', 'E'] as const;

/** The shortest exact binary size: `2M`, `2052K`, `513`. */
export function size(bytes: Bytes): string {
  let value = bytes;
  let i = 0;
  while (i < SUFFIXES.length - 1 && value !== 0n && value % 1024n === 0n) {
    value /= 1024n;
    i++;
  }
  return `${value}${SUFFIXES[i]}`;
}

/** A count with thousands separated: `524,288`. */
export function count(n: number | bigint): string {
  const [whole = '', ...fraction] = n.toString().split('.');
  const digits = whole.replace('-', '');
  const groups: string[] = [];
  for (let end = digits.length; end > 0; end -= 3) groups.unshift(digits.slice(Math.max(0, end - 3), end));
  return [`${whole.startsWith('-') ? '-' : ''}${groups.join(',')}`, ...fraction].join('.');
}

/**
 * `MREMAP_MAYMOVE|MREMAP_FIXED`; bits without a name come last, in hex.
 * @param table a name for each bit or group of bits
 * @param zero what stands for no bit at all
 */
export function flags(table: Readonly<Record<string, number>>, value: number, zero: string): string {
  const { names, rest } = flagNames(table, value);
  if (rest !== 0) names.push(hex(BigInt(rest >>> 0)));
  return names.length === 0 ? zero : names.join('|');
}

/** The one name whose value this is. */
export const nameOf = (table: Readonly<Record<string, number>>, value: number): string => Object.keys(table).find((name) => table[name] === value) ?? `0x${value.toString(16)}`;

/** A value beside a step as text: addresses in hex, sizes as `2M`, counts as `524,288`. */
export function stepValueText(v: StepValue): string {
  switch (v.as) {
    case 'address':
      return typeof v.value === 'bigint' ? hex(v.value) : String(v.value);
    case 'size':
      return typeof v.value === 'bigint' ? size(v.value) : String(v.value);
    case 'count':
      return typeof v.value === 'string' ? v.value : count(v.value);
    case 'flags':
    case 'text':
      return String(v.value);
  }
}
