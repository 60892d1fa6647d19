/** A disk that is full, at every byte and for every command that writes: the old content or the new, and a message. */
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeNotebook } from '../../notebook/write.js';
import { code, notebook } from '../notebook/kit.js';
import { canLimit, canMount, Disk, filesIn, MAIN, run, temporary, WRITER, type Ended } from './kit.js';

const UGLY = Array.from({ length: 700 }, (_, i) => `mmap(1G+${i}*4K,4K,rw,anon|private|fixed)\n`).join('');
const MOVES = 'p = mmap(NULL, 4M, rw, anon|private)\ntouch(p, 4M)\nmremap(p, 4M, 4M, maymove|fixed, 8G)\nshow moves\n';
const LOG =
  'mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f0000000000\nmremap(0x7f0000000000, 8192, 8192, MREMAP_MAYMOVE|MREMAP_FIXED, 0x7e0000000000) = 0x7e0000000000\n';
const TABLE = '{"machine":"m","arch":"x86-64","cases":[{"name":"a","ns":1000,"scenario":"p = mmap(NULL, 4M, rw, anon|private)\\ntouch(p, 4M)\\nmremap(p, 4M, 8M, maymove)"}]}';
const BOOK = (source: string): string => writeNotebook(notebook(code(source)));

interface Command {
  readonly files: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  readonly input?: string;
  readonly env?: (dir: string) => Record<string, string>;
  /** That it writes nothing when it cannot is all there is to it: it says so to nobody. */
  readonly silent?: boolean;
}

/** Every command that writes over a file, with what it reads. */
const COMMANDS: Readonly<Record<string, Command>> = {
  'fmt of a program': { files: { 'a.mremap': UGLY }, args: ['fmt', 'a.mremap'] },
  'fmt of a notebook': { files: { 'a.ipynb': BOOK(UGLY) }, args: ['fmt', 'a.ipynb'] },
  'run --out of a program': { files: { 'a.mremap': MOVES, 'out/a-1.svg': 'old' }, args: ['run', 'a.mremap', '--out', 'out'] },
  'run --out of a log': { files: { 'a.strace': LOG, 'out/a-1.svg': 'old' }, args: ['run', 'a.strace', '--out', 'out'] },
  'run --out of a notebook': { files: { 'a.ipynb': BOOK(MOVES), 'out/a.html': 'old', 'out/a.ipynb': 'old', 'out/a-1.svg': 'old' }, args: ['run', 'a.ipynb', '--out', 'out'] },
  'calibrate --out': { files: { 't.json': TABLE, 'costs.json': 'old' }, args: ['calibrate', 't.json', '--out', 'costs.json'] },
  '%export': { files: { 'session.mremap': 'old' }, args: ['console'], input: 'let a = 1\n%export session.mremap\n' },
  'kernel install': { files: { 'share/jupyter/kernels/mremap/kernel.json': '{"language":"mremap"}' }, args: ['kernel', 'install', '--prefix', '.'] },
  "the console's history": {
    files: { 'state/mremap-lab/history': Array.from({ length: 2100 }, (_, i) => `print ${i}\n`).join('') },
    args: ['-e', 'const { HistoryFile } = await import(process.argv[1]); new HistoryFile().read(); await new Promise((r) => setTimeout(r, 300));'],
    env: (dir) => ({ XDG_STATE_HOME: join(dir, 'state') }),
    silent: true,
  },
};

const PAGES = 200;

describe.skipIf(!canMount)('on a full disk', () => {
  test.each(Object.entries(COMMANDS))('%s leaves each file as it was or as it should be', async (_, { files, args, input, env, silent = false }) => {
    const attempt = async (left: number | undefined): Promise<{ ended: Ended; after: Map<string, string> }> => {
      const disk = new Disk(PAGES);
      try {
        for (const [name, content] of Object.entries(files)) {
          mkdirSync(join(disk.dir, name, '..'), { recursive: true });
          writeFileSync(disk.path(name), content);
        }
        if (left !== undefined) disk.fill(left);
        const program = args[0] === '-e' ? ['--input-type=module', '-e', args[1] ?? '', new URL('../../dist/cli/repl/history-file.js', import.meta.url).href] : [MAIN, ...args];
        const ended = await run(program, { cwd: disk.dir, input, env: env?.(disk.dir) });
        return { ended, after: disk.files() };
      } finally {
        disk.remove();
      }
    };
    const whole = await attempt(undefined);
    expect(whole.ended.text).not.toMatch(/this is a bug|\n +at /);
    const changed = [...whole.after].filter(([name, content]) => files[name] !== content);
    expect(changed).not.toEqual([]);
    const needed = changed.reduce((pages, [, content]) => pages + Math.ceil(content.length / 4096) + 1, 0);
    let kept = 0;
    for (let left = 0; left <= Math.min(needed, 30); left = left < 6 ? left + 1 : left + 3) {
      const { ended, after } = await attempt(left);
      for (const [name, content] of changed) {
        const now = after.get(name);
        expect(now === files[name] || sameFile(now, content), `${name} with ${left} pages left: ${now?.length} characters`).toBe(true);
        if (now !== undefined && now === files[name]) kept++;
      }
      for (const name of after.keys()) expect(name, `with ${left} pages left`).not.toMatch(/\.tmp$/);
      if (changed.some(([name]) => after.get(name) === files[name]) && !silent) {
        expect(ended.status).not.toBe(0);
        expect(ended.text).toContain('no space is left on the disk (ENOSPC)');
      }
      expect(ended.text).not.toMatch(/this is a bug|\n +at /);
    }
    expect(kept).toBeGreaterThan(0);
  });
});

