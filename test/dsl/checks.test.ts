import { describe, test } from 'vitest';
import { LATER_SYSCALLS } from '../../dsl/messages/later.js';
import { expectDiagnostic, expectDiagnostics } from '../kit.js';

describe('syntax', () => {
  test.each([
    ['x = <|5page|>', 'bad-number', /`5 page`/],
    ['x = <|4k|>', 'bad-number', /`4K`/],
    ['x = <|16MB|>', 'bad-number', /`16M`/],
    ['x = <|0x10K|>', 'bad-number', /hexadecimal/],
    ['x = <|0755|>', 'bad-number', /does not begin with 0/],
    ['x = <|3furlong|>', 'bad-number', /suffixes/],
    ['x = <|1.5|> * 2', 'no-decimals', /\*3\/2/],
    ['print <|"open|>', 'unterminated-string'],
    ['x = <|@|> 3', 'unexpected-character'],
    ['print <|“|>a”', 'unexpected-character', /double quotes/],
    ["print <|'|>a'", 'unexpected-character', /double quotes/],
    ['expect 1 == 1 <|&&|> 2 == 2', 'c-operator', /`and`/],

    ['expect <|!|>x', 'c-operator', /`not`/],
    ['munmap(0, 1)<|;|>', 'no-semicolon'],
    ['munmap(0, <|,|> 1)', 'expected-value'],
    ['x = 1 +<||>', 'expected-value'],
    ['kernel<||>', 'expected-release', /kernel 6\.12/],
    ['let <|3|>', 'expected-token'],
    ['munmap(0 <|1|>)', 'expected-token'],
    ['let a <|3|>', 'expected-token'],
    ['munmap<|(|>0, 1', 'unclosed-bracket'],
    ['race <|{|> thread a { }', 'unclosed-bracket'],
    ['munmap(0, 1)<|)|>', 'unexpected-token'],
    ['<|)|>', 'unexpected-token'],
    ['<|}|>', 'unexpected-token'],
    ['print 1 <|2|>', 'unexpected-token'],
    ['expect 1 <|=|> 1', 'stray-equals', /==/],
    ['munmap(a <|=|> 1, 1)', 'stray-equals'],
    ['expect munmap(0, 1) == <|-1 EINVAL|>', 'errno-as-value', /\.errno/],
    ['expect 1 == 2 <|==|> 3', 'chained-comparison', /`and`/],
    ['kernel 6.12 with<||>', 'expected-token'],
    ['x = rss.<|3|>', 'expected-token'],
    ['show<||>', 'expected-token'],
  ])('%s', (text, code, hint?: RegExp) => expectDiagnostic(text, { code, ...(hint && { hint }) }));
});

