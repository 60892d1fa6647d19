/** The page offset by which the anonymous pages of a VMA without any are to be known: since v7.3 that of its address, which for a file is none of the file's. */
import type { Vpn } from '../../machine/index.js';
import type { Mm } from './mm.js';

export const freshAnonPgoff = (mm: Mm, at: Vpn, pgoff: number): number => (mm.behaviours.anon_pgoff === 'of_address' ? at : pgoff);
