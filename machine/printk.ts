/**
 * The line that a printk at the top of move_page_tables() printed, in the words of the one Joel
 * Fernandes added while the second posting of the realign patch was reviewed: all its arguments, in
 * hexadecimal without 0x (linux-mm, 19 May 2023, CAEXW_YT1qr9F1QaABthUx6qxWPYYom-oW7XMVExzrHLWdhUGKg@mail.gmail.com).
 */
import type { Bytes } from './number.js';
import type { MoveCall, Range } from './record.js';

const range = ({ start, end }: Range): string => `(${start.toString(16)},${end.toString(16)})`;

/** `move_page_tables(vma=(7f1f98400000,7f1f98e00000), old_addr=..., new_vma=..., new_addr=..., len=...)` */
export const printkLine = (c: MoveCall): string =>
  `move_page_tables(vma=${range(c.vma)}, old_addr=${c.old_addr.toString(16)}, new_vma=${range(c.new_vma)}, new_addr=${c.new_addr.toString(16)}, len=${c.len.toString(16)})`;

/** The line as people paste it: maybe with dmesg's time before it, wrapped and quoted as mail programs do. */
export const PRINTK =
  /(?:>[> ]{0,40})?(?:\[[ \t]{0,20}\d{1,20}\.\d{1,20}\][ \t]{0,20})?move_page_tables\(vma=\(([0-9a-f]+),([0-9a-f]+)\),[\s>]*old_addr=([0-9a-f]+),[\s>]*new_vma=\(([0-9a-f]+),([0-9a-f]+)\),[\s>]*new_addr=([0-9a-f]+),[\s>]*len=([0-9a-f]+)\)/;

/** The arguments in a line that `PRINTK` matches; undefined where there are none. */
export function parsePrintk(text: string): MoveCall | undefined {
  const [, ...fields] = PRINTK.exec(text) ?? [];
  const at = (i: number): Bytes => BigInt(`0x${fields[i] ?? '0'}`);
  if (fields.length === 0) return undefined;
  return { vma: { start: at(0), end: at(1) }, old_addr: at(2), new_vma: { start: at(3), end: at(4) }, new_addr: at(5), len: at(6) };
}
