import fc from 'fast-check';
import { test } from 'vitest';
import { checkText } from '../fuzz-text/check.js';
import { anyText } from '../fuzz-text/programs.js';
import { runs } from '../share.js';

/** More with `npm run fuzz:text`. */
test.each([1, 2, 3, 4, 5])(
  'whatever is written, parser, checker, completion and layout answer (seed %i)',
  (seed) => {
    fc.assert(fc.property(anyText, checkText), { numRuns: runs(1000), seed });
  },
  60_000,
);

test.each(['(0.\na=', '(G.\nlet', 'vmas(1..\nexpect', 'show (\n)\nkernel'])('found that way: %j', checkText);
