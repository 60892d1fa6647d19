/** A populated range of the model, and how long it takes to move it one page off. */
import { createMachines } from '../dist/sim/index.js';
import { median, processorTime } from './measure.js';

export const PAGE = 4096n;
const PLACES = [1n << 45n, (1n << 46n) + PAGE];

export class Mover {
  #machine = createMachines().open({ release: '6.18' }, { steps: false, records: 'lean', machine: { arch: 'x86-64', memory: 4n << 40n } });
  #bytes;
  #moves = 0;

  /** @param extents pieces whose frames do not follow on from one another: they are populated from the last to the first */
  constructor(bytes, extents = 1) {
    this.#bytes = bytes;
    const piece = bytes / BigInt(extents);
    this.#machine.perform({ name: 'mmap', addr: PLACES[0], length: bytes, prot: 3, flags: 0x32, fd: -1, offset: 0n });
    for (let i = BigInt(extents) - 1n; i >= 0n; i--) this.#machine.perform({ name: 'touch', addr: PLACES[0] + i * piece, length: piece });
  }

  /** The median time of so many moves in microseconds. */
  medianOf(moves) {
    return median(Array.from({ length: moves }, () => this.#move()));
  }

  /** @throws when not every page was moved by itself */
  #move() {
    const [from, to] = this.#moves++ % 2 === 0 ? PLACES : PLACES.toReversed();
    let record;
    const time = processorTime(
      () => (record = this.#machine.perform({ name: 'mremap', old_address: from, old_size: this.#bytes, new_size: this.#bytes, flags: 3, new_address: to })),
    );
    if (record.moved.pte !== Number(this.#bytes / PAGE)) throw new Error(`moved ${record.moved.pte} entries, not ${this.#bytes / PAGE}`);
    return time;
  }
}
