import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { imagesBelow } from '../../notebook/images.js';

const dir = mkdtempSync(join(tmpdir(), 'mremap-lab-test-'));
mkdirSync(join(dir, 'book/pictures'), { recursive: true });
writeFileSync(join(dir, 'book/pictures/a.png'), 'png');
writeFileSync(join(dir, 'book/notes.txt'), 'text');
writeFileSync(join(dir, 'outside.png'), 'secret');
symlinkSync(join(dir, 'outside.png'), join(dir, 'book/link.png'));

afterAll(() => rmSync(dir, { recursive: true }));

it('takes pictures below its directory, and nothing else', () => {
  const load = imagesBelow(join(dir, 'book'));
  expect(load('pictures/a.png')).toBe('data:image/png;base64,cG5n');
  expect(load('./pictures/../pictures/a.png')).toBe('data:image/png;base64,cG5n');
  for (const path of ['../outside.png', 'link.png', 'notes.txt', 'missing.png', 'pictures']) expect(load(path)).toBeUndefined();
});
