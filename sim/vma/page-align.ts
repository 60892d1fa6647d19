/** PAGE_ALIGN(): rounds up modulo 2^64, as the register does, so that a length near the top becomes 0. */
import { u64, type Bytes, type Geometry, type Pages } from '../../machine/index.js';

export function alignUp(g: Geometry, length: Bytes): Pages {
  const page = 1n << BigInt(g.pageShift);
  return Number(u64(length + page - 1n) >> BigInt(g.pageShift));
}
