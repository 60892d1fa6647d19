/** A process that is killed at any system call of its writing, or told by the kernel that one failed: the old content or the new. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, test } from 'vitest';
import { canTrace, filesIn, temporary, WRITER } from './kit.js';

const OLD = 'the old content\n'.repeat(600);
const NEW = 'the new content\n'.repeat(700);
const CALLS =
  'openat,open,write,pwrite64,writev,pwritev,fsync,fdatasync,fchown,fchmod,rename,renameat,renameat2,close,statx,unlink,access,faccessat,readlink,getdents64,lseek,ftruncate';

interface Call {
  readonly name: string;
  /** From 1, among those of this name: what strace's `when` counts. */
  readonly nth: number;
}

describe.skipIf(!canTrace)('while a file is written', () => {
  const dir = temporary();
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'tour.mremap');
  const leftovers = (): string[] => [...filesIn(dir).keys()].filter((name) => name.endsWith('.tmp'));

  /** Writes the file in a process whose system calls strace looks after. @returns what it said, or how it ended */
  const written = async (...options: string[]): Promise<string> => {
    for (const name of leftovers()) rmSync(join(dir, name));
    writeFileSync(file, OLD);
    // One thread for files, so that their calls come in one order; it is there before strace is.
    const writer = spawn(process.execPath, [WRITER], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, UV_THREADPOOL_SIZE: '1' } });
    const answers = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
    const ask = (path: string, content: string): void => void writer.stdin.write(`${JSON.stringify({ path, content })}\n`);
    ask(join(dir, 'warm'), 'up');
    await answers.next();
    const strace = spawn('strace', ['-f', '-p', String(writer.pid), '-o', join(dir, 'trace'), '-e', `trace=${CALLS}`, ...options], { stdio: ['ignore', 'ignore', 'pipe'] });
    await attached(strace);
    ask(file, NEW);
    const ended = once(writer, 'exit').then(([status, signal]) => String(signal ?? status));
    const said = await Promise.race([answers.next().then(({ value }) => (value === undefined ? ended : String(value))), ended]);
    writer.kill('SIGKILL');
    await Promise.all([ended, strace.exitCode ?? once(strace, 'exit')]);
    return said;
  };

  const calls = async (): Promise<Call[]> => {
    expect(await written()).toBe('ok');
    const counts = new Map<string, number>();
    const found: Call[] = [];
    for (const line of readFileSync(join(dir, 'trace'), 'utf8').split('\n')) {
      const [, name = ''] = /^\d+ +(\w+)\((?!1, "ok)/.exec(line) ?? [];
      if (name === '') continue;
      const nth = (counts.get(name) ?? 0) + 1;
      counts.set(name, nth);
      found.push({ name, nth });
    }
    // On the disk before it is in its place, and then the place itself.
    expect(found.map(({ name }) => name).filter((name) => /fsync|rename/.test(name))).toEqual(['fsync', 'rename', 'fsync']);
    expect(found.length).toBeGreaterThan(12);
    return found;
  };

  test('a kill at each of its system calls leaves the old content or the new', async () => {
    const seen = { killed: 0, old: 0, new: 0, leftovers: 0 };
    for (const { name, nth } of await calls()) {
      if ((await written('-e', `inject=${name}:signal=SIGKILL:when=${nth}`)) === 'SIGKILL') seen.killed++;
      const now = readFileSync(file, 'utf8');
      expect([OLD, NEW].includes(now), `killed at ${name} ${nth}: ${now.length} characters`).toBe(true);
      seen[now === OLD ? 'old' : 'new']++;
      if (leftovers().length > 0) seen.leftovers++;
    }
    expect(seen.killed).toBeGreaterThan(10);
    expect(seen.old).toBeGreaterThan(3);
    expect(seen.new).toBeGreaterThan(0);
    expect(seen.leftovers).toBeGreaterThan(2);
  });

  test.each(['ENOSPC', 'EIO', 'EDQUOT', 'EROFS'])('%s at each of its system calls leaves the old content or the new, and is told', async (code) => {
    for (const { name, nth } of await calls()) {
      // Whether it can be closed decides nothing.
      if (name === 'close') continue;
      const said = await written('-e', `inject=${name}:error=${code}:when=${nth}`);
      const now = readFileSync(file, 'utf8');
      expect([OLD, NEW].includes(now), `${code} at ${name} ${nth}`).toBe(true);
      if (said === 'ok') expect(now === NEW, `${code} at ${name} ${nth}: ok`).toBe(true);
      // Where its threads cannot wake each other, Node aborts: nobody is left who could clean up.
      if (said !== 'SIGABRT') expect(leftovers(), `${code} at ${name} ${nth}: ${said}`).toEqual([]);
    }
  });
});

/** Resolves when strace has every thread. */
async function attached(strace: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: strace.stderr as NodeJS.ReadableStream })) if (line.includes('attached')) break;
  strace.stderr?.resume();
}
