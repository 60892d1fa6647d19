/** What clone, exec and limits say, read no further than a run needs. */
import type { Resource, SetrlimitCall } from '../../machine/index.js';

/** include/uapi/linux/sched.h */
const CLONE_VM = 0x100;

/** Whether parent and child share their memory: threads do, and a vfork until the child's exec. */
export function readBirth(name: 'clone' | 'clone3' | 'fork' | 'vfork', args: string): boolean {
  if (name === 'fork') return false;
  if (name === 'vfork') return true;
  const raw = /flags=(0x[0-9a-f]+|\d+)/.exec(args)?.[1];
  return /\bCLONE_VM\b/.test(args) || (raw !== undefined && (Number(raw) & CLONE_VM) !== 0);
}

/** The number a call came back with; null for `?` and what cannot be read. In another pid namespace, the pid as strace knows it. */
export function readResultNumber(text: string): number | null {
  const [, own, outer] = /\)\s+=\s+(-?\d+)(?:[^=]*\/\* (\d+) in strace's PID NS)?[^=]*$/.exec(text) ?? [];
  const digits = outer ?? own;
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
