/** `conform`: recordings of a machine are compared on that machine, and only there do they agree. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Place } from './kit.js';

const vectors = (name: string): string => fileURLToPath(new URL(`../vectors/${name}.jsonl.gz`, import.meta.url));
const conform = (file: string, kernel: string, machine?: string): ReturnType<Place['run']> =>
  new Place().run(['conform', '--kernel', kernel, ...(machine === undefined ? [] : ['--machine', machine]), vectors(file)]);

describe('conform --machine', () => {
  it.each([
    ['6.12-arm64-16k/errno', 'arm64 { granule 16K }', 'kernel 6.12 on arm64, 16K pages, 3 levels: 521 of 521 operations'],
    ['6.12-arm64-16k-52bit/errno', 'arm64 { granule 16K va 52 }', 'kernel 6.12 on arm64, 16K pages, 4 levels, 52 bits: 521 of 521 operations'],
    ['6.12-arm64-4k/errno', 'arm64 { memory 3G }', 'kernel 6.12 on arm64, 4K pages, 4 levels: 521 of 521 operations'],
  ])('%s on %s', async (file, machine, first) => {
    const { status, stdout } = await conform(file, '6.12', machine);
    expect(stdout).toContain(first);
    expect(status).toBe(0);
  });

  it('names what was lost, and what is left agrees', async () => {
    const { status, stdout } = await conform('6.12-arm64-16k/arm64', '6.12', 'arm64 { granule 16K }');
    expect(stdout).toContain('2 scenarios end early, the recorded process hung or dead by its own doing: end47_1, end47_mmap_1');
    expect(status).toBe(0);
  });

  it('without it the machine is an x86-64, and 16K pages disagree', async () => {
    const { status, stdout } = await conform('6.12-arm64-16k/errno', '6.12');
    expect(stdout).toContain('Disagreements by class');
    expect(status).toBe(1);
  });

  it.each([
    ['riscv', 'riscv'],
    ['arm64 { granule 3K }', '3K'],
    ['arm64 { size 4K }', 'size'],
    ['', 'names no machine'],
  ])('%j is a mistake, said with what may stand there', async (machine, said) => {
    const { status, stdout, stderr } = await conform('6.12-arm64-4k/errno', '6.12', machine);
    expect(stderr).toContain(said);
    expect(stderr).not.toContain(' at ');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  });
});
