import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeSessionDir, refuseIfOpen, sessionDir } from '../../session/directory.js';
import { SetupError } from '../../machine/index.js';

let dir = '';
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'mremap-dir-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test.each([
  { env: { XDG_RUNTIME_DIR: '/proc/self/cmdline' }, tmp: '/tmp', expected: '/tmp/mremap-lab-7' },
  { env: {}, tmp: '/tmp', expected: '/tmp/mremap-lab-7' },
  { env: { XDG_RUNTIME_DIR: '' }, tmp: '/var/tmp', expected: '/var/tmp/mremap-lab-7' },
  { env: { XDG_RUNTIME_DIR: 'relative' }, tmp: '/tmp', expected: '/tmp/mremap-lab-7' },
  { env: { XDG_RUNTIME_DIR: '/nowhere/at/all' }, tmp: '/tmp', expected: '/tmp/mremap-lab-7' },
  { env: {}, tmp: `/${'long'.repeat(30)}`, expected: '/tmp/mremap-lab-7' },
])('with $env and $tmp it is $expected', ({ env, tmp, expected }) => {
  expect(sessionDir({ env, tmp, uid: 7 })).toBe(expected);
});

test('is in the runtime directory where that is of the same user', () => {
  const uid = statSync(dir).uid;
  expect(sessionDir({ env: { XDG_RUNTIME_DIR: dir }, tmp: '/tmp', uid })).toBe(join(dir, 'mremap-lab'));
  expect(sessionDir({ env: { XDG_RUNTIME_DIR: dir }, tmp: '/tmp', uid: uid + 1 })).toBe(`/tmp/mremap-lab-${uid + 1}`);
});

test('is made for its owner alone, whatever the umask', () => {
  const umask = process.umask(0);
  try {
    const made = makeSessionDir(join(dir, 'new'));
    expect(statSync(made).mode & 0o7777).toBe(0o700);
    expect(makeSessionDir(made)).toBe(made);
  } finally {
    process.umask(umask);
  }
});

test('is refused where others could read along, with what to do', () => {
  const refused = (path: string): SetupError => {
    try {
      makeSessionDir(path);
    } catch (error) {
      if (error instanceof SetupError) return error;
    }
    throw new Error(`${path} was taken`);
  };
  mkdirSync(join(dir, 'open'));
  chmodSync(join(dir, 'open'), 0o750);
  expect(refused(join(dir, 'open'))).toMatchObject({ message: expect.stringContaining('mode 0750') as string, hint: `run: chmod 700 ${dir}/open` });
  mkdirSync(join(dir, 'real'), { mode: 0o700 });
  symlinkSync(join(dir, 'real'), join(dir, 'link'));
  expect(refused(join(dir, 'link')).message).toContain('symbolic link');
  symlinkSync(join(dir, 'nothing'), join(dir, 'dangling'));
  expect(refused(join(dir, 'dangling')).message).toContain('symbolic link');
  writeFileSync(join(dir, 'file'), '');
  expect(refused(join(dir, 'file')).message).toContain('no directory');
  expect(refused(join(dir, 'no', 'parent')).message).toContain('ENOENT');
  expect(() => refuseIfOpen(join(dir, 'real'), 4321)).toThrow(`it belongs to the user ${process.getuid?.()}`);
  expect(() => refuseIfOpen(join(dir, 'none'), 4321)).not.toThrow();
});
