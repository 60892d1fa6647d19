import { expect, it } from 'vitest';
import { joinCells } from '../../notebook/joined-cells.js';
import { code, markdown, notebook } from './kit.js';

it('cells in the language are one text, each with its place in it', () => {
  const { text, cells } = joinCells(
    notebook(markdown('m'), code('a\nb'), code('  '), code('%%ts\nlet x'), code('skip', [], 'skip-execution'), code('%reset\nc\n\n', [], 'raises-exception')),
  );
  expect(text).toBe('a\nb\n      \nc\n');
  expect(cells).toEqual([
    { number: 1, source: 'a\nb\n', line: 0, start: 0, mayFail: false },
    { number: 3, source: '      \nc\n', line: 2, start: 4, mayFail: true },
  ]);
});
