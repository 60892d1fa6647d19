/**
 * The types of `lab` as one text. Cells cannot take them from the installed package: TypeScript
 * refuses to name, in a cell's declarations, a type that lies under node_modules. So they become
 * a module in memory beside the cells, from the compiled declarations of lab.ts and all they name.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Cells can also name the types: `import { OpRecord } from './mremap_lab'`. */
export const LAB_MODULE = 'mremap_lab';

export function labTypes(cwd: string): string {
  const root = fileURLToPath(new URL('../lab.d.ts', import.meta.url));
  const text = declarations(root, new Set()).join('\n');
  // Only types are exported: there are no values behind them.
  const classes = [...text.matchAll(/^export declare class (\w+)/gm)].map(([, name]) => name);
  const types = text.replace(/^export (?=declare (?:const|function|class)\b)/gm, '');
  return `${nodeTypes(cwd)}\n${types}\nexport type { ${classes.join(', ')} };\n`;
}

/** A file's declarations after those it imports, without the imports: one module has them all. */
function declarations(file: string, seen: Set<string>): string[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  const imported = [...text.matchAll(/(?:from |import\()["'](\.[^"']+)\.js["']/g)].map(([, path = '']) => resolve(dirname(file), `${path}.d.ts`));
  const own = text
    // eslint-disable-next-line regexp/no-super-linear-backtracking -- over declarations of our own
    .replace(/^(?:import|export)\b[^;{]*(?:\{[^}]*\})?[^;{]*\bfrom\s+["'][^"']+["'];$/gm, '')
    .replace(/\bimport\(["']\.[^"']+["']\)\./g, '')
    .replace(/^\/\/(?:\/ <|#).*$/gm, '');
  return [...imported.flatMap((path) => declarations(path, seen)), own];
}

/** tslab finds Node's types only beside the notebook or in its own folder, where a hoisted installation has none. */
function nodeTypes(cwd: string): string {
  const own = dirname(require.resolve('tslab/package.json'));
  for (let at = cwd; ; at = dirname(at)) {
    if (existsSync(join(at, 'node_modules', '@types', 'node', 'package.json'))) return '';
    if (at === dirname(at)) break;
  }
  if (existsSync(join(own, 'node_modules', '@types', 'node', 'package.json'))) return '';
  const types = createRequire(join(own, 'package.json')).resolve('@types/node/package.json');
  // A reference would have to be the first line, which is tslab's own.
  return `import ${JSON.stringify(join(dirname(types), 'index'))};`;
}
