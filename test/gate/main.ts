/**
 * `npm run gate [-- RELEASE|SCENE ...]`: all pairs of actors, and the triples that share an object, on
 * every release. An alarm is a bug of the model until shown otherwise, with the source.
 */
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { availableParallelism } from 'node:os';
import { CASES, judge, nameOf } from './gate.js';

interface Told {
  readonly name: string;
  readonly broken: readonly string[];
  readonly states: number;
  readonly bounded: boolean;
}

if (isMainThread) {
  const words = process.argv.slice(2);
  const chosen = CASES.map((_, i) => i).filter((i) =>
    words.every((word) =>
      nameOf(CASES[i] as (typeof CASES)[number])
        .split(/[ :|]+/)
        .includes(word),
    ),
  );
  const workers = Math.min(2, availableParallelism());
  const began = performance.now();
  const totals = { races: 0, alarms: 0, states: 0, bounded: 0 };
  let running = workers;
  for (let k = 0; k < workers; k++) {
    const worker = new Worker(fileURLToPath(import.meta.url), { workerData: chosen.filter((_, i) => i % workers === k) });
    worker.on('message', ({ name, broken, states, bounded }: Told) => {
      totals.races++;
      totals.states += states;
      if (bounded) totals.bounded++;
      if (broken.length === 0) return;
      totals.alarms++;
      process.stdout.write(`${name}: ${broken.join(', ')}\n`);
      process.exitCode = 1;
    });
    worker.on('error', (error) => {
      process.stdout.write(`${String(error.stack ?? error)}\n`);
      process.exitCode = 1;
    });
    worker.on('exit', () => {
      if (--running > 0) return;
      const seconds = (performance.now() - began) / 1000;
      process.stdout.write(`${totals.races} races, ${totals.alarms} alarms, ${totals.states} states, ${totals.bounded} bounded to two preemptions; ${seconds.toFixed(1)} s\n`);
    });
  }
} else {
  for (const i of workerData as number[]) {
    const one = CASES[i] as (typeof CASES)[number];
    try {
      parentPort?.postMessage({ name: nameOf(one), ...judge(one) } satisfies Told & object);
    } catch (error) {
      throw new Error(nameOf(one), { cause: error });
    }
  }
}
