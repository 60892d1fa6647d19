/**
 * Lines of other tracers, each by a reader of its own that yields the line strace would have printed:
 * perf trace, ltrace -S, Valgrind's --trace-syscalls, QEMU's -strace, gVisor's debug log.
 */
import { ERRNO } from '../../machine/index.js';

/** The line as strace prints it; undefined for one that the tracer does not print, or that says nothing of a system call. */
export type TracerReader = (text: string) => string | undefined;

export interface Tracer {
  readonly name: 'perf trace' | 'ltrace -S' | 'Valgrind' | 'gVisor' | 'QEMU';
  /** Whether the line can be of no other tracer. */
  readonly isOwn: (text: string) => boolean;
  /** A reader, which remembers what calls were begun. */
  readonly open: () => TracerReader;
  /** Whether what it cannot read is to be left alone: lines of others look like strace's own. */
  readonly strict: boolean;
}

/** The tracer that printed the lines, where it was not strace. */
export const tracerOf = (lines: readonly string[]): Tracer | undefined => TRACERS.find(({ isOwn }) => lines.some(isOwn));

const BY_NUMBER: ReadonlyMap<number, string> = new Map(Object.entries(ERRNO).map(([name, [number, words]]) => [number, `-1 ${name} (${words})`]));
const errnoText = (number: number): string => BY_NUMBER.get(number) ?? `-1 (errno ${number})`;

// perf trace -------------------------------------------------------------------------------------

/** `     2.274 ( 0.013 ms): t/17194 mmap(len: 8192, prot: READ|WRITE, flags: PRIVATE|ANONYMOUS) = 0x7ffade817000` */
const PERF = /^\s*(?:\d+\.\d+|\?) \(\s*(?:(\d+\.\d+) ms)?\s*\):\s+(?:.*?\/(\d+)\s+)?(\w+)\((.*?)\)?(?:\s+\.\.\.|\s*=\s+(.*?))?\s*$/;
/** `    10.2 ( 0.5 ms): t/1  ... [continued]: mmap()) = 0x7f12` */
const PERF_CONTINUED = /^\s*(?:\d+\.\d+|\?) \(\s*(?:(\d+\.\d+) ms)?\s*\):\s+(?:.*?\/(\d+)\s+)?\.\.\. \[continued\]: (\w+)\(\)?\)\s*=\s+(.*?)\s*$/;

/** The parameters in their order, by the names that the tracepoints give them, and what stands for one that is 0. */
const PERF_CALLS: Readonly<Record<string, readonly (readonly [names: string, missing: string, prefix?: string])[]>> = {
  mmap: [
    ['addr', 'NULL'],
    ['len', '0'],
    ['prot', 'PROT_NONE', 'PROT_'],
    ['flags', '0', 'MAP_'],
    ['fd', '-1'],
    ['off|offset|pgoff', '0'],
  ],
  munmap: [
    ['addr', 'NULL'],
    ['len', '0'],
  ],
  mremap: [
    ['addr', 'NULL'],
    ['old_len', '0'],
    ['new_len', '0'],
    ['flags', '0', 'MREMAP_'],
    ['new_addr', '0'],
  ],
  mprotect: [
    ['start', 'NULL'],
    ['len', '0'],
    ['prot', 'PROT_NONE', 'PROT_'],
  ],
  madvise: [
    ['start', 'NULL'],
    ['len_in|len', '0'],
    ['behavior', '0', 'MADV_'],
  ],
  mlock: [
    ['start', 'NULL'],
    ['len', '0'],
  ],
  mlock2: [
    ['start', 'NULL'],
    ['len', '0'],
    ['flags', '0', 'MLOCK_'],
  ],
  munlock: [
    ['start', 'NULL'],
    ['len', '0'],
  ],
  mlockall: [['flags', '0', 'MCL_']],
  mseal: [
    ['start', 'NULL'],
    ['len', '0'],
    ['flags', '0'],
  ],
  brk: [['brk', 'NULL']],
};

function readPerf(text: string): string | undefined {
  const more = PERF_CONTINUED.exec(text);
  if (more !== null) {
    const [, ms, pid = '', name = '', result = ''] = more;
    return `${pid} <... ${name} resumed>) = ${result}${duration(ms)}`.trimStart();
  }
  const found = PERF.exec(text);
  if (found === null) return undefined;
  const [, ms, pid = '', name = '', args = '', result] = found;
  const call = `${pid} ${name}(${perfArguments(name, args)}`.trimStart();
  if (result === undefined) return `${call} <unfinished ...>`;
  return `${call}) = ${result}${duration(ms)}`;
}

