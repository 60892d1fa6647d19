/** The console and attach, as a user has them: on a terminal, and in a pipe. */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { sessions } from '../../session/index.js';
import { guest, host, LONG, ownRuntimeDirectory, place, run } from '../session/kit.js';
import { MAIN, type Ran } from './kit.js';
import { hasTerminal, Terminal } from './terminal-kit.js';

ownRuntimeDirectory();
beforeEach(() => void vi.stubEnv('XDG_STATE_HOME', join(place.runtime, 'state')));

async function piped(args: readonly string[], input: string): Promise<Ran> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { status, stdout, stderr };
}

describe('a console in a pipe', () => {
  it('runs what comes, cell by cell, the last without a line end too, and leaves nothing behind', async () => {
    const { status, stdout, stderr } = await piped(['console'], 'let x = 6\n\nfor i in 0..2 {\n  print i\n\n}\nx * 7');
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '0\n1\n42\n', stderr: '' });
    expect(readdirSync(place.sockets)).toEqual([]);
    expect(readdirSync(place.runtime)).toEqual(['mremap-lab']);
  });

  it('goes on after a cell that fails, and its status says so', async () => {
    const { status, stdout, stderr } = await piped(['console'], 'let x = 6\nexpect x == 7\nprint "on"\n');
    expect(stdout).toBe('on\n');
    expect(stderr).toBe('error[expect-failed]: the expectation does not hold\n   1 | expect x == 7\n     |        ^^^^^^\n       x = 6\n');
    expect(status).toBe(1);
  });

  it.each(['%quit', 'exit', ' quit '])('ends at %j', async (word) => {
    expect(await piped(['console'], `print 1\n${word}\nprint 2\n`)).toEqual({ status: 0, stdout: '1\n', stderr: '' });
  });

  it('ends a cell of another language at an empty line', async () => {
    const { status, stdout } = await piped(
      ['console'],
      '%%strace\nmmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7ffb000\nmunmap(0x7ffff7ffb000, 4096) = 0\n\nprint "after"\n',
    );
    expect(stdout).toMatch(/2 replayed[^]*\nafter\n$/);
    expect(status).toBe(0);
  });

  it('shows the pages of magics, what %load reads, and says what a terminal cannot do', async () => {
    writeFileSync(join(place.runtime, 'a.mremap'), 'print "loaded"\n');
    const { stdout, stderr } = await piped(['console'], `%help mremap\n%load ${join(place.runtime, 'a.mremap')}\n%attach elsewhere\n`);
    expect(stdout).toMatch(/mremap\([^]*print "loaded"/);
    expect(stderr).toMatch(/^NotHere: a guest cannot move the session it is in\n {2}help: .*mremap-lab attach NAME\n$/);
  });

  it('takes a model and a name, or says what is wrong with them', async () => {
    expect((await piped(['console', '--kernel', '6.1', '--name', 'mine'], 'kernel 6.12\n%sessions\n')).stdout).toMatch(/^\* mine +console/m);
    expect(await piped(['console', '--kernel', '9.9'], '')).toMatchObject({ status: 2, stderr: expect.stringContaining('"9.9" names no kernel model') as string });
    expect(await piped(['console', '--name', '../x'], '')).toMatchObject({ status: 2, stderr: expect.stringContaining('"../x" cannot name a session') as string });
  });

  it('says why it cannot open a session', async () => {
    mkdirSync(place.sockets, { mode: 0o755 });
    const { status, stderr } = await piped(['console'], 'print 1\n');
    expect(stderr).toContain(`run: chmod 700 ${place.sockets}`);
    expect(status).toBe(2);
  });
});

