/**
 * The model beside the kernel it runs on: the same calls, both timed in this run, their results compared.
 * Build first; needs `cc`.
 *
 *     npm run build && node bench/kernel-beside.js
 */
import { createMachines } from '../dist/sim/index.js';
import { Kernel } from './kernel.js';
import { median, processorTime } from './measure.js';
import { errnoOf, randomCalls, straceLine } from './random-calls.js';
import { modelMove, runLog } from './processes.js';

const CALLS = 100_000;
const RUNS = 5;
const GIB = 1n << 30n;
const TIB = 1n << 40n;

const machines = createMachines();
const open = () => machines.open({ release: '6.18' }, { steps: false, records: 'lean' });
const say = (text = '') => console.log(text);
const ms = (us) => (us < 1000 ? `${us.toFixed(0)} us` : `${(us / 1000).toFixed(us < 10_000 ? 1 : 0)} ms`).padStart(9);
const row = (what, model, kernel) => say(`  ${what.padEnd(46)}${ms(model)}  kernel ${ms(kernel)}   ${(kernel / model).toFixed(1)} times as fast`);

/** Not timed: every call has the result it had on the kernel; and what the arena looks like on the way. */
function compare(calls, results) {
  const machine = open();
  const seen = { mappings: 0, pages: 0, samples: 0 };
  calls.forEach((op, i) => {
    const { result } = machine.perform(op);
    const same = result.kind === 'value' ? result.value === results[i] : result.errno === errnoOf(results[i]);
    if (!same) throw new Error(`call ${i}, ${straceLine(op, results[i])}: the model answered ${result.kind === 'value' ? result.value : result.errno}`);
    if (i % 1000 !== 999) return;
    const space = machine.space();
    seen.mappings += space.mapCount;
    seen.pages += space.usage.rss;
    seen.samples++;
  });
  say(
    `  all ${calls.length.toLocaleString('en')} results are the kernel's; on average ${Math.round(seen.mappings / seen.samples)} mappings, ${Math.round(seen.pages / seen.samples).toLocaleString('en')} pages present`,
  );
}

/** Once other calls have been carried out the model is warm; the first calls of a process are timed apart. */
function model(calls) {
  const perform = (ops) => {
    const machine = open();
    return processorTime(() => {
      for (const op of ops) machine.perform(op);
    });
  };
  const first = perform(calls);
  perform(randomCalls(CALLS, { seed: 54321 }));
  return { first, warm: median(Array.from({ length: RUNS }, () => perform(calls))) };
}

const kernel = new Kernel();
try {
  const calls = randomCalls(CALLS);
  const times = [];
  let results;
  for (let i = 0; i < 3; i++) {
    const answer = kernel.make(calls);
    times.push(answer.time);
    results = answer.results;
  }
  const real = median(times);
  say(`${CALLS.toLocaleString('en')} random memory calls in an arena of 256 MiB`);
  const { first, warm } = model(calls);
  compare(calls, results);
  row('the model alone', warm, real);
  row('the model alone, by a process that has just begun', first, real);

  const log = runLog(calls.map((op, i) => straceLine(op, results[i])));
  say(`  ${log.summary}`);
  row('mremap-lab run of their log', log.time - log.startup, real);
  row('the same with the start of the process', log.time, real);
  say();

  const gib = kernel.move(GIB);
  const [small, large] = [modelMove(GIB), modelMove(TIB)];
  say('a populated range moved page by page');
  row('1 GiB', small.time, gib);
  row('1 TiB, beside 1 GiB', large.time, gib);
  say(`  the process that moved the TiB had at most ${large.memory.toFixed(0)} MiB`);
} finally {
  kernel.end();
}
