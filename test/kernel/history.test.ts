import { beforeEach, describe, expect, test } from 'vitest';
import { History } from '../../kernel/language/history.js';

let history: History;
const ask = (request: Record<string, unknown>): unknown => history.reply({ output: false, raw: true, ...request })['history'];

beforeEach(() => {
  history = new History();
  for (const [i, input] of ['let a = 1', 'a', 'let b = 2', 'a'].entries()) history.add(i + 1, input, input === 'a' ? '1' : null);
});

describe('history', () => {
  test('tail', () => {
    expect(ask({ hist_access_type: 'tail', n: 2 })).toEqual([
      [1, 3, 'let b = 2'],
      [1, 4, 'a'],
    ]);
    expect(ask({ hist_access_type: 'tail', n: 1, output: true })).toEqual([[1, 4, ['a', '1']]]);
  });
  test('range of this session', () => {
    expect(ask({ hist_access_type: 'range', session: 0, start: 1, stop: 2 })).toEqual([[1, 1, 'let a = 1']]);
    expect(ask({ hist_access_type: 'range', session: 7, start: 1, stop: 2 })).toEqual([]);
  });
  test('search by glob, unique, bounded', () => {
    expect(ask({ hist_access_type: 'search', pattern: 'let ? = *' })).toHaveLength(2);
    expect(ask({ hist_access_type: 'search', pattern: 'a', unique: true })).toEqual([[1, 4, 'a']]);
    expect(ask({ hist_access_type: 'search', pattern: '*', n: 3 })).toHaveLength(3);
    expect(ask({ hist_access_type: 'search', pattern: 'let [bc] = *' })).toEqual([[1, 3, 'let b = 2']]);
    expect(ask({ hist_access_type: 'search', pattern: '[^a]*' })).toHaveLength(2);
    for (const pattern of ['a(', '[', '[]', '[z-a]', '\\', '[\\]']) expect(ask({ hist_access_type: 'search', pattern })).toEqual([]);
  });
});
