/** The kernel that the benchmark runs on, asked by driver.c. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { driverLine } from './random-calls.js';

export class Kernel {
  #work = mkdtempSync(join(tmpdir(), 'mremap-bench-'));
  #driver = join(this.#work, 'driver');

  constructor() {
    execFileSync('cc', ['-O2', '-Wall', '-o', this.#driver, fileURLToPath(new URL('driver.c', import.meta.url))]);
  }

  end() {
    rmSync(this.#work, { recursive: true });
  }

  /** The time of all the calls in microseconds, and what each returned. */
  make(calls) {
    const [time, ...results] = this.#ask(['calls', `${calls.length}`], calls.map((op) => `${driverLine(op)}\n`).join(''));
    if (results.length !== calls.length) throw new Error(`the driver made ${results.length} of ${calls.length} calls`);
    return { time: Number(time), results: results.map(BigInt) };
  }

  /** The median time of moving so much populated memory, PTE by PTE, in microseconds. */
  move(bytes) {
    return Number(this.#ask(['move', `${bytes}`], '')[0]);
  }

  #ask(args, input) {
    return execFileSync(this.#driver, args, { input, encoding: 'utf8', maxBuffer: 2 ** 28 })
      .trim()
      .split('\n');
  }
}
