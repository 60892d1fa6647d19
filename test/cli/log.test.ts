/** Logs of strace on the command line. */
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { SaxesParser } from 'saxes';
import { describe, expect, it } from 'vitest';
import { Place } from './kit.js';

const LOG = readFileSync(new URL('../strace/logs/realloc.strace', import.meta.url), 'utf8');
const changed = LOG.replace('munmap(0x7f3a25d61000, 50323)     = 0', 'munmap(0x7f3a25d61000, 50323)     = -1 EEXIST (File exists)');
const broken = LOG.replace('munmap(0x7f3a25d61000, 50323)     = 0', 'munmap(0x7f3a25d61000, 503');

describe('run of a log', () => {
  it('tells what it came to, and the dearest moves', async () => {
    const place = new Place();
    place.write('a.strace', LOG);
    const { stdout, stderr, status } = await place.run(['run', 'a.strace']);
    expect(stdout).toContain('40 lines: 37 replayed, 0 of other system calls, 1 notice, 0 explained refusals, 2 assumptions, 0 doubts; 1 program');
    expect(stdout).toContain('20 mremaps, the dearest first (from nothing touched to everything touched):');
    expect(stdout).toMatch(/35 {2}0 to 16,385 +0 +0 {2}mremap\(0x7f3a1db61000, 65540K, 131076K, MAYMOVE\) = 0x7f3a15b60000/);
    expect(stdout).toMatch(/a\.strace: ok: 39 calls replayed, 2 assumptions, every claim holds\n$/);
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  });

  it('reads what is packed, and ends of lines of any kind', async () => {
    const place = new Place();
    place.write('a.strace.gz', gzipSync(LOG.replaceAll('\n', '\r\n').trimEnd()));
    expect(await place.run(['run', 'a.strace.gz'])).toMatchObject({ status: 0, stdout: expect.stringContaining('40 lines: 37 replayed') });
  });

  it('writes the object that the design fixes, with every mremap', async () => {
    const place = new Place();
    place.write('a.strace', LOG);
    const { stdout, status } = await place.run(['run', '--format', 'json', 'a.strace']);
    const report = JSON.parse(stdout) as Record<string, unknown> & { mremaps: Record<string, unknown>[] };
    expect(report).toMatchObject({
      file: 'a.strace',
      ok: true,
      lines: 40,
      replayed: 39,
      skipped: 0,
      unread: 0,
      assumed: 2,
      account: { replayed: 37, others: 0, notices: 1, explained: 0, assumptions: 2, doubts: 0 },
      explained: [],
      claims: { held: 12, placed: 27, contradicted: 0 },
      diagnostics: [],
      races: [],
    });
    expect(report.mremaps).toHaveLength(20);
    expect(report.mremaps[0]).toEqual({ line: 18, pte: 33, pmd: 0, pud: 0, least: { pte: 0, pmd: 0, pud: 0 } });
    expect(status).toBe(0);
    const none = JSON.parse((await place.run(['run', '--format', 'json', '--touched', 'none', 'a.strace'])).stdout) as { mremaps: unknown[] };
    expect(none.mremaps[0]).toEqual({ line: 18, pte: 0, pmd: 0, pud: 0 });
  });

  it('fails with the line of a claim that does not hold', async () => {
    const place = new Place();
    place.write('a.strace', changed);
    const { stdout, status } = await place.run(['run', 'a.strace']);
    expect(stdout).toContain(
      `a.strace:13:43: error[log-impossible]: no kernel answers -1 EEXIST here: munmap never fails with EEXIST\n  12289 munmap(0x7f3a25d61000, 50323)     = -1 EEXIST (File exists)\n`,
    );
    expect(stdout).toMatch(/failed: 39 calls replayed, 2 assumptions, 1 claim contradicted\n$/);
    expect(status).toBe(1);
    expect(JSON.parse((await place.run(['run', '--format', 'json', 'a.strace'])).stdout)).toMatchObject({
      ok: false,
      claims: { contradicted: 1 },
      diagnostics: [{ line: 13, code: 'log-impossible' }],
    });
  });

  it('fails with the line that cannot be read, and replays the rest', async () => {
    const place = new Place();
    place.write('a.strace', broken);
    const { stdout, status } = await place.run(['run', 'a.strace']);
    expect(stdout).toContain('a.strace:13:14: error[log-brackets]: the call of `munmap` breaks off');
    expect(stdout).toMatch(/failed: 38 calls replayed, 2 assumptions, 1 doubt, 1 line could not be read\n$/);
    expect(status).toBe(1);
    expect(await place.run(['check', 'a.strace'])).toMatchObject({ status: 2, stdout: expect.stringContaining('a.strace:13:14: error[log-brackets]') });
  });

  it('is a suite with a case for what holds and one for each line that does not', async () => {
    const place = new Place();
    place.write('good.strace', LOG);
    place.write('bad.strace', changed);
    const { stdout, status } = await place.run(['run', '--format', 'junit', 'good.strace', 'bad.strace']);
    const cases: unknown[] = [];
    const parser = new SaxesParser();
    parser.on('opentag', ({ name, attributes }) => void (name === 'testcase' && cases.push(attributes)));
    parser.write(stdout).close();
    expect(cases).toEqual([
      { classname: 'good.strace', name: '39 claims hold' },
      { classname: 'bad.strace', name: '38 claims hold' },
      { classname: 'bad.strace', name: 'line 13: 12289 munmap(0x7f3a25d61000, 50323)     = -1 EEXIST (File exists)' },
    ]);
    expect(status).toBe(1);
  });

  it('explains what was refused, and fails for it only where that is asked for', async () => {
    const place = new Place();
    place.write(
      'a.strace',
      'mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f3a00000000\nmunmap(0x7f3a00000000, 4096) = -1 ENOMEM (Cannot allocate memory)\n',
    );
    const { stdout, status } = await place.run(['run', 'a.strace']);
    expect(stdout).toContain('a.strace:2:32: warning[log-refused]: ENOMEM: vm.max_map_count: 1 mappings are in the log, 65,530 are allowed by default');
    expect(stdout).toMatch(/a\.strace: ok: 2 calls replayed, 1 refusal explained, every claim holds\n$/);
    expect(status).toBe(0);
    expect((await place.run(['run', '--strict', 'a.strace'])).status).toBe(1);
  });

  it('draws its chart with --out', async () => {
    const place = new Place();
    place.write('a.strace.gz', gzipSync(LOG));
    const { stdout } = await place.run(['run', 'a.strace.gz', '--out', 'out']);
    expect(stdout).toContain('every claim holds, 1 chart written');
    expect(existsSync(place.path('out/a-1.svg'))).toBe(true);
    expect(await place.run(['run', 'a.strace', 'a.strace.gz', '--out', 'out'])).toMatchObject({ status: 2, stderr: expect.stringContaining('would write the same files') });
  });

  it('runs on the model it is told', async () => {
    const place = new Place();
    place.write('a.strace', LOG);
    expect(await place.run(['run', 'a.strace', '--kernel', '6.12 without realign'])).toMatchObject({ status: 0, stdout: expect.stringContaining('log on 6.12 with realign=none') });
  });

  it('says what is wrong with a file', async () => {
    const place = new Place();
    place.write('a.strace.gz', 'not packed');
    expect(await place.run(['run', 'a.strace.gz'])).toMatchObject({ status: 2, stderr: expect.stringContaining('a.strace.gz: cannot be unpacked: incorrect header check') });
    expect(await place.run(['run', 'no.strace'])).toMatchObject({ status: 2, stderr: expect.stringContaining('no.strace: no such file') });
    expect(await place.run(['run', '--touched', 'all', 'a.mremap'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--touched is about logs of strace') });
  });
});

describe('files of any name, and pipes', () => {
  it('are told by their first lines', async () => {
    const place = new Place();
    place.write('build.log', LOG);
    place.write('packed', gzipSync(LOG));
    place.write('dump.txt', '7f0000000000-7f0000002000 rw-p 00000000 00:00 0 \n');
    place.write('prose.txt', 'nothing of the kind\n');
    place.write('core', new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 3]));
    expect(await place.run(['run', 'build.log', 'packed'])).toMatchObject({ status: 0, stdout: expect.stringContaining('packed: ok: 39 calls replayed') });
    expect(await place.run(['run', 'dump.txt'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/7f0000000000-7f0000002000 +rw-p/) });
    expect(await place.run(['run', 'prose.txt'])).toMatchObject({ status: 2, stderr: expect.stringContaining('prose.txt: unknown kind of file') });
    expect(await place.run(['run', 'core'])).toMatchObject({ status: 2, stderr: expect.stringMatching(/^mremap-lab: core: is not UTF-8 text\n/) });
  });
  it('fail where nothing in them is a log', async () => {
    const place = new Place();
    place.write('a.strace', 'Dear list,\nmy program is slow.\n');
    expect(await place.run(['run', 'a.strace'])).toMatchObject({ status: 1, stdout: expect.stringContaining('error[log-nothing]: nothing here is a log') });
  });
  it('are of the machine that is named', async () => {
    const place = new Place();
    place.write('a.strace', 'mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0xfffa64190000\n');
    expect((await place.run(['run', 'a.strace'])).stdout).toContain('taken to be of arm64, for it has an address of 48 bits');
    expect((await place.run(['run', 'a.strace', '--machine', 'x86-64'])).status).toBe(1);
    expect(await place.run(['run', 'a.strace', '--machine', 'vax'])).toMatchObject({ status: 2, stderr: expect.stringContaining('It must be x86-64, x86-32 or arm64') });
  });
});

describe('check of a log', () => {
  it('is silent about one that can be read, and replays nothing', async () => {
    const place = new Place();
    place.write('a.strace', changed);
    expect(await place.run(['check', 'a.strace'])).toEqual({ stdout: '', stderr: '', status: 0 });
  });
});
