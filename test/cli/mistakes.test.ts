/** Each mistake gives one message at its place, in a file and in a cell, for people and for programs. */
import { describe, expect, it } from 'vitest';
import { code } from '../notebook/kit.js';
import { PAGE, Place } from './kit.js';

const CASES = [
  { mistake: 'a wrong flag', line: 'm = mremap(p, 4K, 8K, MREMAP_MAYMOV)', code: 'unknown-flag', at: '3:23', says: 'MREMAP_MAYMOVE', status: 2 },
  { mistake: 'an unknown name', line: 'print "q", elsewhere', code: 'unknown-name', at: '3:12', says: 'elsewhere', status: 2 },
  { mistake: 'a missing bracket', line: 'munmap(p, 4K', code: 'unclosed-bracket', at: '3:7', says: 'never closed', status: 2 },
  { mistake: 'a failing claim', line: 'munmap(p, 4096) = -1 EINVAL (Invalid argument)', code: 'claim-failed', at: '3:19', says: 'answered 0', status: 1 },
  { mistake: 'a failing expectation', line: 'expect p == 0x1000', code: 'expect-failed', at: '3:8', says: 'p is 0x10000000', status: 1 },
] as const;

interface JsonReport {
  readonly ok: boolean;
  readonly diagnostics: readonly { code: string; line: number; column: number; cell?: number }[];
}

describe.each(CASES)('$mistake', ({ line, code: id, at, says, status }) => {
  const text = `${PAGE}${line}\n`;

  it('in a file', async () => {
    const place = new Place();
    place.write('a.mremap', text);
    const { stdout, stderr, status: got } = await place.run(['run', 'a.mremap']);
    expect(stdout.split(`a.mremap:${at}: error[${id}]: `)).toHaveLength(2);
    expect(stdout.match(/error\[/g)).toHaveLength(1);
    expect(stdout).toContain(says);
    expect(stdout).toContain(`  ${line}\n`);
    expect(stdout).toMatch(/\na\.mremap: failed: .*\n$/);
    expect(stderr).toBe('');
    expect(got).toBe(status);
  });

  it('in a file, as JSON', async () => {
    const place = new Place();
    place.write('a.mremap', text);
    const { stdout, stderr, status: got } = await place.run(['run', 'a.mremap', '--format', 'json']);
    const report = JSON.parse(stdout) as JsonReport;
    expect(Object.keys(report)).toEqual(['file', 'ok', 'statements', 'expectations', 'judgements', 'diagnostics', 'races']);
    expect(report.ok).toBe(false);
    expect(report.diagnostics.map((d) => `${d.line}:${d.column} ${d.code}`)).toEqual([`${at} ${id}`]);
    expect(stderr).toBe('');
    expect(got).toBe(status);
  });

  it('in a cell', async () => {
    const place = new Place();
    place.notebook('a.ipynb', code('6 * 7'), code(text), code('print "not reached"'));
    const { stdout, stderr, status: got } = await place.run(['run', 'a.ipynb']);
    expect(stdout.split(`a.ipynb:cell 2:${at}: error[${id}]: `)).toHaveLength(2);
    expect(stdout.match(/error\[/g)).toHaveLength(1);
    expect(stdout).toContain(says);
    expect(stdout).toMatch(/^In \[1\]\n42\n/);
    expect(stdout).not.toContain('not reached');
    expect(stdout).toMatch(/\na\.ipynb: failed: cell 2 of 3 .*, 1 not run, .*\n$/);
    expect(stderr).toBe('');
    expect(got).toBe(status);
  });

  it('in a cell, as JSON', async () => {
    const place = new Place();
    place.notebook('a.ipynb', code('6 * 7'), code(text));
    const { stdout, status: got } = await place.run(['run', 'a.ipynb', '--format', 'json']);
    const report = JSON.parse(stdout) as JsonReport;
    expect(report.ok).toBe(false);
    expect(report.diagnostics.map((d) => `${d.cell} ${d.line}:${d.column} ${d.code}`)).toEqual([`2 ${at} ${id}`]);
    expect(got).toBe(status);
  });
});
