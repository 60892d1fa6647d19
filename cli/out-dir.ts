/** What `--out` writes, and what could be in its way. */
import { basename, extname, join } from 'node:path';
import { makeDir } from '../files/make-dir.js';
import { codeOf, reason } from '../files/reason.js';
import { writeWhole } from '../files/write-whole.js';
import type { VegaLiteSpec } from '../plot/index.js';
import { messages } from './messages.js';

/** What a file's results are named after: `tour` of `tour.mremap`, `build` of `build.strace.gz`. */
export const outName = (file: string): string => basename(file, /\.strace\.gz$/.test(file) ? '.strace.gz' : extname(file));

/** Files are named after what they were made from: two of one name would overwrite each other's. */
export function refuseSameNames(files: readonly string[], dir: string): void {
  const seen = new Map<string, string>();
  for (const file of files) {
    const name = outName(file);
    const other = seen.get(name);
    if (other !== undefined) throw messages.sameName(other, file, dir);
    seen.set(name, file);
  }
}

/** The page that leads to several notebooks' pages has a name that none of them may have. */
export function refuseIndex(files: readonly string[]): void {
  const taken = files.find((file) => outName(file) === 'index');
  if (taken !== undefined) throw messages.indexTaken(taken);
}

/** Runs what writes into `dir`, and tells a failure in words. */
export async function writing<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (codeOf(error) !== undefined) throw messages.cannotWrite(dir, reason(error));
    throw error;
  }
}

/** Makes the directory at once, so that nobody waits for a run whose results have no place. */
export const makeOutDir = (dir: string): Promise<void> => writing(dir, () => makeDir(dir));

/** @param specs null where a view is a table */
export function writeCharts(dir: string, name: string, specs: readonly (VegaLiteSpec | null)[]): Promise<readonly string[]> {
  return writing(dir, async () => {
    const { specToSvg } = await import('../plot/index.js');
    const drawn = specs.filter((spec) => spec !== null);
    const paths = drawn.map((_, i) => join(dir, `${name}-${i + 1}.svg`));
    for (const [i, spec] of drawn.entries()) await writeWhole(paths[i] ?? '', await specToSvg(spec));
    return paths;
  });
}