const duration = (ms: string | undefined): string => (ms === undefined ? '' : ` <${(Number(ms) / 1000).toFixed(6)}>`);

function perfArguments(name: string, args: string): string {
  const params = PERF_CALLS[name];
  if (params === undefined) return args;
  const given = new Map([...args.matchAll(/(\w+): ([^,]*)/g)].map(([, key = '', value = '']) => [key, value.trim()]));
  const texts = params.map(([names, missing, prefix]) => {
    const value = names.split('|').map((n) => given.get(n)).find((v) => v !== undefined) ?? missing; // prettier-ignore
    return prefix === undefined ? value : value.split('|').map((word) => (/^[A-Z]/.test(word) && !word.startsWith(prefix) ? prefix + word : word)).join('|'); // prettier-ignore
  });
  // The fifth argument of mremap counts with some flags only.
  return (name === 'mremap' && !given.has('new_addr') ? texts.slice(0, -1) : texts).join(', ');
}

// ltrace -S --------------------------------------------------------------------------------------

/** `SYS_mmap(0, 8192, 3, 34) = 0x7fc98138a000`: words only, no more than four of them, and what comes back of it negative. */
const LTRACE =
  /^((?:\[pid \d+\] |\d+ )?(?:\d\d:\d\d:\d\d(?:\.\d+)? |\d+\.\d+ )?)SYS_(\w+)\((.*?)(?:\)\s+= (-?(?:0x)?[0-9a-f]+|<void>)( <[\d.]+>)?| <(?:unfinished|no return) \.\.\.>)\s*$/;
const LTRACE_TAKES: Readonly<Record<string, number>> = { brk: 1, munmap: 2, mlock: 2, munlock: 2, mprotect: 3, madvise: 3, mlock2: 3, mseal: 3, mlockall: 1, munlockall: 0 };
const MREMAP_NEEDS_PLACE = 6;

function readLtrace(text: string): string | undefined {
  const found = LTRACE.exec(text);
  if (found === null) return undefined;
  const [, before = '', printed = '', args = '', result, time = ''] = found;
  const name = /^\d/.test(printed) ? `syscall_${printed}` : printed;
  const words = args.split(', ');
  const head = `${before}${name}(${(LTRACE_TAKES[name] === undefined ? words : words.slice(0, LTRACE_TAKES[name])).join(', ')}`;
  if (result === undefined) return `${head} <unfinished ...>`;
  const value = Number(result);
  const answer = value < 0 && value > -4096 ? errnoText(-value) : result;
  // The file and its offset are not shown: each is one of its own.
  if (name === 'mmap') return `${head}, ${(Number(words[3]) & 0x20) !== 0 ? '-1' : '1000'}, 0) = ${answer}${time}`;
  if (name === 'mremap' && (Number(words[3]) & MREMAP_NEEDS_PLACE) !== 0 && words.length < 5) return `${head}, ${value < 0 ? '0x1000000' : result}) = ${answer}${time}`;
  return `${head}) = ${answer}${time}`;
}

// Valgrind ---------------------------------------------------------------------------------------

/** `SYSCALL[17206,1](9) sys_mmap ( 0x0, 8192, 3, 34, 4294967295, 0 ) --> [pre-success] Success(0x4852000)` */
const VALGRIND = /^(?:--\d+-- )?SYSCALL\[(\d+),\s*(\d+)\]\(\s*-?\d+\) (?:sys_(\w+)\s*\((.*?)\)|\.\.\.)\s*(?:\[(?:sync|async)\]\s*)?(?:-->\s*(.*?))?\s*$/;
const VALGRIND_ANSWER = /(Success|Failure)\(0x([0-9a-f]+)\)/;

