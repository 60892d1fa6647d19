/**
 * Parameters from outside, by papermill's convention: a cell with their values goes behind the cell
 * tagged `parameters`, whose values it replaces, or before all others where no cell has that tag.
 */
import { readCell } from '../kernel/cells/source.js';
import { hasTag, isExecutable, type Cell, type CodeCell, type Notebook } from './nbformat.js';

export interface Parameter {
  readonly name: string;
  /** An expression in the language of the parameters cell. */
  readonly value: string;
}

const INJECTED = 'injected-parameters';

/** The cell that says what may be given, and what is taken otherwise. */
export const parametersCell = (notebook: Notebook): CodeCell | undefined => notebook.cells.find((cell): cell is CodeCell => isExecutable(cell) && hasTag(cell, 'parameters'));

/** Whether parameters are written in the language, not in TypeScript. */
export const inLanguage = (cell: CodeCell | undefined): boolean => cell === undefined || readCell(cell.source).language === 'mremap';

export function injectParameters(notebook: Notebook, parameters: readonly Parameter[]): Notebook {
  if (parameters.length === 0) return notebook;
  const declared = parametersCell(notebook);
  const lines = parameters.map(({ name, value }) => `let ${name} = ${value}`);
  const source = inLanguage(declared) ? ['# Parameters', ...lines].join('\n') : ['%%ts', '// Parameters', ...lines].join('\n');
  // A cell that an earlier run injected is replaced.
  const rest = notebook.cells.filter((cell) => !hasTag(cell, INJECTED));
  const at = declared === undefined ? 0 : rest.indexOf(declared) + 1;
  const cell: Cell = { cell_type: 'code', ...identity(notebook, rest), metadata: { tags: [INJECTED] }, source, execution_count: null, outputs: [] };
  return { ...notebook, cells: [...rest.slice(0, at), cell, ...rest.slice(at)] };
}

/** From format 4.5 on every cell has an id of its own; the same each time. */
function identity({ nbformat_minor }: Notebook, others: readonly Cell[]): { readonly id?: string } {
  if (nbformat_minor < 5) return {};
  const taken = new Set(others.map(({ id }) => id));
  let id = INJECTED;
  for (let n = 2; taken.has(id); n++) id = `${INJECTED}-${n}`;
  return { id };
}
