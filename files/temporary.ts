/** A directory of one's own among the temporary files. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '../machine/index.js';
import { reason } from './reason.js';

/** @param longest bytes of the path it may lie in, where sockets are to lie in it @throws SetupError */
export function temporaryDirectory(longest = Infinity): string {
  const place = tmpdir().length > longest ? '/tmp' : tmpdir();
  try {
    // Its mode is 0700: what lies in it is out of reach for other users.
    return mkdtempSync(join(place, 'mremap-lab-'));
  } catch (error) {
    throw new SetupError(`no temporary directory can be made in ${place}: ${reason(error)}`, 'set TMPDIR to a directory that you may write to');
  }
}
