/** What clone, exec and limits say, read no further than a run needs. */
import type { NameVmaCall, Resource, SetrlimitCall } from '../../machine/index.js';

/** include/uapi/linux/sched.h */
const CLONE_VM = 0x100;
const CLONE_VFORK = 0x4000;

/** What is born of a clone: threads share their memory, so does a vfork until its exec. */
export type Birth = 'fork' | 'vfork' | 'thread';

export function readBirth(name: 'clone' | 'clone3' | 'fork' | 'vfork', args: string): Birth {
  if (name === 'fork' || name === 'vfork') return name;
  const raw = Number(/flags=(0x[0-9a-f]+|\d+)/.exec(args)?.[1] ?? 0);
  const has = (flag: string, bit: number): boolean => new RegExp(`\\b${flag}\\b`).test(args) || (raw & bit) !== 0;
  if (!has('CLONE_VM', CLONE_VM)) return 'fork';
  return has('CLONE_VFORK', CLONE_VFORK) ? 'vfork' : 'thread';
}

/** The number a call came back with; null for `?` and what cannot be read. In another pid namespace, the pid as strace knows it. */
export function readResultNumber(text: string): number | null {
  const equals = text.lastIndexOf('=');
  const call = text.slice(0, Math.max(0, equals));
  if (!/\s$/.test(call) || !call.trimEnd().endsWith(')')) return null;
  const result = text.slice(equals);
  const own = /^=\s+(-?\d+)/.exec(result)?.[1];
  const outer = /\/\* (\d+) in strace's PID NS/.exec(result)?.[1];
  const digits = own === undefined ? undefined : (outer ?? own);
  return digits === undefined ? null : Number(digits);
}

const RESOURCES: ReadonlySet<string> = new Set<Resource>(['RLIMIT_AS', 'RLIMIT_DATA', 'RLIMIT_MEMLOCK', 'RLIMIT_STACK']);

/** `setrlimit(RLIMIT_AS, {rlim_cur=1024*1024, ...}) = 0`; undefined where no limit of the caller's own was changed. */
export function readLimit(name: 'setrlimit' | 'prlimit64', text: string): SetrlimitCall | undefined {
  if (readResultNumber(text) !== 0) return undefined;
  const head = name === 'setrlimit' ? /setrlimit\((RLIMIT_\w+), \{rlim_cur=([^,}]+)/ : /prlimit64\(0, (RLIMIT_\w+), \{rlim_cur=([^,}]+)/;
  const [, resource, limit = ''] = head.exec(text) ?? [];
  if (resource === undefined || !RESOURCES.has(resource)) return undefined;
  if (/^RLIM(64)?_INFINITY$/.test(limit)) return { name: 'setrlimit', resource: resource as Resource, limit: null };
  const factors = limit.split('*');
  if (!factors.every((f) => /^\d+$/.test(f))) return undefined;
  return { name: 'setrlimit', resource: resource as Resource, limit: factors.reduce((n, f) => n * BigInt(f), 1n) };
}

/** `prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, 0x7975184000, 4096, "bionic_alloc") = 0`; undefined for any other prctl. */
export function readName(text: string): { readonly op: NameVmaCall; readonly end: number } | undefined {
  const found =
    /prctl\((?:PR_SET_VMA|0x53564d41)[^,]*, (?:PR_SET_VMA_ANON_NAME|0)\b[^,]*, (0x[0-9a-f]+|NULL), (\d+|0x[0-9a-f]+), (?:"((?:[^"\\]|\\.)*)"(?:\.\.\.)?|(NULL|0x[0-9a-f]+))\)/.exec(
      text,
    );
  if (found === null) return undefined;
  const [all, at = '0', length = '0', quoted, pointer] = found;
  // Of a name by its address nothing is known but that it is one.
  const called = quoted ?? (pointer === 'NULL' || pointer === undefined ? '' : `at ${pointer}`);
  return { op: { name: 'name_vma', addr: at === 'NULL' ? 0n : BigInt(at), length: BigInt(length), called }, end: found.index + all.length };
}
