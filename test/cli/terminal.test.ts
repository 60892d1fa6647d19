import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatDiagnostic } from '../../dsl/messages/diagnostics.js';
import { paintDiagnostic, palette } from '../../cli/terminal.js';

const stream = (isTTY: boolean): NodeJS.WriteStream => ({ isTTY }) as NodeJS.WriteStream;

describe('colour', () => {
  afterEach(() => void vi.unstubAllEnvs());

  it.each([
    { tty: true, env: {}, colour: true },
    { tty: false, env: {}, colour: false },
    { tty: true, env: { NO_COLOR: '1' }, colour: false },
    { tty: true, env: { NO_COLOR: '' }, colour: true },
    { tty: true, env: { TERM: 'dumb' }, colour: false },
  ])('is $colour on a terminal: $tty with $env', ({ tty, env, colour }) => {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('TERM', 'xterm');
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    expect(palette(stream(tty)).red('x')).toBe(colour ? '\x1b[31mx\x1b[39m' : 'x');
  });

  it('marks the place, the kind and the carets of a diagnostic', () => {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('TERM', 'xterm');
    const diagnostic = { code: 'c', severity: 'error', message: 'm', span: { start: 2, end: 4 }, line: 1, column: 3, phase: 'check' } as const;
    const painted = paintDiagnostic(palette(stream(true)), formatDiagnostic('n.ipynb:cell 2', 'a bc', diagnostic));
    expect(painted).toBe('\x1b[1mn.ipynb:cell 2:1:3:\x1b[22m\x1b[31m error[c]\x1b[39m: m\n  a bc\n    \x1b[31m^^\x1b[39m');
  });
});
