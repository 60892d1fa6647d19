/** The kernel: what it answers to which request. */
import { sessionPlace } from './attach/place.js';
import { Sharing } from './attach/sharing.js';
import { Cells } from './cells/cells.js';
import type { KernelDeps } from './deps.js';
import { Execution } from './execute.js';
import { kernelInfo } from './language/info.js';
import { log } from './log.js';
import type { Connection } from './protocol/connection.js';
import { Server, type Handler } from './protocol/server.js';
import { shellHandlers } from './shell.js';

/** Long enough for the greeting itself to be over. */
const PREPARE_AFTER_MS = 20;
/** Nobody joins a kernel in its first moment, and its user's first cell comes first. */
const SHARE_AFTER_MS = 500;

export interface Kernel {
  listen(): Promise<void>;
  interrupt(): void;
  close(): Promise<void>;
}

export function createKernel(connection: Connection, deps: KernelDeps, shutdown: () => void): Kernel {
  const cells = new Cells(deps);
  const execution = new Execution(cells);
  const sharing = new Sharing({ ...shellHandlers(cells, execution), kernel_info_request: kernelInfo }, execution, sessionPlace('notebook'));
  cells.extraMagics = sharing.magics;

  let greeted = false;
  const everywhere: Record<string, Handler> = {
    kernel_info_request: () => {
      // Every front end begins with this; what its first cell needs is loaded while its user reads.
      if (!greeted) {
        setTimeout(() => cells.prepare(), PREPARE_AFTER_MS);
        setTimeout(() => void sharing.open().catch((e: unknown) => log('kernel', () => `no session: ${String(e)}`)), SHARE_AFTER_MS);
      }
      greeted = true;
      return kernelInfo();
    },
    shutdown_request: ({ message, publish }) => {
      // What runs in a session elsewhere is none of this kernel's.
      execution.interrupt();
      const reply = { status: 'ok', restart: message.content['restart'] === true };
      // Other front ends of the same kernel learn of it here.
      publish('shutdown_reply', reply);
      return reply;
    },
  };
  const shell: Record<string, Handler> = {
    ...sharing.handlers,
    ...everywhere,
  };
  const control: Record<string, Handler> = {
    ...everywhere,
    interrupt_request: () => {
      sharing.interrupt();
      return { status: 'ok' };
    },
  };

  const server = new Server(connection, { shell, control, aborted: () => execution.aborted(), shutdown });
  return {
    listen: () => server.listen(),
    interrupt: () => sharing.interrupt(),
    close: async () => {
      await Promise.all([sharing.close(), server.close()]);
    },
  };
}
