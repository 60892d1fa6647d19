/** Escapes of strangers do not reach a terminal: from outputs of cells, from logs, from names of files, from others in a session. */
import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { harmless } from '../../cli/harmless.js';
import { Screen } from '../../cli/repl/screen.js';
import { Place } from '../cli/kit.js';
import { code } from '../notebook/kit.js';

const ESCAPES = [
  '\x1b[2J',
  '\x1b[H',
  '\x1b]0;title\x07',
  '\x1b]52;c;cm0gLXJm\x1b\\',
  '\x1bP+q\x1b\\',
  '\x1bc',
  '\x9b2J',
  '\x1b[6n',
  '\b\b\b',
  '\r',
  '\x07',
  '\x1b',
  '\x90x\x9c',
  '\x1b[?1049h',
  '\x1b(0',
  '\x7f',
  '\x1b]8;;http://x\x07a\x1b]8;;\x07',
];
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const OBEYED = /[\0-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[[0-9;]*m)/;

describe('a text', () => {
  test.each(ESCAPES)('without %j', (escape) => {
    expect(harmless(`a${escape}b`)).toMatch(/^a{1,2}b?$/);
    expect(harmless(`a${escape}b`, false)).toMatch(/^a{1,2}b?$/);
  });
  test('keeps its colours where there are any', () => {
    expect(harmless('\x1b[1;31mred\x1b[0m\tx\r\ny\n')).toBe('\x1b[1;31mred\x1b[0m\tx\ny\n');
    expect(harmless('\x1b[1;31mred\x1b[0m', false)).toBe('red');
  });
  test('whatever the pieces, nothing is left that a terminal obeys', () => {
    const piece = fc.constantFrom(...ESCAPES, 'a', '[', ']', ';', '0', 'm', '\\', '\x1b', '\x1b[', '\x1b[31m', ' ', '?', 'P', '\x9d');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => !OBEYED.test(harmless(pieces.join('')))),
      { numRuns: 5000 },
    );
  });
});

describe('to a terminal', () => {
  const evil = ESCAPES.join('x');
  test('from what others say in a session', () => {
    let shown = '';
    const screen = new Screen({ out: (text) => (shown += text), err: (text) => (shown += text), colour: true, tty: false });
    screen.show('stream', { name: 'stdout', text: evil });
    screen.show('display_data', { data: { 'text/plain': evil } });
    screen.show('execute_result', { data: { 'text/plain': `${evil}\n${evil}` } });
    screen.show('error', { ename: evil, evalue: evil, traceback: [evil] });
    screen.pages({ payload: [{ data: { 'text/plain': evil } }] });
    expect(shown).toContain('x');
    expect(shown).not.toMatch(OBEYED);
  });

  test('from notebooks, programs, logs and names of files', async () => {
    const place = new Place();
    const files = [
      place.notebook('a.ipynb', code(`%%ts\nconsole.log(${JSON.stringify(evil)}); console.error(${JSON.stringify(evil)}); throw new Error(${JSON.stringify(evil)})`)),
      place.write('b.mremap', `print "${evil.replace(/[\r\n]/g, '')}"\nexpect 1 == 2 # ${evil.replace(/[\r\n]/g, '')}\n`),
      place.write('c.strace', `mremap(${evil.replace(/[\r\n]/g, '')}\n`),
    ];
    const { stdout, stderr } = await place.run(['run', ...files, 'nosuch\x1b]0;x\x07.mremap']);
    expect(stdout).toMatch(/x/);
    expect(stdout + stderr).not.toMatch(OBEYED);
  });
});
