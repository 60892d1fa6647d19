/** A %%strace cell: the rest of it is a log, replayed on the kernel that the session is on. */
import type { Diagnostic, Session, SessionMachines } from '../../dsl/api.js';
import type { CellReport } from '../cell-report.js';
import { viewBundle } from '../charts.js';
import type { KernelDeps } from '../deps.js';
import type { SharedSession } from '../session.js';
import type { CellContext } from './context.js';
import { diagnosticsError, diagnosticText } from './diagnostics.js';
import { interrupted, type CellError } from './error.js';

export interface LogOutcome {
  readonly report: CellReport;
  readonly error?: CellError;
}

/** Lines between two looks at whether the cell was interrupted. */
const LINES_AT_ONCE = 2000;

/** What the session has mapped, and its machine, where that is not the usual one: then the log is of that process. */
function setUp(session: Session): SessionMachines | undefined {
  const space = session.space();
  const mapped = [...space.vmas()].some((vma) => !vma.background);
  return mapped || space.geometry.name !== USUAL ? session.toGoOnWith() : undefined;
}

const USUAL = 'x86-64, 4 levels';

export async function runLogCell(deps: KernelDeps, shared: SharedSession, text: string, { output, signal }: CellContext): Promise<LogOutcome> {
  const [session, logs] = await Promise.all([shared.get(), deps.logs()]);
  const onDiagnostic = (d: Diagnostic): void => {
    if (d.severity === 'warning') output.stream('stderr', diagnosticText(text, d));
  };
  const replay = logs.open(session.model, onDiagnostic, setUp(session));
  // The line of the magic is blank: it is read as well, so that lines are those of the cell.
  const lines = text.trimEnd().split('\n');
  for (let i = 0; i < lines.length && !signal.aborted; i++) {
    replay.line(lines[i] ?? '');
    if (i % LINES_AT_ONCE === LINES_AT_ONCE - 1) await new Promise((turn) => setImmediate(turn));
  }
  const { ok, summary: log, diagnostics, model } = replay.end();
  output.draw(() => viewBundle(deps, { what: 'log', log, model }, signal));
  const outcome = signal.aborted ? 'interrupted' : ok ? 'ok' : 'failed';
  const report: CellReport = { outcome, statements: log.replayed, expectations: { held: 0, failed: 0 }, judgements: [], diagnostics, races: [] };
  if (signal.aborted) return { report, error: interrupted() };
  return ok
    ? { report }
    : {
        report,
        error: diagnosticsError(
          text,
          diagnostics.filter((d) => d.severity === 'error'),
        ),
      };
}
