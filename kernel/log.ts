/** Debug output behind MREMAP_LAB_LOG (`kernel`, `kernel.wire,sim`), to the process's own stderr; nothing otherwise. */
import { writeSync } from 'node:fs';

const subjects = (process.env['MREMAP_LAB_LOG'] ?? '').split(',').filter((s) => s !== '');

const wanted = (subject: string): boolean => subjects.some((s) => s === '*' || subject === s || subject.startsWith(`${s}.`));

export function log(subject: string, text: () => string): void {
  // Not through process.stderr, which inside a cell goes to the cell's output.
  if (subjects.length > 0 && wanted(subject)) writeSync(2, `${subject}: ${text()}\n`);
}
