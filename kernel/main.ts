/** `node main.js CONNECTION_FILE`: the Jupyter kernel process. */
import { SetupError } from '../machine/index.js';
import { captureProcessOutput, endInGoodOrder, refuseInput, surviveStrayErrors } from './cells/console.js';
import { currentCell } from './cells/context.js';
import { createKernel } from './kernel.js';
import { readConnection } from './protocol/connection.js';
import { productDeps } from './product.js';

const PARENT_POLL_MS = 1000;

async function main(file: string | undefined): Promise<void> {
  if (file === undefined) throw new SetupError('usage: main.js CONNECTION_FILE', 'Jupyter starts this; `mremap-lab kernel install` tells it how');
  const connection = await readConnection(file);

  let stopping = false;
  const stop = (status: number): void => {
    if (stopping) return;
    stopping = true;
    void kernel.close().finally(() => process.exit(status));
  };
  const kernel = createKernel(connection, productDeps(), () => stop(0));

  captureProcessOutput();
  refuseInput();
  surviveStrayErrors();
  endInGoodOrder((status) => currentCell.exit(() => stop(status)));
  process.on('SIGINT', () => kernel.interrupt());
  process.on('SIGTERM', () => stop(143));
  endWithParent(() => stop(1));
  await kernel.listen();
}

/** Jupyter passes its process id; a kernel whose Jupyter was killed must not stay behind. */
function endWithParent(end: () => void): void {
  if (process.env['JPY_PARENT_PID'] === undefined) return;
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) end();
  }, PARENT_POLL_MS).unref();
}

main(process.argv[2]).catch((e: unknown) => {
  const text = e instanceof SetupError ? `${e.message}\n${e.hint}` : e instanceof Error ? (e.stack ?? e.message) : String(e);
  process.stderr.write(`mremap-lab kernel: ${text}\n`);
  process.exit(1);
});
