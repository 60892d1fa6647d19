/** Runs scripts in a thread of its own: what never pauses can be ended from outside, and memory is only its own. */
import { parentPort } from 'node:worker_threads';
import { SetupError } from '../../machine/errors.js';
import type { Reporter } from '../report/reporter.js';
import { runScript } from '../run-script.js';
import { MOST_WAITING, type Job, type Said } from './wire.js';

const main = parentPort;
if (main === null) throw new Error('apart-thread.js runs as a worker thread');
const tell = (said: Said): void => main.postMessage(said);

main.on('message', (job: Job) => void run(job).then(tell));

async function run({ input, options, waiting }: Job): Promise<Said> {
  const count = new Int32Array(waiting);
  const nothing = (): void => undefined;
  const reporter: Reporter = {
    begin: nothing,
    cell: nothing,
    say: (text) => {
      if (options.speaks !== true) return;
      const said = text();
      const before = Atomics.add(count, 0, said.length);
      if (before > MOST_WAITING) Atomics.wait(count, 0, before + said.length);
      tell({ type: 'say', text: said });
    },
    progress: (done, total) => tell({ type: 'progress', done, total }),
    diagnose: (diagnostic, source) => tell({ type: 'diagnose', diagnostic, source }),
    end: nothing,
    unusable: nothing,
    finish: nothing,
  };
  tell({ type: 'begun' });
  try {
    return { type: 'report', report: await runScript(input, { ...options, reporter }) };
  } catch (error) {
    if (error instanceof SetupError) return { type: 'refused', message: error.message, hint: error.hint };
    return { type: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}