describe('names', () => {
  test.each([
    ['expect <|nowhere|> == 1', 'unknown-name'],
    ['let length = 1\nexpect <|lenght|> == length', 'unknown-name', /`length`/],
    ['expect <|later|> == 1\nlater = 1', 'bound-later', /line 2/],
    ['let a = 1\nexpect <|b|> == a', 'unknown-name', undefined],
    ['<|munmapp|>(0, 1)', 'unknown-function', /`munmap`/],
    ['x = <|mremap|>', 'call-without-brackets', /mremap\(old_address/],
    ['x = <|MAP_FIX|>', 'unknown-flag', /`MAP_FIXED`/],
    ['<|page|> = 3', 'reserved-name', undefined],
    ['let <|kernel|> = 3', 'reserved-name', undefined],
    ['let <|race|> = 3', 'reserved-name', undefined],
    ['<|NULL|> = 3', 'reserved-name', undefined],
    ['<|EINVAL|> = 3', 'reserved-name', undefined],
    ['<|rss|> = 3', 'reserved-name', undefined],
    ['m = munmap(0, 1)\nprint m.<|errnoo|>', 'unknown-field', /`errno`/],
    ['m = munmap(0, 1)\nprint m.moved.<|pet|>', 'unknown-field', /`pte`/],
    ['let a = 3\nprint a.<|b|>', 'unknown-field'],
    ['print rss.<|b|>', 'unknown-field'],
    ['let a = 1\n<|a == 1|>', 'no-effect', /expect/],
    ['<|vma(0)|>', 'no-effect'],
  ])('%s', (text, code, hint?: RegExp) => expectDiagnostic(text, { code, ...(hint && { hint }) }));

  test('short flags are flags in their places and plain names elsewhere', async () => {
    await expectDiagnostics('let rw = 3\nexpect rw == 3\nmmap(1G, 4K, rw, anon|private|fixed) = 1G\nexpect vma(1G).perms == "rw-p"', []);
    await expectDiagnostics('x = <|anon|>\ny = <|maymove|>', ['unknown-name', 'unknown-name']);
    await expectDiagnostics('let flags = anon_flag\nmmap(0, 4K, rw, <|anno|>|private)'.replace('anon_flag', 'MAP_ANONYMOUS') + '\nprint flags', ['unknown-flag']);
  });

  test('constants may be joined, masked and bound', () =>
    expectDiagnostics('let f = MAP_PRIVATE|MAP_ANONYMOUS\nmmap(1G, 4K, PROT_READ|PROT_WRITE & ~PROT_WRITE, f|MAP_FIXED, -1, 0) = 1G\nexpect vma(1G).perms == "r--p"', []));
});

describe('calls', () => {
  test.each([
    ['mremap(0, 1, 1, <|MREMAP_MAYMOV|>)', 'unknown-flag', /MREMAP_MAYMOVE/],
    ['mremap(0, 1, 1, maymove|<|fixd|>, 0)', 'unknown-flag', /`fixed`/],
    ['mremap(0, 1, 1, <|MAP_FIXED|>)', 'wrong-flag', /MREMAP_FIXED/],
    ['mmap(0, 1, <|MAP_PRIVATE|>, anon)', 'wrong-flag'],
    ['mmap(0, 1, rw, <|rw|>|anon)', 'wrong-flag'],
    ['munmap(0<|)|>', 'missing-argument', /munmap\(addr, length\)/],
    ['munmap(0, 1, <|2|>)', 'extra-argument', /munmap\(addr, length\)/],
    ['mmap(0, 1, rw, private<|)|>', 'fd-missing', /anon/],
    ['f = MAP_PRIVATE\n<|mmap(0, 1, rw, f)|>', 'fd-missing', /anon/],
    ['mremap(0, 1, 1, maymove|fixed<|)|>', 'missing-argument'],
    ['f = MREMAP_FIXED\n<|mremap(0, 1, 1, f)|>', 'missing-argument'],
    ['x = vmas(<|3|>)', 'range-expected'],
    ['x = vmas(<|1G, 2G|>)', 'range-expected', /`1G\.\.2G`.*`1G\.\.\+2G`/],
    ['x = vmas(1G..2G, <|3|>)', 'extra-argument'],
    ['x = vma(<|1..2|>)', 'unexpected-range'],
    ['munmap(<|1..2|>, 1)', 'unexpected-range'],
  ])('%s', (text, code, hint?: RegExp) => expectDiagnostic(text, { code, ...(hint && { hint }) }));
});

describe('kernels', () => {
  test.each([
    ['kernel <|6.99|>', 'unknown-release'],
    ['kernel <|6.20|>', 'unknown-release', /6\.19/],
    ['kernel <|6.1x|>', 'unknown-release', /`6\.1/],
    ['kernel <|linux|>', 'unknown-release'],
    ['kernel <|host|>', 'later-host'],
    ['kernel 6.12 with <|relign|>=none', 'unknown-behaviour', /`realign`/],
    ['kernel 6.12 with realign=<|nonee|>', 'unknown-behaviour-value', /`none`/],
    ['kernel 6.12 without <|nothing|>', 'unknown-behaviour'],
    ['kernel 6.12 <|+|> realign=none', 'unexpected-token'],
  ])('%s', (text, code, hint?: RegExp) => expectDiagnostic(text, { code, ...(hint && { hint }) }));

  test('the release may be a point release', () => expectDiagnostics('kernel 6.12.117', []));

  test('each wrong part is told', () => expectDiagnostics('kernel <|6.99|> with <|a|>=b + <|c|>', ['unknown-release', 'unknown-behaviour', 'unknown-behaviour']));
});

describe('settings', () => {
  test.each([
    ['set <|rlimit.memlok|> = 3', 'unknown-setting', /`rlimit\.memlock`/],
    ['set <|nothing|> = 3', 'unknown-setting', /rlimit\.as, /],
    ['set thp = <|sometimes_not|>', 'unknown-setting-value'],
    ['set rlimit.memlock <|3|>', 'expected-token'],
    ['set rlimit.memlock = <|-1|>', 'out-of-range'],
    ['set sysctl.max_map_count = <|unlimited|>', 'unknown-name'],
    ['set capability.ipc_lock = <|1|>', 'wrong-type'],
  ])('%s', (text, code, hint?: RegExp) => expectDiagnostic(text, { code, ...(hint && { hint }) }));
});

describe('views', () => {
  test.each([
    ['show <|movs|>', 'unknown-view', /`moves`/],
    ['show <|everything|>', 'unknown-view', /moves, maps, steps, tables, cost, diff and rmap/],
    ['show moves <|3|>', 'wrong-type'],
    ['x = 3\nshow maps <|x|>', 'wrong-type'],
    ['show tables <|"a"|>', 'wrong-type'],
    ['show <|moves|>', 'nothing-to-show'],
    ['show <|steps|>', 'nothing-to-show'],
  ])('%s', (text, code, hint?: RegExp) => expectDiagnostic(text, { code, ...(hint && { hint }) }));
});

describe('what comes later is known by name', () => {
  test.each([...LATER_SYSCALLS])('%s', (name) => expectDiagnostic(`<|${name}|>(1G, 4096, PROT_READ)`, { code: 'later-call' }));
  test.each([...LATER_SYSCALLS])('%s with a result', (name) => expectDiagnostic(`<|${name}|>() = 0`, { code: 'later-call' }));
  test('a view of an address needs one', () => expectDiagnostic('show <|rmap|>', { code: 'view-of-what' }));
});

describe('three mistakes', () => {
  test('give three diagnostics', () =>
    expectDiagnostics('x = mremap(a, 4096, 8192, <|MREMAP_MAYMOV|>)\nlet a = 1G\nmemset<|(|>a, 1, 4096\nexpect peek(a) <|=|> 1'.replace('mremap(a', 'mremap(0'), [
      'unknown-flag',
      'unclosed-bracket',
      'stray-equals',
    ]));

  test('a name that a broken statement binds is no second mistake', () =>
    expectDiagnostics('m = mremap<|(|>1G, 4096, 8192\nexpect m.moved.pte == 0\nlet a = 1, b = <|@|>\nprint b', ['unclosed-bracket', 'unexpected-character']));
});
