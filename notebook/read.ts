/** Text of an .ipynb file -> Notebook, with a message that names the place where the file is wrong. */
import { isJsonMime, isObject } from './json.js';
import { messages } from './messages.js';
import type { Cell, CellOutput, Metadata, MimeBundle, Notebook } from './nbformat.js';

/** @throws SetupError when the text is not a notebook of format 4. */
export function readNotebook(text: string): Notebook {
  let root: unknown;
  try {
    // A byte order mark is no JSON, but editors on Windows leave one.
    root = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    throw messages.notJson(text.trim() === '' ? 'the file is empty' : `it is not JSON (${(error as Error).message.replaceAll('\n', ' ')})`);
  }
  if (!isObject(root)) throw messages.notANotebook('the file does not hold a JSON object');
  const { nbformat, nbformat_minor } = root;
  if (typeof nbformat !== 'number') throw messages.notANotebook('"nbformat" is missing');
  if (nbformat !== 4) throw messages.oldFormat(`${nbformat}.${typeof nbformat_minor === 'number' ? nbformat_minor : 'x'}`);
  if (!Array.isArray(root['cells'])) throw messages.notANotebook('"cells" is not a list');
  return {
    ...root,
    nbformat,
    nbformat_minor: typeof nbformat_minor === 'number' ? nbformat_minor : 0,
    metadata: object(root, 'metadata', 'the notebook'),
    cells: root['cells'].map((cell: unknown, i) => readCell(cell, `cell ${i + 1} of the file`)),
  };
}

function readCell(cell: unknown, where: string): Cell {
  if (!isObject(cell)) throw messages.notANotebook(`${where} is not an object`);
  const common = { ...cell, metadata: object(cell, 'metadata', where), source: joined(cell['source'], `"source" of ${where}`) };
  if (cell['id'] !== undefined && typeof cell['id'] !== 'string') throw messages.notANotebook(`"id" of ${where} is not text`);
  switch (cell['cell_type']) {
    case 'code': {
      const outputs = cell['outputs'] ?? [];
      if (!Array.isArray(outputs)) throw messages.notANotebook(`"outputs" of ${where} is not a list`);
      return {
        ...common,
        cell_type: 'code',
        execution_count: countOf(cell['execution_count']),
        outputs: outputs.map((output: unknown, i) => readOutput(output, `output ${i + 1} of ${where}`)),
      };
    }
    case 'markdown':
    case 'raw': {
      if (cell['attachments'] === undefined) return { ...common, cell_type: cell['cell_type'] };
      const attachments = Object.entries(object(cell, 'attachments', where));
      return {
        ...common,
        cell_type: cell['cell_type'],
        attachments: Object.fromEntries(attachments.map(([name, data]) => [name, readBundle(data, `attachment "${name}" of ${where}`)])),
      };
    }
    default:
      throw messages.notANotebook(`${where} is neither "code", "markdown" nor "raw"`);
  }
}

function readOutput(output: unknown, where: string): CellOutput {
  if (!isObject(output)) throw messages.notANotebook(`${where} is not an object`);
  switch (output['output_type']) {
    case 'stream':
      return { ...output, output_type: 'stream', name: String(output['name'] ?? 'stdout'), text: joined(output['text'], `"text" of ${where}`) };
    case 'display_data':
      return { ...output, output_type: 'display_data', data: readBundle(output['data'], where), metadata: object(output, 'metadata', where) };
    case 'execute_result':
      return {
        ...output,
        output_type: 'execute_result',
        data: readBundle(output['data'], where),
        metadata: object(output, 'metadata', where),
        execution_count: countOf(output['execution_count']),
      };
    case 'error': {
      const traceback = output['traceback'] ?? [];
      if (!Array.isArray(traceback)) throw messages.notANotebook(`"traceback" of ${where} is not a list`);
      return { ...output, output_type: 'error', ename: String(output['ename'] ?? ''), evalue: String(output['evalue'] ?? ''), traceback: traceback.map(String) };
    }
    default:
      throw messages.notANotebook(`${where} has the unknown type ${JSON.stringify(output['output_type'] ?? null)}`);
  }
}

function readBundle(data: unknown, where: string): MimeBundle {
  if (!isObject(data)) throw messages.notANotebook(`"data" of ${where} is not an object`);
  return Object.fromEntries(
    Object.entries(data).map(([mime, value]) => {
      const lines = !isJsonMime(mime) && Array.isArray(value) && value.every((line) => typeof line === 'string');
      return [mime, lines ? value.join('') : value];
    }),
  );
}

const countOf = (x: unknown): number | null => (typeof x === 'number' ? x : null);

function object(of: Record<string, unknown>, key: string, where: string): Metadata {
  const value = of[key] ?? {};
  if (!isObject(value)) throw messages.notANotebook(`"${key}" of ${where} is not an object`);
  return value;
}

function joined(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((line) => typeof line === 'string')) return value.join('');
  throw messages.notANotebook(`${where} is neither text nor a list of lines`);
}
