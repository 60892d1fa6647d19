/**
 * The page cache behind a shared mapping: which pages of the object exist, and in which frames.
 * Shared anonymous memory is such an object too (shmem_zero_setup, mm/shmem.c), of the size it had
 * when it was mapped; mapping more of it later does not make it longer.
 */
import type { Pages } from '../../machine/index.js';
import { Extents } from '../extents.js';

export interface FrameRun {
  readonly pfn: number;
}

const FRAMES = {
  advance: (v: FrameRun, by: number): FrameRun => (by === 0 ? v : { pfn: v.pfn + by }),
  continues: (v: FrameRun, by: number, next: FrameRun): boolean => v.pfn + by === next.pfn,
};

export class SharedObject {
  /** Frames by page offset. */
  readonly cache = new Extents<FrameRun>(FRAMES);

  constructor(
    readonly id: number,
    /** What maps prints for it: `shm`, `memfd:f0`, `[vdso]`. */
    readonly kind: string,
    /** Its size; only ftruncate changes it. */
    public pages: Pages,
    /** A special mapping (vdso): it cannot be split or resized. */
    readonly special = false,
    /** On a device that is memory itself: its pages are there from the start. */
    readonly dax = false,
  ) {}
}
