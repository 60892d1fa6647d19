/** The page offset that a VMA without anonymous pages gives to its first one. Since v7.3 it follows from the address; for a mapping of a file it is not the offset in the file. */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from './mm.js';

export const freshAnonPgoff = (mm: Mm, at: Vpn, pgoff: number): number => (mm.behaviours.anon_pgoff === 'of_address' ? at : pgoff);
