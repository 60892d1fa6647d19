/** A chart among a notebook's outputs that could not be drawn, as a diagnostic like any other. */
import type { Undrawn } from '../../notebook/index.js';
import type { PlacedDiagnostic } from './file-report.js';

export const undrawnWarning = ({ cell, output, error }: Undrawn): PlacedDiagnostic => ({
  code: 'chart-not-drawn',
  severity: 'warning',
  message: `output ${output} of cell ${cell} of the file: ${error.message}`,
  hint: 'the page shows the picture or the text that is stored with it',
  span: { start: 0, end: 0 },
  line: 1,
  column: 1,
  phase: 'run',
});
