/**
 * Mutated inputs of every kind, each in a thread that may not throw, take more than 5 s of CPU or more than 1 GB. What
 * finds something goes into corpus/, is tried first from then on, and runs in npm test.
 *
 *     npm run fuzz:inputs -- --count 10000 --seed 7 --kinds program,log
 */
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { inputsOf, keep } from './inputs.js';
import { KINDS } from './kinds.js';

interface Shard {
  readonly kind: string;
  readonly seed: number;
  readonly from: number;
  readonly count: number;
  /** The number of the input that is being tried. */
  readonly at: SharedArrayBuffer;
}

type Told = { readonly i: number; readonly error: string } | { readonly done: true };

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const LONGEST_CPU_S = 5;
const MOST_MB = 1024;
const POLL_MS = 500;

async function shard({ kind, seed, from, count, at }: Shard): Promise<void> {
  const one = KINDS[kind];
  if (one === undefined) throw new Error(`no kind ${kind}`);
  const input = inputsOf(kind, one, seed);
  const place = new Int32Array(at);
  for (let i = from; i < from + count; i++) {
    Atomics.store(place, 0, i);
    try {
      await one.take(input(i));
    } catch (error) {
      parentPort?.postMessage({ i, error: error instanceof Error ? (error.stack ?? error.message) : String(error) } satisfies Told);
    }
  }
  parentPort?.postMessage({ done: true } satisfies Told);
}

/** @returns how many inputs found something */
async function runKind(kind: string, seed: number, count: number): Promise<number> {
  const one = KINDS[kind];
  if (one === undefined) throw new Error(`there is no kind ${kind}: ${Object.keys(KINDS).join(', ')}`);
  const input = inputsOf(kind, one, seed);
  let found = 0;
  const finding = (i: number, error: string): void => {
    found++;
    say(`${kind} ${i} (seed ${seed}): ${error.split('\n').slice(0, 4).join('\n')}\n  kept as ${keep(kind, input(i))}`);
  };
  const began = performance.now();
  for (let from = 0; from < count;) {
    const at = new SharedArrayBuffer(4);
    const place = new Int32Array(at);
    Atomics.store(place, 0, from);
    const worker = new Worker(new URL(import.meta.url), {
      workerData: { kind, seed, from, count: count - from, at } satisfies Shard,
      resourceLimits: { maxOldGenerationSizeMb: MOST_MB },
    });
    const end = await new Promise<string>((resolve) => {
      let seen = from;
      let cpu = process.cpuUsage();
      const poll = setInterval(() => {
        const now = Atomics.load(place, 0);
        const { user, system } = process.cpuUsage(cpu);
        if (now !== seen) [seen, cpu] = [now, process.cpuUsage()];
        // The thread is all that this process does; one that only waits is given longer.
        else if ((user + system) / 1e6 > LONGEST_CPU_S + 1) resolve(`more than ${LONGEST_CPU_S} s of CPU`);
      }, POLL_MS);
      worker.on('message', (told: Told) => ('done' in told ? resolve('') : finding(told.i, told.error)));
      worker.on('error', (error) => resolve(error.message));
      worker.on('exit', () => clearInterval(poll));
    });
    await worker.terminate();
    if (end === '') break;
    const i = Atomics.load(place, 0);
    finding(i, end);
    from = i + 1;
  }
  say(`${kind}: ${count} inputs, ${found} found something, ${((performance.now() - began) / 1000).toFixed(0)} s`);
  return found;
}

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '2000' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      kinds: { type: 'string', default: Object.keys(KINDS).join(',') },
    },
  });
  let found = 0;
  for (const kind of values.kinds.split(',')) found += await runKind(kind, Number(values.seed), Number(values.count));
  say(`seed ${values.seed}: ${found} found something; the memory of all was ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB at most`);
  process.exit(found === 0 ? 0 : 1);
} else await shard(workerData as Shard);
