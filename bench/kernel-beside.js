/** The model beside the kernel it runs on: the same calls, both timed in this run. Build first; needs `cc`. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMachines } from '../dist/sim/index.js';

const PAGE = 4096n;
const BASE = 1n << 40n;
const CALLS = 100_000;
const machines = createMachines();
const open = () => machines.open({ release: '6.18' }, { steps: false, records: 'lean' });

/** The generator of driver.c: both see the same calls. */
let state = 12345;
const below = (n) => {
  state = (Math.imul(state, 1103515245) + 12345) >>> 0;
  return (state >>> 8) % n;
};

function randomOps() {
  return Array.from({ length: CALLS }, () => {
    const addr = BASE + BigInt(below(65536)) * PAGE;
    const length = BigInt(1 + below(64)) * PAGE;
    switch (below(6)) {
      case 0:
        return { name: 'mmap', addr, length, prot: 3, flags: 0x32, fd: -1, offset: 0n };
      case 1:
        return { name: 'munmap', addr, length };
      case 2:
        return { name: 'mprotect', addr, length, prot: below(2) ? 1 : 3 };
      case 3:
        return { name: 'madvise', addr, length, advice: 4 };
      case 4:
        return { name: 'store_words', addr, length, value: 1n, stride: PAGE };
      default:
        return { name: 'mremap', old_address: addr, old_size: length, new_size: length, flags: 3, new_address: BASE + BigInt(below(65536)) * PAGE };
    }
  });
}

const microseconds = (work) => {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e3;
};

const median = (times) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

function randomCalls(ops) {
  const machine = open();
  return microseconds(() => {
    for (const op of ops) machine.perform(op);
  });
}

/** The median time of moving a populated range to and fro, one page off. */
function move(length) {
  const machine = open();
  const [a, b] = [4n * BASE, 16n * BASE + PAGE];
  machine.perform({ name: 'mmap', addr: a, length, prot: 3, flags: 0x32, fd: -1, offset: 0n });
  machine.perform({ name: 'touch', addr: a, length });
  const times = [];
  for (let i = 0; i < 200; i++) {
    const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
    const op = { name: 'mremap', old_address: from, old_size: length, new_size: length, flags: 3, new_address: to };
    let record;
    times.push(microseconds(() => (record = machine.perform(op))));
    if (record.moved.pte !== Number(length / PAGE)) throw new Error(`moved ${record.moved.pte} entries`);
  }
  return median(times);
}

function kernel() {
  const work = mkdtempSync(join(tmpdir(), 'mremap-bench-'));
  try {
    execFileSync('cc', ['-O2', '-o', join(work, 'driver'), new URL('driver.c', import.meta.url).pathname]);
    return JSON.parse(execFileSync(join(work, 'driver'), { encoding: 'utf8' }));
  } finally {
    rmSync(work, { recursive: true });
  }
}

const row = (what, model, real) => console.log(`${what.padEnd(44)} model ${model.toFixed(0).padStart(9)} us   kernel ${real.toFixed(0).padStart(9)} us   kernel/model ${(real / model).toFixed(2)}`);

const ops = randomOps();
randomCalls(ops.slice(0, 20_000));
const simulated = median([randomCalls(ops), randomCalls(ops), randomCalls(ops)]);
const real = kernel();
row('100,000 random memory calls', simulated, real.random);
row('1 GiB moved page by page', move(1n << 30n), real.gib);
row('1 TiB moved page by page, beside 1 GiB', move(1n << 40n), real.gib);
console.log(`resident after all this: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`);
