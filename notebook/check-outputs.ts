/** Compares the outputs that a run gave with those stored in the notebook, cell by cell. */
import { stripAnsi } from './ansi.js';
import { specOf } from './charts.js';
import { canonicalJson } from './json.js';
import type { CellOutput, Notebook } from './nbformat.js';
import type { NotebookRun } from './run.js';
import { fingerprintOf, withFingerprint } from './slim.js';

export interface OutputDifference {
  /** As in `In [n]`. */
  readonly cell: number;
  /** From 1, within the cell. */
  readonly output: number;
  /** What differs: `text`, `chart`, `error`, `output`. */
  readonly what: string;
  readonly stored: string;
  readonly fresh: string;
}

interface Comparable {
  readonly what: string;
  readonly text: string;
}

const NOTHING: Comparable = { what: 'output', text: '(none)' };

export function checkOutputs(stored: Notebook, run: NotebookRun): readonly OutputDifference[] {
  return run.cells.flatMap(({ index, number }) => {
    const kept = outputsOf(stored, index);
    const before = kept.map(comparable);
    const after = outputsOf(run.notebook, index).map((output, i) => comparable(kept[i] === undefined ? output : likeStored(output, kept[i])));
    return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => {
      const [old = NOTHING, fresh = NOTHING] = [before[i], after[i]];
      const what = old === NOTHING ? fresh.what : old.what;
      return { cell: number, output: i + 1, what, stored: old.text, fresh: fresh.text };
    }).filter(({ stored: a, fresh: b }) => a !== b);
  });
}

function outputsOf(notebook: Notebook, index: number): readonly CellOutput[] {
  const cell = notebook.cells[index];
  return cell?.cell_type === 'code' ? cell.outputs.filter((output) => !isVolatile(output)) : [];
}

/** Whether the kernel marked the output as volatile: progress lines, which a fast machine never shows. */
function isVolatile(output: CellOutput): boolean {
  const { mremap_lab: mark } = ('metadata' in output ? output.metadata : {}) as { readonly mremap_lab?: { readonly volatile?: boolean } };
  return mark?.volatile === true;
}

/** Where only the fingerprint of a chart is stored, fresh charts are compared by theirs. */
const likeStored = (fresh: CellOutput, stored: CellOutput): CellOutput => ('data' in fresh && fingerprintOf(stored) !== undefined ? withFingerprint(fresh) : fresh);

/** What is compared of an output: everything but what another run cannot give again. */
function comparable(output: CellOutput): Comparable {
  switch (output.output_type) {
    case 'stream':
      return { what: output.name, text: output.text.replace(TIMED, 'time: (not compared)') };
    case 'error':
      return { what: 'error', text: [`${output.ename}: ${output.evalue}`, ...output.traceback].map(stripAnsi).join('\n') };
    case 'display_data':
    case 'execute_result': {
      const { 'text/plain': text, ...others } = output.data;
      // A renderer's new version may move a pixel of a picture.
      const parts = Object.keys(others)
        .sort()
        .map((mime) => `${mime}\n${mime === 'image/png' ? '(not compared)' : canonicalJson(others[mime], 1)}`);
      const chart = fingerprintOf(output);
      const what = specOf(output) === undefined && chart === undefined ? 'text' : 'chart';
      return { what, text: [typeof text === 'string' ? text : canonicalJson(text ?? null, 1), ...parts, ...(chart === undefined ? [] : [`chart ${chart}`])].join('\n') };
    }
  }
}

/** What %time says. */
const TIMED = /^time: .+ \(.+ of CPU\)$/gm;
