/** Where Jupyter looks for kernels, by its own rules (jupyter_core.paths) and without Python. */
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What the rules depend on, so that they can be tested. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

const here = (): Surroundings => ({ env: process.env, platform: process.platform, home: homedir() });

const set = (value: string | undefined): value is string => value !== undefined && value !== '';

/** The data directory of this user: `~/.local/share/jupyter` on Linux. */
export function userDataDir({ env, platform, home }: Surroundings = here()): string {
  const { JUPYTER_DATA_DIR: own, XDG_DATA_HOME: xdg, APPDATA: roaming } = env;
  if (set(own)) return own;
  if (platform === 'darwin') return join(home, 'Library', 'Jupyter');
  if (platform === 'win32') return join(set(roaming) ? roaming : home, 'jupyter');
  return join(set(xdg) ? xdg : join(home, '.local', 'share'), 'jupyter');
}

/** The data directory under an installation prefix: `/usr/local/share/jupyter`. */
export const prefixDataDir = (prefix: string): string => join(prefix, 'share', 'jupyter');