/** What is new is the same but for what each run makes anew. */
function sameFile(now: string | undefined, content: string): boolean {
  return now !== undefined && (now === content || now.replaceAll(/mremap-lab-disk-\w+/g, 'D') === content.replaceAll(/mremap-lab-disk-\w+/g, 'D'));
}

describe.skipIf(!canLimit)('where a file may have so many bytes and no more', () => {
  const dir = temporary();
  const writer = spawn(process.execPath, [WRITER], { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
  const limit = (bytes: number | 'unlimited'): void => void spawnSync('prlimit', ['--pid', String(writer.pid), `--fsize=${bytes}:unlimited`]);
  const write = async (path: string, content: string): Promise<string> => {
    writer.stdin.write(`${JSON.stringify({ path, content })}\n`);
    return String((await answers.next()).value);
  };
  beforeAll(() => limit('unlimited'));
  afterAll(() => {
    writer.kill();
    rmSync(dir, { recursive: true, force: true });
  });

  test.each([1, 97, 300])('a content of %i bytes is there from its last byte on, and before that the old one', async (size) => {
    const path = join(dir, `file-${size}`);
    const fresh = 'n'.repeat(size);
    for (let bytes = 0; bytes <= size + 1; bytes++) {
      limit('unlimited');
      writeFileSync(path, 'old');
      limit(bytes);
      const said = await write(path, fresh);
      expect([bytes, said, readFileSync(path, 'utf8')]).toEqual(bytes < size ? [bytes, 'EFBIG', 'old'] : [bytes, 'ok', fresh]);
      expect([...filesIn(dir).keys()].filter((name) => name.endsWith('.tmp'))).toEqual([]);
    }
  });
});

describe('what belongs to a file stays with it', () => {
  const dir = temporary();
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const path = (name: string): string => join(dir, name);
  const format = async (name: string): Promise<Ended> => run([MAIN, 'fmt', name], { cwd: dir });

  test.each([0o600, 0o640, 0o755, 0o4755])('its mode %i', async (mode) => {
    writeFileSync(path('mode.mremap'), 'print  1\n');
    chmodSync(path('mode.mremap'), mode);
    await format('mode.mremap');
    expect(readFileSync(path('mode.mremap'), 'utf8')).toBe('print 1\n');
    expect(statSync(path('mode.mremap')).mode & 0o7777).toBe(mode);
  });

  test.skipIf(process.getuid?.() !== 0)('its owner', async () => {
    writeFileSync(path('owner.mremap'), 'print  1\n');
    chownSync(path('owner.mremap'), 1234, 4321);
    await format('owner.mremap');
    expect(statSync(path('owner.mremap'))).toMatchObject({ uid: 1234, gid: 4321 });
  });

  test('the link that leads to it, and the link to that', async () => {
    mkdirSync(path('sub'));
    writeFileSync(path('sub/real.mremap'), 'print  1\n');
    symlinkSync('sub/real.mremap', path('middle.mremap'));
    symlinkSync('middle.mremap', path('link.mremap'));
    await format('link.mremap');
    expect(lstatSync(path('link.mremap')).isSymbolicLink() && lstatSync(path('middle.mremap')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path('sub/real.mremap'), 'utf8')).toBe('print 1\n');
  });

  test('a link to nothing is filled in where it leads', async () => {
    symlinkSync('later.json', path('costs.json'));
    writeFileSync(path('t.json'), TABLE);
    expect((await run([MAIN, 'calibrate', 't.json', '--out', 'costs.json'], { cwd: dir })).status).toBe(0);
    expect(lstatSync(path('costs.json')).isSymbolicLink()).toBe(true);
    expect(readFileSync(path('later.json'), 'utf8')).toContain('costs');
  });

  test('what is no file is written to as it is', async () => {
    writeFileSync(path('t.json'), TABLE);
    const { text } = await run([MAIN, 'calibrate', 't.json', '--out', '/dev/stdout', '--json'], { cwd: dir, before: ['sh', '-c', '"$@" | cat', 'sh'] });
    expect(text.match(/"machine": "m"/g)).toHaveLength(2);
  });

  test('what a killed process left behind goes with the next', async () => {
    const { pid } = spawnSync('true');
    writeFileSync(path(`.mode.mremap.${pid}-0123456789ab.tmp`), 'part');
    writeFileSync(path(`.mode.mremap.${process.pid}-0123456789ab.tmp`), 'part of one that lives');
    writeFileSync(path('mode.mremap'), 'print  1\n');
    await format('mode.mremap');
    expect([...filesIn(dir).keys()].filter((name) => name.endsWith('.tmp'))).toEqual([`.mode.mremap.${process.pid}-0123456789ab.tmp`]);
  });
});
