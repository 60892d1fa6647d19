import type { PlacedDiagnostic } from './file-report.js';

/** `tour.mremap`, `tour.ipynb:cell 3`: what stands before the line and the column. */
export const placeName = (file: string, { cell }: PlacedDiagnostic): string => (cell === undefined ? file : `${file}:cell ${cell}`);
