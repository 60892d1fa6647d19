/** What an entry of a page table holds, as one number. */

/** A frame's number in the low byte; then what kind of entry it is. */
export const PRESENT = 1 << 8;
export const WRITE = 1 << 9;
/** The page is in swap: the number is that of its slot. */
export const SWAP = 1 << 10;
/** The page is being migrated: whoever wants it waits for the entry to go. */
export const MIGRATION = 1 << 11;
/** The entry is no page (a guard). */
export const MARKER = 1 << 12;
/** The page was written through it: hardware sets it on the first store, and the flush of a clean entry may come later. */
export const DIRTY = 1 << 13;

/** Of an entry that is not present: the page is the process's own (pte_swp_exclusive(), and of migration entries). */
export const EXCLUSIVE = 1 << 14;

export const NONE = 0;
/** The shared page of zeroes: nobody's folio. */
export const ZERO_FRAME = 255;
export const MOST_FRAMES = 255;

export const frameOf = (entry: number): number => entry & 0xff;
export const isPresent = (entry: number): boolean => (entry & PRESENT) !== 0;
/** Present, and of a frame that is counted. */
export const mapsFrame = (entry: number): boolean => isPresent(entry) && frameOf(entry) !== ZERO_FRAME;

/** A PMD entry: none, a table's number + 1, a huge page of a DAX file, or what comes of populating from nothing. */
export const BAD_TABLE = 1 << 15;
/** A huge entry of a DAX mapping: the number of a block of a file. */
const DEVMAP = 1 << 14;
export const devmapEntry = (block: number, writable: boolean): number => DEVMAP | block | (writable ? WRITE : 0);
export const isDevmap = (entry: number): boolean => (entry & DEVMAP) !== 0;
export const tableEntry = (table: number): number => table + 1;
export const isTable = (entry: number): boolean => entry > 0 && entry < DEVMAP;
export const tableOf = (entry: number): number => entry - 1;
