/** For people: what the run says as it says it, mistakes at their place, one last line a file. */
import { formatDiagnostic } from '../../dsl/messages/diagnostics.js';
import { harmless } from '../harmless.js';
import { setupErrorText } from '../messages.js';
import { err, out, paintDiagnostic, palette } from '../terminal.js';
import { pageLines } from './pages.js';
import { placeName } from './place.js';
import { ProgressLine } from './progress-line.js';
import type { Reporter } from './reporter.js';

export function textReporter(several: boolean): Reporter {
  const colours = palette(process.stdout);
  const { bold, dim, red, green } = colours;
  let current = '';
  let pendingCell: number | undefined;
  const progress = new ProgressLine(process.stderr);
  // A cell that says nothing needs no heading.
  const heading = (): void => {
    progress.clear();
    if (pendingCell !== undefined) out(`${dim(`In [${pendingCell}]`)}\n`);
    pendingCell = undefined;
  };
  return {
    begin(file) {
      current = file;
      if (several) out(`${bold(file)}\n`);
    },
    cell(number) {
      pendingCell = number;
    },
    say(text) {
      heading();
      out(harmless(text(), colours.colour));
    },
    progress: (done, total) => progress.at(done, total),
    diagnose(diagnostic, source) {
      heading();
      out(`${paintDiagnostic(colours, harmless(formatDiagnostic(placeName(current, diagnostic), source, diagnostic), false))}\n`);
    },
    end({ file, ok, summary }) {
      pendingCell = undefined;
      progress.clear();
      out(`${bold(file)}: ${ok ? green('ok') : red('failed')}: ${summary}\n${several ? '\n' : ''}`);
    },
    unusable(_report, error) {
      err(setupErrorText(error));
    },
    finish: (reports, index) => out(pageLines(reports, index)),
  };
}
