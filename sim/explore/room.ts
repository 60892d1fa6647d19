/**
 * How large the scene of a race is cut out. Where a call will go is often known only once it has been
 * decided: then the scene is cut out anew, larger, and the search begins again.
 */
import { SetupError, type Vpn } from '../../machine/index.js';

/** What the scene lacks. */
export interface Lack {
  readonly pages?: readonly Vpn[];
  /** The start of a VMA that was thought to be out of reach. */
  readonly vma?: Vpn;
  readonly registers?: boolean;
  readonly kind?: 'frame' | 'vma' | 'anonVma' | 'table';
}

/** Thrown by a step that needs what the scene does not have. */
export class NotEnough extends Error {
  constructor(readonly lack: Lack) {
    super('the scene of a race is too small');
  }
}

export class Room {
  /** Pages and VMAs to be taken in, beside those that the calls name. */
  readonly pages = new Set<Vpn>();
  readonly vmas = new Set<Vpn>();
  registers = 24;
  readonly spare = { frame: 0, vma: 0, anonVma: 0, table: 0 };
  private rounds = 0;

  grow({ pages = [], vma, registers, kind }: Lack): void {
    if (++this.rounds > 40) throw new SetupError('a race that reaches ever further', 'let the threads do less');
    for (const page of pages) this.pages.add(page);
    if (vma !== undefined) this.vmas.add(vma);
    if (registers === true) this.registers *= 2;
    if (kind !== undefined) this.spare[kind] += 2;
  }
}

/** Does something with the scene of a race, and once more with a larger one where it was too small. */
export function withRoom<T>(use: (room: Room) => T): T {
  const room = new Room();
  for (;;) {
    try {
      return use(room);
    } catch (error) {
      if (!(error instanceof NotEnough)) throw error;
      room.grow(error.lack);
    }
  }
}
