/** Bad usage and unusable files: one clear message, exit status 2, no stack trace. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MAIN, Place } from './kit.js';

describe('bad usage', () => {
  it.each([
    [['run'], /missing required argument 'file'/],
    [['run', '--frmat', 'json', 'a'], /unknown option '--frmat'\n\(Did you mean --format\?\)/],
    [['run', '--format', 'xml', 'a'], /argument 'xml' is invalid. Allowed choices are text, json, junit/],
    [['run', '--timeout', 'soon', 'a.mremap'], /It must be a number of seconds/],
    [['run', 'a.mremap', '--kernel'], /argument missing/],
    [['chek', 'a'], /unknown command 'chek'\n\(Did you mean check\?\)/],
    [['kernel', 'remove'], /unknown command 'remove'/],
  ])('%j', async (args, message) => {
    const { status, stdout, stderr } = await new Place().run(args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^mremap-lab: /);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});

describe.each(['run', 'check'])('%s of a file that cannot be used', (command) => {
  it.each([
    ['missing.mremap', /missing\.mremap: no such file/],
    ['dir.mremap', /dir\.mremap: is a directory/],
    ['missing.strace', /missing\.strace: no such file/],
    ['torn.strace.gz', /torn\.strace\.gz: cannot be unpacked: unexpected end of file/],
    ['notes.txt', /notes\.txt: unknown kind of file/],
    ['latin1.mremap', /latin1\.mremap: is not UTF-8 text/],
    ['empty.ipynb', /empty\.ipynb: not a notebook: the file is empty/],
    ['broken.ipynb', /broken\.ipynb: not a notebook: it is not JSON/],
    ['other.ipynb', /other\.ipynb: not a notebook: "nbformat" is missing/],
    ['old.ipynb', /old\.ipynb: notebook format 3\.0 is not supported/],
  ])('%s', async (name, message) => {
    const place = new Place();
    mkdirSync(place.path('dir.mremap'));
    for (const log of ['torn.strace.gz', 'notes.txt', 'empty.ipynb']) place.write(log, '');
    place.write('latin1.mremap', Buffer.from([0x23, 0xe4, 0x0a]));
    place.write('broken.ipynb', '{ "cells": [');
    place.write('other.ipynb', '{ "a": 1 }');
    place.write('old.ipynb', '{ "nbformat": 3, "nbformat_minor": 0, "worksheets": [] }');
    const { status, stdout, stderr } = await place.run([command, name]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(2);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});

it('a notebook for another kernel is refused', async () => {
  const place = new Place();
  place.write('py.ipynb', JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec: { name: 'python3' } }, cells: [] }));
  const { status, stderr } = await place.run(['run', 'py.ipynb']);
  expect(stderr).toContain('written for the kernel "python3"');
  expect(status).toBe(2);
});

describe('help', () => {
  it.each([[], ['run'], ['check'], ['conform'], ['fmt'], ['kernel'], ['kernel', 'install'], ['kernel', 'uninstall'], ['lab'], ['console'], ['attach']])(
    'of %s %s',
    async (...command) => {
      const { status, stdout, stderr } = await new Place().run([...command, '--help']);
      expect(stdout).toMatch(new RegExp(`^Usage: mremap-lab ${command.join(' ')}`));
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    },
  );

  it('without a command is help, but no success', async () => {
    const { status, stdout, stderr } = await new Place().run([]);
    expect(stderr).toMatch(/^Usage: /);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });

  it('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
    expect(await new Place().run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});

it('a reader that goes away ends the program quietly', async () => {
  const place = new Place();
  place.write('a.mremap', `print "${'long '.repeat(200)}"\n`.repeat(500));
  const child = spawn(process.execPath, [MAIN, 'run', 'a.mremap'], { cwd: place.dir, stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdout.once('data', () => child.stdout.destroy());
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  expect({ status, stderr }).toEqual({ status: 141, stderr: '' });
});
