/** A name for a session, and the socket of that name: never one that somebody listens at. */
import { existsSync, rmSync } from 'node:fs';
import { makeSessionDir, socketPath } from './directory.js';
import { withLock } from './lock.js';
import { checkName, numbered } from './name.js';
import { isAlive } from './probe.js';

export interface Claimed {
  readonly name: string;
  readonly path: string;
}

/**
 * @param wanted the name, with a number behind it if it is taken
 * @param bind has to listen at the path when it is done
 * @throws SetupError
 */
export async function claim(wanted: string, bind: (claimed: Claimed) => Promise<void>): Promise<Claimed> {
  checkName(wanted);
  const dir = makeSessionDir();
  return withLock(dir, async () => {
    for (const name of numbered(wanted)) {
      const claimed = { name, path: socketPath(dir, name) };
      if (existsSync(claimed.path)) {
        if (await isAlive(claimed.path)) continue;
        rmSync(claimed.path, { force: true });
      }
      await bind(claimed);
      return claimed;
    }
    throw new RangeError('numbers ended');
  });
}
