/** Pictures beside a notebook, for its page. */
import { readFileSync, realpathSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { dataUri } from './html.js';
import type { LoadImage } from './markdown.js';

const TYPES: Readonly<Record<string, string>> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.svg': 'image/svg+xml',
  '.webp': 'image/webp',
};

/** Takes pictures below `dir` only: a page must not carry off files that its notebook happens to name. */
export function imagesBelow(dir: string): LoadImage {
  return (path) => {
    const type = TYPES[extname(path).toLowerCase()];
    if (type === undefined) return undefined;
    try {
      const file = realpathSync(join(dir, path));
      return file.startsWith(realpathSync(dir) + sep) ? dataUri(type, readFileSync(file)) : undefined;
    } catch {
      return undefined;
    }
  };
}
