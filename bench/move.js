/**
 * A populated range moved to and fro by the model, one page off, so that every entry moves by itself:
 *
 *     node bench/move.js BYTES
 *
 * Prints as JSON the median of the times in microseconds, and the most memory that this process had in MiB.
 */
import { Mover } from './mover.js';

const mover = new Mover(BigInt(process.argv[2]));
process.stdout.write(JSON.stringify({ time: mover.medianOf(201), memory: process.resourceUsage().maxRSS / 1024 }));
