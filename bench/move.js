/**
 * A populated range moved to and fro by the model, one page off, so that every entry moves by itself:
 *
 *     node bench/move.js BYTES
 *
 * Prints as JSON the median of the times in microseconds, and the most memory that this process had in MiB.
 */
import { createMachines } from '../dist/sim/index.js';
import { median, timed } from './measure.js';

const PAGE = 4096n;
const MOVES = 201;

const length = BigInt(process.argv[2]);
const machine = createMachines().open({ release: '6.18' }, { steps: false, records: 'lean' });
const [a, b] = [1n << 42n, (1n << 44n) + PAGE];
machine.perform({ name: 'mmap', addr: a, length, prot: 3, flags: 0x32, fd: -1, offset: 0n });
machine.perform({ name: 'touch', addr: a, length });

const times = Array.from({ length: MOVES }, (_, i) => {
  const [from, to] = i % 2 === 0 ? [a, b] : [b, a];
  let record;
  const time = timed(() => (record = machine.perform({ name: 'mremap', old_address: from, old_size: length, new_size: length, flags: 3, new_address: to })));
  if (record.moved.pte !== Number(length / PAGE)) throw new Error(`moved ${record.moved.pte} entries, not ${length / PAGE}`);
  return time;
});
process.stdout.write(JSON.stringify({ time: median(times), memory: process.resourceUsage().maxRSS / 1024 }));
