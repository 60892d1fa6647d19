/** The rooms that the kernel uses, each loaded when first needed, so that the kernel starts quickly. */
import type { Diagnostic, Session, SessionMachines } from '../dsl/api.js';
import type { LogResult } from '../dsl/logs/index.js';
import type { View } from '../machine/index.js';
import type { PaintOptions } from './drawing/painter.js';

export interface Plot {
  viewText(view: View): string;
  /** A Vega-Lite specification, or null where a view is a table. */
  viewSpec(view: View): object | null;
  /** A table, or null where a view is a chart only. */
  viewHtml(view: View): string | null;
}

/** Logs of strace, replayed line by line. */
export interface Logs {
  /** @param model what may follow `kernel` in the language */
  open(model: string, onDiagnostic: (diagnostic: Diagnostic) => void, start?: SessionMachines): { line(text: string): void; end(): LogResult };
}

export interface KernelDeps {
  session(): Promise<Session>;
  plot(): Promise<Plot>;
  /** A Vega-Lite specification as SVG. */
  draw(spec: object, options: PaintOptions): Promise<string>;
  logs(): Promise<Logs>;
}
