/** execute_request: runs a cell, counts it, remembers it. */
import type { CellOutcome, Cells } from './cells/cells.js';
import { plain } from './cells/bundle.js';
import { diagnosticsError } from './cells/diagnostics.js';
import { interrupted, plainError } from './cells/error.js';
import { CellOutput } from './cells/output.js';
import { projectError } from './cells/scenario.js';
import { thrownError } from './cells/thrown.js';
import { heedInterrupts, interruptsHeard } from './interrupts.js';
import { History } from './language/history.js';
import type { Content } from './protocol/message.js';
import type { Request } from './protocol/server.js';

export class Execution {
  readonly history = new History();
  private count = 0;
  private running: { readonly controller: AbortController; readonly signal: AbortSignal } | undefined;

  constructor(private readonly cells: Cells) {}

  /** Stops the cell that runs, whoever asked for it. @returns whether one does */
  interrupt(): boolean {
    this.running?.controller.abort();
    return this.running !== undefined;
  }

  /** Whether a cell runs that nobody has interrupted. */
  get goesOn(): boolean {
    return this.running?.signal.aborted === false;
  }

  /** The reply to a request that was given up because one before it failed. */
  aborted(): Content {
    return { status: 'aborted', execution_count: this.count };
  }

  async execute(request: Request): Promise<Content> {
    const { code, silent = false, store_history: store = !silent, user_expressions: expressions } = request.message.content;
    const text = typeof code === 'string' ? code : '';
    const stored = store === true && silent !== true;
    const count = stored ? ++this.count : this.count;
    let shown: string | null = null;

    const output = new CellOutput((type, content) => {
      if (silent === true) return;
      if (type === 'execute_result') shown = resultText(content);
      request.publish(type, content);
    });
    if (silent !== true) request.publish('execute_input', { code: text, execution_count: count });

    const controller = new AbortController();
    const signal = AbortSignal.any([request.signal, controller.signal]);
    this.running = { controller, signal };
    // What was raised before this line and is for this cell has ended it by now; what comes later is for nobody else.
    await interruptsHeard();
    heedInterrupts();
    const { error, payload, report }: CellOutcome = signal.aborted ? { error: interrupted(), payload: [] } : await this.cells.run(text, { output, signal }, count);
    const values = error === undefined ? await this.evaluate(expressions, signal) : {};
    this.running = undefined;
    heedInterrupts();
    if (stored) this.history.add(count, text, shown);
    if (error !== undefined) {
      output.error(error);
      return { status: 'error', execution_count: count, ...error, mremap_lab: report };
    }
    return { status: 'ok', execution_count: count, payload, user_expressions: values, mremap_lab: report };
  }

  private async evaluate(expressions: unknown, signal: AbortSignal): Promise<Content> {
    if (typeof expressions !== 'object' || expressions === null || Object.keys(expressions).length === 0) return {};
    const values: [string, Content][] = [];
    for (const [key, expression] of Object.entries(expressions)) values.push([key, await this.valueOf(String(expression), signal)]);
    return Object.fromEntries(values);
  }

  /** Output made while it is evaluated is dropped. */
  private async valueOf(expression: string, signal: AbortSignal): Promise<Content> {
    try {
      const { ok, outcome, value, diagnostics } = await this.cells.session.run(expression, { mode: 'cell', signal });
      if (outcome === 'interrupted') return { status: 'error', ...interrupted() };
      if (ok && value !== undefined) return { status: 'ok', ...plain(value.text) };
      const errors = diagnostics.filter((d) => d.severity === 'error');
      return { status: 'error', ...(errors.length > 0 ? diagnosticsError(expression, errors) : plainError('ValueError', `${expression} has no value`)) };
    } catch (e) {
      return { status: 'error', ...(projectError(e) ?? thrownError(e)) };
    }
  }
}

function resultText(content: Content): string | null {
  const text = (content['data'] as Content | undefined)?.['text/plain'];
  return typeof text === 'string' ? text : null;
}
