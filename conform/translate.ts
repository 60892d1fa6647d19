/** From the recorder's operations to those of a machine. */
import { CALLS, MADV, MAP, MLOCK, MREMAP, PROT, toBytes, type AddressSpace, type Capability, type Op, type ParamKind, type Resource, type UffdFeature } from '../machine/index.js';
import type { Place } from './place.js';

export type Translated =
  | { readonly op: Op }
  /** The model has no such operation, or not with these arguments. */
  | { readonly unsupported: string }
  /** It refers to the result of a step that failed. */
  | { readonly skipped: true };

/** Names without their prefix, by the kind of parameter that takes them. */
const NAMES: Readonly<Partial<Record<ParamKind, (word: string) => bigint | null>>> = {
  prot: (word) => BigInt(protBits(word)),
  'map-flags': among({ ...without('MAP_', MAP), ANON: MAP.MAP_ANONYMOUS }),
  'mremap-flags': among(without('MREMAP_', MREMAP)),
  'mlock-flags': among(without('MLOCK_', MLOCK)),
  advice: among(without('MADV_', MADV)),
};

function without(prefix: string, table: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name.slice(prefix.length), value]));
}

export interface Context {
  /** What an earlier step returned; null if it failed. */
  returned(step: number): bigint | null;
  /** The descriptor of a file, by the recorder's name for it. */
  fd(name: string): number | undefined;
  /** The process as it is, for limits that are given relative to it. */
  readonly space: AddressSpace;
  readonly place: Place;
}

export function translate(words: readonly string[], { returned, fd, space, place }: Context): Translated {
  const [name = '', ...args] = words;
  let missing = false;
  const address = (i: number, absent = '0'): bigint => {
    const at = place.parse(args[i] ?? absent, returned);
    if (at === null) missing = true;
    return at ?? 0n;
  };
  const done = (op: Op): Translated => (missing ? { skipped: true } : { op });

  switch (name) {
    case 'memfd':
      return done({ name, file: args[0] ?? '', size: address(1), ...(args[2] === undefined ? {} : { word: whole(args[2]) }) });
    case 'uffd':
      return done({ name: 'userfaultfd', features: (args[0] ?? '0').split('|').filter((f) => f !== '0') as UffdFeature[] });
    case 'uffdreg':
      if (args[2]?.includes('|') === true) return { unsupported: `uffdreg ${args[2]}` };
      return done({ name: 'uffd_register', addr: address(0), length: address(1), mode: args[2] === 'WP' ? 'WP' : args[2] === 'MINOR' ? 'MINOR' : 'MISSING' });
    case 'uffdunreg':
      return done({ name: 'uffd_unregister', addr: address(0), length: address(1) });
    case 'uffdwp':
      return done({ name: 'uffd_writeprotect', addr: address(0), length: address(1), protect: args[2] !== '0' });
    case 'uffdclose':
      return done({ name: 'uffd_close' });
    case 'fork':
      return { op: { name: 'fork', follow: 'parent' } };
    case 'forkchild':
      return { op: { name: 'fork', follow: 'child' } };
    case 'reap':
      return { op: { name: 'reap' } };
    case 'write':
      return done({ name: 'store_words', addr: address(0), length: address(1), value: address(2), stride: address(3, '4096') });
    case 'read':
      return done({ name: 'load_words', addr: address(0), length: address(1), stride: address(2, '4096') });
    case 'mseal':
      // The recorder reads a third argument and does not pass it on.
      return done({ name, addr: address(0), length: address(1), flags: 0 });
    case 'rlimit': {
      const current = USAGE[args[0] ?? ''];
      if (current === undefined) return { unsupported: `rlimit ${args[0] ?? ''}` };
      const value = args[1] ?? '0';
      const base = value.startsWith('+') ? toBytes(space.geometry, current(space)) : 0n;
      return done({ name: 'setrlimit', resource: `RLIMIT_${args[0] ?? ''}` as Resource, limit: base + whole(value.replace('+', '')) });
    }
    case 'dropcap':
      return done({ name: 'capability', capability: `CAP_${args[0] ?? ''}` as Capability, held: false });
    default: {
      const call = CALLS.find((c) => c.name === name && c.role === 'syscall');
      if (call === undefined) return { unsupported: name };
      const values: bigint[] = [];
      for (const [i, { kind, absent = 0n }] of call.params.entries()) {
        const word = args[i];
        const named = NAMES[kind];
        const value = word === undefined ? absent : kind === 'fd' ? BigInt(fd(word) ?? -1) : named === undefined ? address(i) : named(word);
        if (value === null) return { unsupported: `${name} ${word ?? ''}` };
        values.push(value);
      }
      return done(call.op(values));
    }
  }
}

/** What `+` adds to: the figure of /proc/PID/status that the limit is compared with. */
const USAGE: Readonly<Record<string, (space: AddressSpace) => number>> = {
  AS: (s) => s.usage.totalVm,
  DATA: (s) => s.usage.dataVm,
  MEMLOCK: (s) => s.usage.lockedVm,
  STACK: () => 0,
};

const PROT_LETTERS = { r: PROT.PROT_READ, w: PROT.PROT_WRITE, x: PROT.PROT_EXEC, b: PROT.PROT_BTI, t: PROT.PROT_MTE } as const;

const protBits = (letters: string): number => Object.entries(PROT_LETTERS).reduce((bits, [letter, bit]) => (letters.includes(letter) ? bits | bit : bits), 0);

/** @throws SyntaxError */
function whole(text: string): bigint {
  if (!/^-?(?:\d{1,40}|0x[0-9a-f]{1,32})$/i.test(text)) throw new SyntaxError(`op: expected a whole number, found ${JSON.stringify(text.slice(0, 60))}`);
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

/** Reads names joined with `|`, or a number; null when a name is unknown. */
function among(names: Readonly<Record<string, number>>): (words: string) => bigint | null {
  return (words) => {
    let bits = 0n;
    for (const word of words.split('|')) {
      const value = /^(0x[0-9a-f]{1,16}|\d{1,20})$/i.test(word) ? BigInt(word) : Object.hasOwn(names, word) ? names[word] : undefined;
      if (value === undefined) return null;
      bits |= BigInt(value);
    }
    return bits;
  };
}
