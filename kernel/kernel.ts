/** The kernel: what it answers to which request. */
import { sessionPlace } from './attach/place.js';
import { Sharing } from './attach/sharing.js';
import { Cells } from './cells/cells.js';
import type { KernelDeps } from './deps.js';
import { Execution } from './execute.js';
import { kernelInfo } from './language/info.js';
import { heardInterrupt, heedInterrupts, interruptEndedCode } from './interrupts.js';
import { log } from './log.js';
import type { Connection } from './protocol/connection.js';
import { Server, type Handler } from './protocol/server.js';
import { shellHandlers } from './shell.js';

/** Long enough for the greeting itself to be over. */
const PREPARE_AFTER_MS = 20;
/** Opening the session to others waits this long, in milliseconds, so that the first cell is not delayed. */
const SHARE_AFTER_MS = 500;

export interface Kernel {
  listen(): Promise<void>;
  interrupt(): void;
  close(): Promise<void>;
}

export function createKernel(connection: Connection, deps: KernelDeps, shutdown: () => void): Kernel {
  const cells = new Cells(deps);
  const execution = new Execution(cells);
  const sharing = new Sharing({ ...shellHandlers(cells, execution), kernel_info_request: kernelInfo }, sessionPlace('notebook'));
  cells.extraMagics = sharing.magics;

  let greeted = false;
  const everywhere: Record<string, Handler> = {
    kernel_info_request: () => {
      // Every front end sends this first: what a first cell needs is loaded while the user still reads.
      if (!greeted) {
        setTimeout(() => cells.prepare(), PREPARE_AFTER_MS);
        setTimeout(() => void sharing.open().catch((e: unknown) => log('kernel', () => `no session: ${String(e)}`)), SHARE_AFTER_MS);
      }
      greeted = true;
      return kernelInfo();
    },
    shutdown_request: ({ message, publish }) => {
      heardInterrupt('message');
      // A cell that runs in another session does not concern this kernel.
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
    interrupt_request: async ({ message }) => {
      heardInterrupt('message');
      await interrupt(Date.parse(message.header.date));
      return { status: 'ok' };
    },
  };

  /** What our own front end asked for ends; where it asked for nothing, what runs for a guest. */
  const interrupt = async (sent?: number): Promise<void> => {
    if (!server.executing && (execution.interrupt() || interruptEndedCode())) return;
    await server.interrupt(sent);
    // What runs is a guest's, and ours only waited for it.
    if (execution.goesOn) heedInterrupts();
  };

  const server: Server = new Server(connection, { shell, control, aborted: () => execution.aborted(), shutdown });
  return {
    listen: () => server.listen(),
    interrupt: () => {
      heardInterrupt('signal');
      void interrupt();
    },
    close: async () => {
      await Promise.all([sharing.close(), server.close()]);
    },
  };
}
