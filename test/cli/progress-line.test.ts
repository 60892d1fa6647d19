import { describe, expect, it } from 'vitest';
import { ProgressLine } from '../../cli/report/progress-line.js';

/** A terminal that keeps what was written, and a clock that goes when told. */
function terminal(isTTY = true, columns = 80) {
  const written: string[] = [];
  let now = 0;
  const line = new ProgressLine({ isTTY, columns, write: (text: string | Uint8Array) => written.push(String(text)) > 0 }, () => now);
  return { written, at: (ms: number, done: number, total = 10_000) => ((now = ms), line.at(done, total)), clear: () => line.clear() };
}

describe('the line of a long sweep', () => {
  it('comes after a second, is written over, and goes when the sweep is over', () => {
    const t = terminal();
    t.at(0, 1);
    t.at(900, 400);
    expect(t.written).toEqual([]);
    t.at(1000, 500);
    t.at(1050, 520);
    t.at(1200, 600);
    t.at(1300, 10_000);
    expect(t.written).toEqual(['\r\x1b[K500 of 10,000 points, 500 a second, 19.0 s left', '\r\x1b[K600 of 10,000 points, 500 a second, 18.8 s left', '\r\x1b[K']);
  });

  it('makes room for what else is said, once', () => {
    const t = terminal();
    t.at(0, 1);
    t.clear();
    t.at(2000, 10);
    t.clear();
    t.clear();
    expect(t.written.slice(1)).toEqual(['\r\x1b[K']);
  });

  it('begins anew with another sweep, and is no longer than the terminal is wide', () => {
    const t = terminal(true, 20);
    t.at(0, 1);
    t.at(5000, 1);
    t.at(5900, 2);
    expect(t.written).toEqual([]);
    t.at(6100, 3);
    expect(t.written[0]?.length).toBe(19 + '\r\x1b[K'.length);
  });

  it('is not for files and pipes', () => {
    const t = terminal(false);
    t.at(0, 1);
    t.at(60_000, 2);
    expect(t.written).toEqual([]);
  });
});
