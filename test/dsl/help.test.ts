import { describe, expect, test } from 'vitest';
import { CALLABLES } from '../../dsl/vocabulary/calls.js';
import { CONSTANTS, ERRNO_NAMES, FLAGS } from '../../dsl/vocabulary/constants.js';
import { FLAG_HELP } from '../../dsl/services/flag-help.js';
import { helpFor } from '../../dsl/services/help.js';
import { KEYWORD_TOKENS } from '../../dsl/syntax/tokens.js';
import { machines, marked, newSession, run } from '../kit.js';

const hovered = (source: string, session = newSession()) => {
  const { text, cursor } = marked(source);
  return session.hover(text, cursor ?? 0);
};

describe('hover', () => {
  test.each([
    ['mre<|>map(1G, 4K, 8K, maymove)', /^mremap\(old_address, old_size, new_size, flags\[, new_address\]\)\n\n.*\(system call\)[^]*EFAULT/],
    ['mremap(1G, 4K, 8K, MREMAP_MAY<|>MOVE)', /^MREMAP_MAYMOVE = 0x1\n\n/],
    ['mremap(1G, 4K, 8K, may<|>move)', /^MREMAP_MAYMOVE = 0x1/],
    ['mremap(1G, 4K, 8K, maymove|fix<|>ed, 2G)', /^MREMAP_FIXED = 0x2/],
    ['mmap(1G, 4K, rw, anon|private|fix<|>ed)', /^MAP_FIXED = 0x10/],
    ['munmap(1, 4096) = -1 EIN<|>VAL', /^EINVAL \(22\): Invalid argument\n\nOf mremap/],
    ['kernel 6.12 with rea<|>lign=none', /^realign: .*Values: none/s],
    ['kernel 6.<|>12', /^6\.12: recorded as/],
    ['set rlimit.mem<|>lock = 4K', /^set rlimit\.memlock: bytes that may be locked/],
    ['set rli<|>mit.memlock = 4K', /^set rlimit\.memlock/],
    ['show mo<|>ves', /^show moves: /],
    ['expect rs<|>s == 0', /^rss: bytes/],
    ['swe<|>ep a in [1] { yield a }', /^sweep NAME/],
  ])('%s', (source, text) => expect(hovered(source)?.text).toMatch(text));

  test.each(['print "x" <|>+ 1', 'nowh<|>ere', ''])('%j says nothing', (source) => expect(hovered(source)).toBeUndefined());

  test('of a bound name is its value', async () => {
    const session = newSession();
    await run('a = mmap(1G, 4K, rw, anon|private|fixed)\ndef f(x) { return x }', 'cell', session);
    expect(hovered('print a<|>', session)).toEqual({
      start: 6,
      end: 7,
      text: 'a = mmap(0x40000000, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS, -1, 0) = 0x40000000',
    });
    expect(hovered('f<|>(1)', session)?.text).toBe('f = f(x)');
  });

  test.each([...CALLABLES.keys(), ...CONSTANTS.keys(), ...ERRNO_NAMES, ...machines.behaviours.map((b) => b.name)])('there is help for %s', (word) => {
    expect(helpFor(word, machines)).toMatch(/\S/);
  });
  test.each(KEYWORD_TOKENS.map((t) => t.PATTERN as string).filter((w) => !['with', 'without', 'and', 'or', 'not'].includes(w)))('there is help for %s', (word) => {
    expect(helpFor(word, machines)).toMatch(/\S/);
  });
  test('constants that are explained exist', () => {
    for (const name of Object.keys(FLAG_HELP)) expect(CONSTANTS.has(name)).toBe(true);
    for (const name of FLAGS['mremap-flags'].constants.keys()) expect(FLAG_HELP[name]).toBeDefined();
    for (const name of FLAGS['map-flags'].constants.keys()) expect(FLAG_HELP[name]).toBeDefined();
    for (const name of FLAGS.advice.constants.keys()) expect(FLAG_HELP[name]).toBeDefined();
  });
});

describe('signature help', () => {
  const at = (source: string) => {
    const { text, cursor } = marked(source);
    return newSession().signature(text, cursor ?? text.length);
  };
  test.each([
    ['munmap(<|>', 'munmap(addr, length)', 0],
    ['munmap(1G, <|>', 'munmap(addr, length)', 1],
    ['x = mremap(1G, vma(<|>', 'vma(p)', 0],
    ['mremap(1G, vma(2G).size, <|>', 'mremap(old_address, old_size, new_size, flags[, new_address])', 2],
    ['for i in 0..3 {\n  munmap(i, (1 + <|>', 'munmap(addr, length)', 1],
  ])('%j', (source, label, active) => expect(at(source)).toMatchObject({ label, active }));
  test('outside of brackets there is none', () => expect(at('munmap(1G, 4K) <|>')).toBeUndefined());
});

describe('document symbols', () => {
  test('are what a text binds', () => {
    const symbols = newSession().symbols(
      'kernel 6.12\nlet a = 1, b = 2\ndef f(x) {\n  y = x\n  return y\n}\nfor i in 0..3 { c = i }\nt = sweep n in [1] { z = n\n yield z }\nprint a',
    );
    expect(symbols.map((s) => [s.kind, s.name, s.children.map((c) => c.name)])).toEqual([
      ['kernel', '6.12', []],
      ['name', 'a', []],
      ['name', 'b', []],
      ['function', 'f(x)', ['y']],
      ['name', 'c', []],
      ['block', 't', ['z']],
    ]);
  });
  test('of a text with mistakes are those of what could be read', () =>
    expect(
      newSession()
        .symbols('a = 1\nb = )\nc = 3')
        .map((s) => s.name),
    ).toEqual(['a', 'c']));
});

describe('completion in blocks', () => {
  test('sees the names of the blocks around, and none of those that ended', () => {
    const list = (source: string): string[] => {
      const { text, cursor } = marked(source);
      return newSession()
        .complete(text, cursor ?? text.length)
        .items.map((i) => i.text);
    };
    expect(list('def f(first) {\n  let firstly = 1\n  print fir<|>')).toEqual(['first', 'firstly']);
    expect(list('for inner in 0..3 {\n  print 1\n}\nprint inn<|>')).toEqual([]);
    expect(list('for inner in 0..3 {\n  print inn<|>\n}')).toEqual(['inner']);
  });
});