describe('attach', () => {
  it('drives the machine of the session', async () => {
    const session = await host('lab');
    const other = await guest(session);
    await run(other, 'let x = 41');
    expect(await piped(['attach'], 'x = x + 1\nx\n')).toEqual({ status: 0, stdout: '42\n', stderr: '' });
    expect((await run(other, 'print x')).stdout).toBe('42\n');
  });

  it('lists sessions, and says which might be meant', async () => {
    expect(await piped(['attach', '--list'], '')).toEqual({ status: 0, stdout: 'no session is running\n', stderr: '' });
    expect(await piped(['attach'], '')).toMatchObject({ status: 2, stderr: expect.stringContaining('no session is running') as string });
    await Promise.all([host('alpha'), host('beta')]);
    expect((await piped(['attach', '--list'], '')).stdout).toMatch(/^session +of +process.*\nalpha +console +\d+ .*none\nbeta +console/);
    expect(await piped(['attach'], '')).toMatchObject({ status: 2, stderr: expect.stringContaining('several sessions are running: alpha, beta') as string });
    expect(await piped(['attach', 'alpa'], '')).toMatchObject({ status: 2, stderr: expect.stringContaining('did you mean alpha?') as string });
  });
});

describe.skipIf(!hasTerminal)('on a terminal', () => {
  it('has a prompt, completion, cells of several lines, and a history that outlives it', async () => {
    const first = new Terminal(['console']);
    await first.see('mremap> ');
    first.type('let page_of_mine = 7\r');
    await first.see('mremap> ');
    first.type('print page_of');
    await first.see('page_of');
    first.type('\t');
    await first.see('_mine');
    first.type('\r');
    await first.see('\n7\nmremap> ');
    first.type('for i in 0..2 {\r');
    await first.see('   ...> ');
    first.type('print i + 10\r');
    await first.see('   ...> ');
    first.type('}\r');
    await first.see('\n10\n11\nmremap> ');
    first.type('\x04');
    expect(await first.exited).toBe(0);

    const file = join(place.runtime, 'state', 'mremap-lab', 'history');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8').split('\n').slice(0, 2)).toEqual(['let page_of_mine = 7', 'print page_of_mine']);
    writeFileSync(file, '6 * 7\n', { flag: 'a' });
    const second = new Terminal(['console']);
    await second.see('mremap> ');
    second.type('\x1b[A');
    await second.see('6 * 7');
    second.type('\r');
    await second.see('42');
    second.type('quit\r');
    expect(await second.exited).toBe(0);
  });

  it('Ctrl-C gives up the line or the cell being written, and interrupts what runs', async () => {
    const terminal = new Terminal(['console']);
    await terminal.see('mremap> ');
    terminal.type('print "gone"');
    await terminal.see('gone');
    terminal.type('\x03');
    await terminal.see('^C\nmremap> ');
    terminal.type('for i in 0..2 {\r');
    await terminal.see('   ...> ');
    terminal.type('\x03');
    await terminal.see('^C\nmremap> ');
    for (const line of LONG.split('\n')) terminal.type(`${line}\r`);
    await terminal.see('begun');
    await terminal.see('}');
    setTimeout(() => terminal.type('\x03'), 300);
    await terminal.see('Interrupted: the cell was interrupted');
    await terminal.see('mremap> ');
    terminal.type('print "on"\r');
    await terminal.see('\non\nmremap> ');
    terminal.type('\x04');
    expect(await terminal.exited).toBe(0);
  });

  it('shows what others run above the line being written, and the end of the session', async () => {
    const session = await host('shared');
    const terminal = new Terminal(['attach', 'shared']);
    await terminal.see(/joined the session "shared" \(process \d+, .*\), together with console/);
    await terminal.see('mremap> ');
    terminal.type('print half');
    await terminal.see('half');
    const other = await guest(session);
    await run(other, 'let half = 21');
    await terminal.see('[terminal 2] let half = 21\nmremap> print half');
    terminal.type(' * 2\r');
    await terminal.see('\n42\nmremap> ');
    session.process.stdin?.end();
    await terminal.see('the session "shared" has ended');
    expect(await terminal.exited).toBe(1);
  });

  it('a console that is killed takes its session with it', async () => {
    const terminal = new Terminal(['console']);
    await terminal.see('mremap> ');
    const [found] = await sessions();
    const main = Number(found?.info?.pid);
    const { ppid } = Object.fromEntries(
      readFileSync(`/proc/${main}/status`, 'utf8')
        .split('\n')
        .map((line) => line.toLowerCase().split(/:\s*/)),
    ) as { ppid: string };
    process.kill(Number(ppid), 'SIGKILL');
    await vi.waitFor(() => expect(readdirSync(place.sockets)).toEqual([]), 5000);
  });
});
