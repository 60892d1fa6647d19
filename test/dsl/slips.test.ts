/** What people write who know other languages, and what they are told. */
import { describe, test } from 'vitest';
import { expectDiagnostic } from '../kit.js';

describe('a slip is told with what to write', () => {
  test.each([
    ['p = munmap(0, 8 <|pages|>)', 'expected-token', /`8 page`/],
    ['print 4 <|K|>', 'unexpected-token', /`4K`/],
    ['print 4 <|kb|>', 'unexpected-token', /`4K`/],
    ['let i = 1\nmunmap(i <|page|>, 1)', 'expected-token', /`i \* page`/],
    ['while <|x|> { }', 'unexpected-token', /for x in/],
    ['int <|x|> = 3', 'unexpected-token', /let x/],
    ['fn <|f|>(x) { }', 'unexpected-token', /def f/],
    ['<|/|>/ said', 'unexpected-token', /`#`/],
    ['1G<|..|>2G', 'unexpected-token', /vmas/],
    ['print <|1.5M|>', 'bad-number', /`1536K`/],
    ['print <|0.7M|>', 'bad-number', /^numbers are integers$/],
    ['compare 6.1 <|6.12|> { }', 'expected-token'],
    ['set <|max_map_count|> = 10', 'unknown-setting', /`sysctl\.max_map_count`/],
    ['machine <|x86|> { }', 'unknown-machine', /`x86-64`/],
    ['<|plot|> it', 'nothing-to-plot', /sweep/],
  ])('%s', (text, code, hint?: RegExp) => expectDiagnostic(text, { code, ...(hint && { hint }) }));
});
