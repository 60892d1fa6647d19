/** Messages on the iopub channel -> the outputs of a cell, coalesced as nbformat has them. */
import type { Message } from '../kernel/protocol/message.js';
import { isObject } from './json.js';
import type { CellOutput, Metadata, MimeBundle } from './nbformat.js';

/** Displays that later messages may change, also those of earlier cells. */
export type DisplayIds = Map<string, { outputs: CellOutput[]; output: CellOutput }[]>;

export class OutputCollector {
  readonly outputs: CellOutput[] = [];
  private clearBeforeNext = false;

  constructor(
    private readonly displays: DisplayIds,
    private readonly onOutput: (output: CellOutput) => void = () => undefined,
  ) {}

  /** Takes in one message; those that are no output change nothing. */
  take(message: Message): void {
    if (message.header.msg_type === 'clear_output') {
      if (message.content['wait'] === true) this.clearBeforeNext = true;
      else this.outputs.length = 0;
      return;
    }
    const output = outputOf(message);
    if (output === undefined) return;
    const id = displayId(message);
    if (message.header.msg_type === 'update_display_data') {
      if (id !== undefined) this.update(id, output);
      return;
    }
    if (this.clearBeforeNext) this.outputs.length = 0;
    this.clearBeforeNext = false;
    this.append(output);
    if (id !== undefined) this.displays.set(id, [...(this.displays.get(id) ?? []), { outputs: this.outputs, output }]);
    this.onOutput(output);
  }

  private append(output: CellOutput): void {
    const last = this.outputs.at(-1);
    if (output.output_type === 'stream' && last?.output_type === 'stream' && last.name === output.name) {
      this.outputs[this.outputs.length - 1] = { ...last, text: last.text + output.text };
    } else {
      this.outputs.push(output);
    }
  }

  private update(id: string, fresh: CellOutput): void {
    for (const shown of this.displays.get(id) ?? []) {
      const at = shown.outputs.indexOf(shown.output);
      if (at < 0 || !('data' in fresh) || !('data' in shown.output)) continue;
      shown.output = { ...shown.output, data: fresh.data, metadata: fresh.metadata };
      shown.outputs[at] = shown.output;
    }
  }
}

function outputOf({ header, content }: Message): CellOutput | undefined {
  switch (header.msg_type) {
    case 'stream':
      return { output_type: 'stream', name: String(content['name']), text: String(content['text']) };
    case 'display_data':
    case 'update_display_data':
      return { output_type: 'display_data', data: bundle(content['data']), metadata: bundle(content['metadata']) };
    case 'execute_result':
      return {
        output_type: 'execute_result',
        data: bundle(content['data']),
        metadata: bundle(content['metadata']),
        execution_count: typeof content['execution_count'] === 'number' ? content['execution_count'] : null,
      };
    case 'error': {
      const traceback = content['traceback'];
      return {
        output_type: 'error',
        ename: String(content['ename']),
        evalue: String(content['evalue']),
        traceback: Array.isArray(traceback) ? traceback.map(String) : [],
      };
    }
    default:
      return undefined;
  }
}

const bundle = (x: unknown): MimeBundle & Metadata => (isObject(x) ? x : {});

function displayId({ content }: Message): string | undefined {
  const transient = content['transient'];
  const id = isObject(transient) ? transient['display_id'] : undefined;
  return typeof id === 'string' ? id : undefined;
}
