/**
 * Names are given out one process at a time: between finding a socket dead, removing it and binding
 * a new one, nobody else may do the same.
 */
import { closeSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messages } from './messages.js';
import { isRunning } from './probe.js';

const POLL_MS = 10;
const GIVE_UP_MS = 5000;

export async function withLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  const file = join(dir, '.lock');
  for (let waited = 0; !taken(file); waited += POLL_MS) {
    if (waited > GIVE_UP_MS) throw messages.lockHeld(file);
    await sleep(POLL_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function taken(file: string): boolean {
  try {
    const fd = openSync(file, 'wx', 0o600);
    writeSync(fd, String(process.pid));
    closeSync(fd);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw messages.cannotMake(file, (error as Error).message);
    if (abandoned(file)) rmSync(file, { force: true });
    return false;
  }
}

/** Whether the process that holds it has died. A lock is held for milliseconds: one that is older and still empty was never filled in. */
function abandoned(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 ? !isRunning(pid) : Date.now() - statSync(file).mtimeMs > GIVE_UP_MS / 2;
  } catch {
    return false;
  }
}
