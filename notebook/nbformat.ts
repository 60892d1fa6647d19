/** A notebook in memory: nbformat 4.x with every multi-line string joined. Keys that are not named here are kept. */

export type Metadata = Readonly<Record<string, unknown>>;
export type MimeBundle = Readonly<Record<string, unknown>>;

export type CellOutput =
  | { readonly output_type: 'stream'; readonly name: string; readonly text: string }
  | { readonly output_type: 'display_data'; readonly data: MimeBundle; readonly metadata: Metadata }
  | {
      readonly output_type: 'execute_result';
      readonly data: MimeBundle;
      readonly metadata: Metadata;
      readonly execution_count: number | null;
    }
  | { readonly output_type: 'error'; readonly ename: string; readonly evalue: string; readonly traceback: readonly string[] };

interface AnyCell {
  readonly id?: string;
  readonly metadata: Metadata;
  readonly source: string;
}

export interface CodeCell extends AnyCell {
  readonly cell_type: 'code';
  readonly execution_count: number | null;
  readonly outputs: readonly CellOutput[];
}

export interface TextCell extends AnyCell {
  readonly cell_type: 'markdown' | 'raw';
  readonly attachments?: Readonly<Record<string, MimeBundle>>;
}

export type Cell = CodeCell | TextCell;

export interface Notebook {
  readonly nbformat: 4;
  readonly nbformat_minor: number;
  readonly metadata: Metadata;
  readonly cells: readonly Cell[];
}

/** True for a cell that a front end would send to the kernel; `In [n]` counts these and no others. */
export const isExecutable = (cell: Cell): cell is CodeCell => cell.cell_type === 'code' && cell.source.trim() !== '';

export function hasTag(cell: Cell, tag: string): boolean {
  const tags = cell.metadata['tags'];
  return Array.isArray(tags) && tags.includes(tag);
}

/** Left out of a run, and left as it is: `skip`, or as nbclient has it. */
export const isSkipped = (cell: Cell): boolean => hasTag(cell, 'skip') || hasTag(cell, 'skip-execution');

/** Whether the notebook is in the language, whatever its kernel is called there. */
export function isOurs({ metadata }: Notebook): boolean {
  const { kernelspec, language_info: info } = metadata;
  const named = [kernelspec, info].flatMap((x) => (typeof x === 'object' && x !== null ? [x as Metadata] : []));
  return named.length === 0 || named.some(({ language, name }) => language === 'mremap' || name === 'mremap');
}

/** The kernel the notebook asks for, or undefined where it leaves the choice. */
export function kernelName(notebook: Notebook): string | undefined {
  const spec = notebook.metadata['kernelspec'];
  const name = typeof spec === 'object' && spec !== null && 'name' in spec ? spec.name : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** The notebook as if it had never been run. */
export const withoutOutputs = (notebook: Notebook): Notebook => ({
  ...notebook,
  cells: notebook.cells.map((cell) => (cell.cell_type === 'code' ? { ...cell, outputs: [], execution_count: null } : cell)),
});
