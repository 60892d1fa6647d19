/** The moves that people argue about, as records: shared by the gallery and the unit tests. */
import type { MoveStretch, OpRecord } from '../../machine/index.js';
import { moveRecord, page } from './records.js';

const M = 1n << 20n;
const G = 1n << 30n;

const start = (old: bigint, to: bigint, length: bigint): MoveStretch => ({ kind: 'start', old: page(old), new: page(to), pages: page(length), steps: 1, entries: 0 });
const stretch = (kind: MoveStretch['kind'], old: bigint, to: bigint, length: bigint, steps: number, entries: number): MoveStretch => ({
  kind,
  old: page(old),
  new: page(to),
  pages: page(length),
  steps,
  entries,
});

/** Linus Torvalds' test with GB = 1 << 20: the destination itself blocks realigning. */
export const blocked = (): OpRecord => {
  const [old, to] = [0x8100000n, 0x7f00000n];
  return moveRecord(old, to, 2n * M, [start(old, to, 2n * M), stretch('pte', old, to, M, 1, 256), stretch('pte', old + M, to + M, M, 1, 256)]);
};

/** The same with a destination far away: realigned, one PMD and 256 PTEs. */
export const realigned = (): OpRecord => {
  const [old, to] = [0x8100000n, 0x6100000n];
  return moveRecord(old, to, 2n * M, [
    start(old, to, 2n * M),
    stretch('realign', old, to, M, 1, 0),
    stretch('pmd', old - M, to - M, 2n * M, 1, 1),
    stretch('pte', old + M, to + M, M, 1, 256),
  ]);
};

export const puds = (): OpRecord => {
  const [old, to] = [129n * G, 127n * G];
  return moveRecord(old, to, 2n * G, [start(old, to, 2n * G), stretch('pud', old, to, 2n * G, 2, 2)]);
};

/** 2 GiB with the destination one page off: half a million PTEs. */
export const onePageOff = (): OpRecord => {
  const [old, to] = [128n * G, 1024n * G + 4096n];
  return moveRecord(old, to, 2n * G, [start(old, to, 2n * G), stretch('pte', old, to, 2n * G, 2048, 524288)]);
};

export const threeLevels = (): OpRecord => {
  const [old, to] = [128n * G + M, 126n * G + M];
  return moveRecord(old, to, 2n * G, [
    start(old, to, 2n * G),
    stretch('pte', old, to, M, 1, 1),
    stretch('pmd', old + M, to + M, 1022n * M, 511, 511),
    stretch('pud', old + 1023n * M, to + 1023n * M, G, 1, 1),
    stretch('pte', old + 2047n * M, to + 2047n * M, M, 1, 256),
  ]);
};

export const onePage = (): OpRecord => {
  const [old, to] = [0x7f1f98603000n, 0x7f1f98a05000n];
  return moveRecord(old, to, 4096n, [start(old, to, 4096n), stretch('pte', old, to, 4096n, 1, 1)]);
};

/** userfaultfd write-protection without the remap event: 6.1 tries the PMD and refuses. */
export const tried = (): OpRecord => {
  const [old, to] = [0x8000000n, 0x6000000n];
  return moveRecord(old, to, 6n * M, [
    start(old, to, 6n * M),
    stretch('pmd_refused', old, to, 2n * M, 1, 0),
    stretch('pte', old, to, 2n * M, 1, 512),
    stretch('skip_pmd', old + 2n * M, to + 2n * M, 2n * M, 1, 0),
    stretch('pmd_refused', old + 4n * M, to + 4n * M, 2n * M, 1, 0),
    stretch('pte', old + 4n * M, to + 4n * M, 2n * M, 1, 512),
  ]);
};
