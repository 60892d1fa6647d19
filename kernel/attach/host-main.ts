/**
 * `node host-main.js`: a session without a front end of its own, for the console to join. It is a
 * process apart, so that whatever a cell does, the terminal answers. Its first line says what the
 * session is called; it ends when its standard input does.
 */
import { Worker } from 'node:worker_threads';
import { captureProcessOutput, endInGoodOrder, surviveStrayErrors } from '../cells/console.js';
import { currentCell } from '../cells/context.js';
import { Cells } from '../cells/cells.js';
import { SetupError } from '../../machine/index.js';
import { Execution } from '../execute.js';
import { heardInterrupt, interruptMemory } from '../interrupts.js';
import { kernelInfo } from '../language/info.js';
import { productDeps } from '../product.js';
import { shellHandlers } from '../shell.js';
import { sessionPlace } from './place.js';
import { Sharing } from './sharing.js';

/** What the process says first. */
export type Opened = { readonly name: string } | { readonly message: string; readonly hint: string };

async function main(): Promise<void> {
  const cells = new Cells(productDeps());
  const execution = new Execution(cells);
  const sharing = new Sharing({ ...shellHandlers(cells, execution), kernel_info_request: kernelInfo }, sessionPlace('console'));
  cells.extraMagics = sharing.magics;

  let stopping = false;
  const stop = (status = 0): void => {
    if (stopping) return;
    stopping = true;
    void sharing.close().finally(() => process.exit(status));
  };
  new Worker(new URL('./signal-thread.js', import.meta.url), { workerData: interruptMemory }).unref();
  process.on('SIGINT', () => {
    heardInterrupt('signal');
    execution.interrupt();
  });
  process.on('SIGTERM', () => stop());
  process.stdin
    .on('end', () => stop())
    .on('error', () => stop())
    .resume();

  const name = await sharing.open();
  captureProcessOutput();
  surviveStrayErrors();
  endInGoodOrder((status) => currentCell.exit(() => stop(status)));
  process.stdout.write(`${JSON.stringify({ name: name ?? '' } satisfies Opened)}\n`);
  cells.prepare();
}

main().catch((e: unknown) => {
  const opened =
    e instanceof SetupError
      ? { message: e.message, hint: e.hint }
      : { message: e instanceof Error ? (e.stack ?? e.message) : String(e), hint: 'this is a bug in mremap-lab, please report it' };
  process.stdout.write(`${JSON.stringify(opened satisfies Opened)}\n`, () => process.exit(1));
});
