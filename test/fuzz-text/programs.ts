/** Texts to throw at the language: programs that are sound, such programs mutilated, and noise made of its own words. */
import fc from 'fast-check';
import { CALLABLES } from '../../dsl/vocabulary/calls.js';
import { CONSTANTS } from '../../dsl/vocabulary/constants.js';
import { KEYWORDS, UNITS } from '../../dsl/syntax/tokens.js';

const WORDS = [
  ...KEYWORDS, ...UNITS, ...CALLABLES.keys(), 'a', 'm', 'x', 'it', 'step', 'errno', 'moved', 'pte', 'NULL', 'EINVAL', 'rw', 'anon', 'true', 'none',
  'PROT_READ', 'MREMAP_MAYMOVE', '0', '1', '4096', '4K', '2MiB', '0x7f00_0000', '6.12', '6.17-rc1', '1.5', '"text"', '"open', '-1 EFAULT (Bad address)',
  '(', ')', '[', ']', '{', '}', 'maps {', '=', '==', '!=', '<', '<=', '<<', '>>', '+', '-', '*', '/', '%', '|', '&', '^', '~', ',', '.', '..', '..+', ';', '&&', '!',
  '#c', '/* c */', '/*', '\n', '\n', '\n  ', '\t', '€', '“', '\u0000', ':',
] as const; // prettier-ignore

const flags = fc.constantFrom(...[...CONSTANTS.keys()], 'rw', 'anon', 'fixed');

const blanks = fc.constantFrom('', ' ', '  ', '\t');
const joined = (parts: readonly string[], blank: string): string => parts.join(blank === '' ? ' ' : blank);

const { statement } = fc.letrec<{ value: string; statement: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('0', '1G', '4K', '3 page', '1 pmd', 'page', 'a', 'm', 'NULL', '"rw-p"', 'EINVAL', 'rss', '0xff_ff'),
    fc
      .tuple(tie('value'), fc.constantFrom('+', '-', '*', '/', '%', '<<', '&', '^', '|', '==', '<', 'and', 'or'), tie('value'), blanks)
      .map(([l, op, r, b]) => joined([l, op, r], b)),
    fc.tuple(fc.constantFrom('-', '~', '- ', 'not '), tie('value')).map((v) => v.join('')),
    fc.tuple(tie('value'), blanks).map(([v, b]) => `(${b}${v}${b})`),
    fc.tuple(fc.constantFrom('vma', 'pte', 'pmd', 'peek'), tie('value')).map(([f, v]) => `${f}(${v})`),
    fc.tuple(tie('value'), fc.constantFrom('..', '..+', ' .. ', '..  +'), tie('value')).map(([a, dots, b]) => `vmas(${a}${dots}${b})`),
    fc.tuple(tie('value'), fc.constantFrom('errno', 'moved', 'with', 'count', 'kernel')).map((v) => v.join('.')),
  ),
  statement: fc.oneof(
    tie('value'),
    fc.tuple(tie('value'), blanks).map(([v, b]) => `a${b}=${b}${v}`),
    tie('value').map((v) => `expect ${v}`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `print "x",${a} ,\n ${b}`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `let a = ${a}, b=${b}`),
    fc.tuple(tie('value'), flags, flags, blanks).map(([v, p, f, b]) => `mmap(${v},${b}64K,\n${b}${p}, ${p}|${b}${f}\n)`),
    fc.tuple(tie('value'), tie('value')).map(([a, b]) => `m = mremap(${a}, 16K, 32K, maymove |\n fixed, ${b}) = -1  ENOMEM(no)`),
    tie('value').map((v) => `show tables ${v}`),
    fc.constantFrom('kernel 6.1', 'kernel 6.12 with realign = none', 'set rlimit.memlock=64K', 'show maps', '', '# alone', '/* two\n   lines */ a = 1'),
  ),
}));

const comment = fc.oneof({ weight: 4, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(' # why', '# why not', '   #   # twice', ' /* in */') });

/** A program with any layout, as far as its lines go. */
export const program: fc.Arbitrary<string> = fc
  .array(fc.tuple(blanks, statement, comment, fc.constantFrom('\n', '\n', '\r\n', '\n\n\n')), { maxLength: 12 })
  .map((lines) => lines.map((parts) => parts.join('')).join(''));

const noise = fc.array(fc.tuple(fc.constantFrom(...WORDS), blanks), { maxLength: 60 }).map((words) => words.map((w) => w.join('')).join(''));

/** One change somewhere: something cut out, put in, or put in twice. */
const cut = fc.tuple(fc.nat(), fc.nat(20), fc.oneof(fc.constant(''), fc.constantFrom(...WORDS), fc.string({ maxLength: 4 })));

/** A program to which something has happened, or no program at all. */
export const mutilated: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(program, fc.array(cut, { minLength: 1, maxLength: 4 }))
      .map(([text, cuts]) => cuts.reduce((t, [at, length, put]) => `${t.slice(0, at % (t.length + 1))}${put}${t.slice((at % (t.length + 1)) + length)}`, text)),
  },
  { weight: 2, arbitrary: noise },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 80 }) },
);

export const anyText: fc.Arbitrary<string> = fc.oneof({ weight: 1, arbitrary: program }, { weight: 3, arbitrary: mutilated });
