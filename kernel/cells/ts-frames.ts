/**
 * Stack frames in the lines of the cell. tslab compiles a cell without a source map, so a frame's
 * line is found by its text: compiled lines are, but for exports and types, those of the cell.
 */
import { unguarded } from './loop-guard.js';

interface CellText {
  readonly source: readonly string[];
  readonly compiled: readonly string[];
}

const NAME = /\bmremap-cell-(\d+)\.js:(\d+):\d+/;

const texts = new Map<number, CellText>();

/** Remembers both texts of a cell and gives the compiled one a name that stack traces show. */
export function nameCompiledCell(executionCount: number, source: string, compiled: string): string {
  texts.set(executionCount, { source: source.split('\n'), compiled: compiled.split('\n') });
  return `${compiled}\n//# sourceURL=mremap-cell-${executionCount}.js`;
}

/** The frames that are the user's own, as `    at f (In[7], line 3)`. */
export function userFrames(stack: string | undefined): string[] {
  const frames = (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return frames.flatMap((line) => {
    if (/node:|\/tslab\/dist\/|\/dist\/kernel\/|evalmachine/.test(line)) return [];
    const place = NAME.exec(line);
    if (place === null) return [line];
    const [whole, cell = '', compiledLine = ''] = place;
    const text = texts.get(Number(cell));
    const at = Number(compiledLine) - 1;
    // The call that tslab puts around a cell stands behind its last line.
    if (text === undefined || at >= text.compiled.length) return [];
    const sourceLine = lineInSource(text, at);
    return [line.replace(whole, `In[${cell}]${sourceLine === undefined ? '' : `, line ${sourceLine}`}`)];
  });
}

function lineInSource({ source, compiled }: CellText, at: number): number | undefined {
  const wanted = bare(compiled[at] ?? '');
  const sameIn = (lines: readonly string[]): number[] => lines.flatMap((line, i) => (bare(line) === wanted ? [i] : []));
  const inSource = sameIn(source);
  const inCompiled = sameIn(compiled);
  // If several lines read the same, the n-th compiled line is the n-th of the cell.
  if (inSource.length !== inCompiled.length && inSource.length !== 1) return undefined;
  const found = inSource[inSource.length === 1 ? 0 : inCompiled.indexOf(at)];
  return found === undefined ? undefined : found + 1;
}

/** A line without what compiling adds or removes. */
function bare(line: string): string {
  return unguarded(line)
    .replace(/\bexports\.\w+ = /g, '')
    .replace(/\(0, (?:exports\.)?([\w.]+)\)/g, '$1')
    .replace(/\bexports\./g, '')
    .replace(/\bexport /g, '')
    .replace(/\)\s*:[\w<>[\].|&\s]+\{/g, ') {')
    .replace(/([\w\])])\??\s*:\s*(?:[\w<>[\].|&]+\s*)?(?=[=,)])/g, '$1')
    .replace(/'/g, '"')
    .replace(/[\s;]+/g, '');
}
