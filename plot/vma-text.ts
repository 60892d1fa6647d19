/** A mapping in the words of /proc/PID/maps, with what maps does not say. */
import { count, hex, toBytes, type AddressSpace, type Geometry, type Vma } from '../machine/index.js';

/** Present pages of a mapping. */
export function presentPages(space: AddressSpace, from: number, to: number): number {
  let present = 0;
  for (const run of space.pages(from, to)) present += run.count;
  return present;
}

const digits = (x: bigint): string => x.toString(16).padStart(8, '0');

export const rangeText = (g: Geometry, start: number, end: number): string => `${digits(toBytes(g, start))}-${digits(toBytes(g, end))}`;

/** Anonymous memory has no file offset: maps prints 0. */
export function offsetText(g: Geometry, vma: Vma): string {
  return digits(vma.kind === 'anon' ? 0n : toBytes(g, vma.pgoff));
}

/** True for private anonymous memory that was moved after its first write. */
export const isDisplaced = (vma: Vma): boolean => vma.kind === 'anon' && vma.pgoff !== vma.start;

export function faultedText(space: AddressSpace, vma: Vma): string {
  const present = presentPages(space, vma.start, vma.end);
  const all = vma.end - vma.start;
  if (present === 0) return 'nothing faulted in';
  return present === all ? `all ${count(all)} faulted in` : `${count(present)} of ${count(all)} faulted in`;
}

/** The page offset, where it differs from the page number of the address; memory that stayed in place has the same. */
export const pgoffText = (vma: Vma): string => (isDisplaced(vma) ? `pgoff ${hex(BigInt(vma.pgoff))}` : '');