function readValgrind(text: string, begun: Map<string, string>): string | undefined {
  const found = VALGRIND.exec(text);
  if (found === null) return undefined;
  const [, pid = '', thread = '', name, args = '', rest = ''] = found;
  const answer = VALGRIND_ANSWER.exec(rest);
  const result = answer === null ? undefined : answer[1] === 'Success' ? `0x${answer[2]}` : errnoText(Number.parseInt(answer[2] ?? '', 16));
  const who = `${pid},${thread}`;
  if (name === undefined) return result === undefined ? undefined : `${pid} <... ${begun.get(who) ?? 'unknown'} resumed>) = ${result}`;
  begun.set(who, name);
  const call = `${pid} ${name}(${args.trim().replace(/\s+/g, ' ')}`;
  return result === undefined ? `${call} <unfinished ...>` : `${call}) = ${result}`;
}

// gVisor -----------------------------------------------------------------------------------------

/** `I0705 23:27:43.247488       1 strace.go:614] [   1:   1] registry X mmap(...) = 139853111894016 (0x7f32170e2000) (38.221µs)` */
const GVISOR =
  /^[DIWE]\d{4} \S+\s+\d+ \S+\] \[\s*(\d+)(?::\s*\d+)?\] \S+ X (\w+)\((.*)\) = (?:-?\d+) \(0x([0-9a-f]+)\)(?: errno=(\d+) \([^)]*\))?(?: \(([\d.]+)(ns|µs|us|ms|s)\))?\s*$/;
const GVISOR_ENTERS = /^[DIWE]\d{4} \S+\s+\d+ \S+\] \[\s*\d+(?::\s*\d+)?\] \S+ E (\w+)\(/;
const SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, µs: 1e-6, us: 1e-6, ms: 1e-3, s: 1 };

function readGvisor(text: string): string | undefined {
  // What goes in is said again when it comes out.
  const enters = GVISOR_ENTERS.exec(text);
  if (enters !== null) return `strace: ${enters[1]} begins`;
  const found = GVISOR.exec(text);
  if (found === null) return undefined;
  const [, pid = '', name = '', args = '', value = '0', errno, time, unit = 's'] = found;
  const words = args
    .replace(/0xffffffffffffffff \(bad FD\)/g, '-1')
    .replace(/(0x[0-9a-f]+) (\/[^,]*|\([^)]*\))/g, '$1')
    .replace(/\|0x0\b/g, '');
  const took = time === undefined ? '' : ` <${(Number(time) * (SECONDS[unit] ?? 1)).toFixed(6)}>`;
  return `${pid} ${name}(${words}) = ${errno === undefined ? `0x${value}` : errnoText(Number(errno))}${took}`;
}

// QEMU -------------------------------------------------------------------------------------------

/** `17333 mremap(274922127360,8192,1048576,1,0,0) = 274922135552`, `... = -1 errno=22 (Invalid argument)`, `17333 exit_group(0)` */
const QEMU = /^(\d+) (\w+)\(([^ ]*)\)(?: = (?:(-1) errno=(\d+) \([^)]*\)|(-?(?:0x)?[0-9a-f]+)))?\s*$/;

function readQemu(text: string): string | undefined {
  const found = QEMU.exec(text);
  if (found === null) return undefined;
  const [, pid = '', name = '', args = '', , errno, value = '?'] = found;
  const words = args.split(',');
  const own = name === 'mremap' && words.length > 4 ? words.slice(0, (Number(words[3]) & MREMAP_NEEDS_PLACE) !== 0 ? 5 : 4) : words;
  return `${pid} ${name}(${own.join(', ')}) = ${errno === undefined ? value : errnoText(Number(errno))}`;
}

const QEMU_OWN = /^\d+ (?:\w+\([^ ]*\) = -1 errno=\d+ |mremap\((?:\d+,){5}\d+\)|mmap\([^ ]*\) = 0x0{4,})/;

const TRACERS: readonly Tracer[] = [
  { name: 'perf trace', isOwn: (text) => PERF.test(text) || PERF_CONTINUED.test(text), open: () => readPerf, strict: false },
  { name: 'ltrace -S', isOwn: (text) => LTRACE.test(text), open: () => readLtrace, strict: true },
  {
    name: 'Valgrind',
    isOwn: (text) => VALGRIND.test(text),
    open: () => {
      const begun = new Map<string, string>();
      return (text) => readValgrind(text, begun);
    },
    strict: true,
  },
  { name: 'gVisor', isOwn: (text) => GVISOR.test(text) || GVISOR_ENTERS.test(text), open: () => readGvisor, strict: true },
  { name: 'QEMU', isOwn: (text) => QEMU_OWN.test(text), open: () => readQemu, strict: false },
];
