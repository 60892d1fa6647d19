/**
 * What a move costs, against the number of distinct extents and against the size: measured, written
 * beside this file as numbers and drawn from them. Build first; needs `cc`.
 *
 *     npm run build && node bench/move-cost.js          measures and draws
 *     npm run build && node bench/move-cost.js --draw   draws what was measured before
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { specToSvg } from '../dist/plot/index.js';
import { Kernel } from './kernel.js';
import { moveCostSpec } from './move-cost-spec.js';
import { Mover } from './mover.js';

const MIB = 2n ** 20n;
const GIB = 2n ** 30n;
const EXTENTS = Array.from({ length: 10 }, (_, i) => 4 ** i);
const SIZES = Array.from({ length: 9 }, (_, i) => 2n * MIB * 8n ** BigInt(i));

const file = (name) => new URL(name, import.meta.url);
const round = (us) => Number(us.toPrecision(3));

function measure() {
  const kernel = new Kernel();
  try {
    new Mover(GIB).medianOf(2000);
    return {
      measured: { on: new Date().toISOString().slice(0, 10), processor: cpus()[0]?.model ?? 'unknown', kernel: release(), node: process.version },
      kernelGib: round(kernel.move(GIB)),
      byExtents: EXTENTS.map((extents) => ({ extents, model: round(new Mover(GIB, extents).medianOf(extents > 4096 ? 21 : 201)) })),
      bySize: SIZES.map((bytes) => ({ bytes: Number(bytes), model: round(new Mover(bytes).medianOf(401)), ...(bytes <= GIB && { kernel: round(kernel.move(bytes)) }) })),
    };
  } finally {
    kernel.end();
  }
}

if (!process.argv.includes('--draw')) writeFileSync(file('move-cost.json'), `${JSON.stringify(measure(), null, 2)}\n`);
const numbers = JSON.parse(readFileSync(file('move-cost.json'), 'utf8'));
writeFileSync(file('move-cost.svg'), await specToSvg(moveCostSpec(numbers)));
