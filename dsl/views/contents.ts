/** What the pages of an address space hold, as far as their beginnings tell, without saying which frames hold it. */
import { count, hex, type AddressSpace, type Vpn } from '../../machine/index.js';

export interface ContentRun {
  readonly start: Vpn;
  readonly text: string;
}

interface Run {
  readonly start: Vpn;
  count: number;
  readonly word: bigint;
  readonly step: bigint;
}

/** Runs as long as they can be, however the frames behind them are cut. */
export function contentsOf(space: AddressSpace): ContentRun[] {
  const runs: Run[] = [];
  for (const { start, count: pages, word, wordStep } of space.pages()) {
    const last = runs.at(-1);
    const step = pages === 1 ? (last?.step ?? 0n) : wordStep;
    if (last !== undefined && last.start + last.count === start && last.step === step && last.word + last.step * BigInt(last.count) === word) last.count += pages;
    else runs.push({ start, count: pages, word, step: wordStep });
  }
  return runs.map((r) => ({ start: r.start, text: `${count(r.count)} ${r.count === 1 ? 'page' : 'pages'}, first u64 ${hex(r.word)}${r.step === 0n ? '' : ' and rising'}` }));
}
