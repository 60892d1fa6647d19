import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { completeMagic, MAGICS } from '../../kernel/cells/magics.js';
import { readCell } from '../../kernel/cells/source.js';

test('a plain cell is code as it stands', () => {
  expect(readCell('6 * 7\n%x')).toEqual({ language: 'mremap', magics: [], code: '6 * 7\n%x' });
});

test('%%ts becomes blanks, so that every position stays', () => {
  expect(readCell('\n%%ts\nlab')).toEqual({ language: 'ts', magics: [], code: '\n    \nlab' });
});

test('line magics stand at the head of a cell', () => {
  expect(readCell('%reset\n?munmap\n6 * 7')).toEqual({
    language: 'mremap',
    magics: [
      { kind: 'magic', name: 'reset', rest: '', line: 0 },
      { kind: 'help', name: 'munmap' },
    ],
    code: '      \n       \n6 * 7',
  });
});

test('%%maps opens a block that ends behind the cell', () => {
  expect(readCell(' %%maps\n40000000-40001000 rw-p')).toEqual({ language: 'maps', magics: [], code: ' maps {\n40000000-40001000 rw-p\n}\nshow maps' });
});

test('what is timed on its own line is code, where it stands', () => {
  expect(readCell('%time 6 * 7')).toEqual({ language: 'mremap', magics: [{ kind: 'magic', name: 'time', rest: '6 * 7', line: 0 }], code: '      6 * 7' });
});

test('an unknown cell magic keeps its text for the message', () => {
  expect(readCell('%%python x').language).toEqual({ unknown: '%%python x' });
  expect(readCell('%%ts fast').language).toEqual({ unknown: '%%ts fast' });
});

test('magics complete where they can stand', () => {
  const all = ['%%ts', '%%maps', '%%strace', '%kernel', '%reset', '%time', '%export', '%load', '%run', '%clear', '%attach', '%detach', '%sessions', '%lsmagic', '%help'];
  expect(completeMagic('%', 1)?.items.map((item) => item.text)).toEqual(all);
  expect(completeMagic('%re', 3)).toMatchObject({ start: 0, end: 3 });
  expect(completeMagic('x = 6 %', 7)).toBeUndefined();
});

test('docs/kernel.md has every magic', () => {
  const page = readFileSync(new URL('../../docs/kernel.md', import.meta.url), 'utf8');
  for (const magic of Object.keys(MAGICS)) expect(page).toMatch(new RegExp(`\`${magic.replace('?', '\\?')}\\b`));
});
