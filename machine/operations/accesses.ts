/** Loads and stores of user code. */
import type { LoadWordsOp, MemsetOp, PeekOp, PokeOp, StoreWordsOp, TouchOp } from '../op.js';
import { address, describe, length, ownRange, type Call } from './descriptor.js';

const p = address('p', 'addr');
const n = length('n', 'length');
const byte = ({ addr }: { readonly addr: bigint }) => ({ addr, length: 1n });

export const ACCESSES: readonly Call[] = [
  describe<MemsetOp>('memset', {
    name: 'memset',
    role: 'access',
    params: [p, { name: 'byte', kind: 'byte' }, n],
    summary: 'set n bytes at p',
    range: ownRange,
    inRaces: true,
  }),
  describe<TouchOp>('touch', { name: 'touch', role: 'access', params: [p, n], summary: 'write-fault every page of n bytes at p', range: ownRange, inRaces: true }),
  describe<PeekOp>('peek', { name: 'peek', role: 'access', params: [p], gives: 'integer', summary: 'the byte at p', range: byte, inRaces: true }),
  describe<PokeOp>('poke', { name: 'poke', role: 'access', params: [p, { name: 'byte', kind: 'byte' }], summary: 'store a byte at p', range: byte, inRaces: true }),
  describe<StoreWordsOp>('store_words', {
    name: 'store_words',
    role: 'access',
    params: [p, n, { name: 'value', kind: 'word' }, length('stride')],
    summary: 'store the u64 value, value + 1, ... at p, p + stride, ... below p + n',
    range: ownRange,
  }),
  describe<LoadWordsOp>('load_words', {
    name: 'load_words',
    role: 'access',
    params: [p, n, length('stride')],
    summary: 'load a u64 at p, p + stride, ... below p + n',
    range: ownRange,
  }),
];
