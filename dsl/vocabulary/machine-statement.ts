/** `machine arm64 { granule 16K levels 4 memory 8G }` */
import type { MachineSpec } from '../../machine/index.js';
import type { MachineStatement } from '../syntax/ast.js';
import type { Report } from '../messages/diagnostics.js';
import { closest } from '../messages/suggest.js';

const ARCHITECTURES = ['x86-64', 'x86-32', 'arm64'] as const;
const PARTS = ['granule', 'levels', 'va', 'memory', 'mte'] as const;

/** What `fail` can let fail. */
export const FAILURES: ReadonlySet<string> = new Set(['page_table_alloc', 'vma_alloc']);

/** `x86_64` is how compilers spell it. */
const spelt = (arch: string): string => arch.replace(/\s/g, '').replace(/^x86_(?=64$|32$)/, 'x86-');

const archOf = (s: MachineStatement): (typeof ARCHITECTURES)[number] | undefined => ARCHITECTURES.find((a) => a === spelt(s.arch.text));

const partOf = (s: MachineStatement, name: (typeof PARTS)[number]): bigint | undefined => s.parts.find((p) => p.name.text === name)?.value;

/** The machine, or undefined where no such architecture exists. */
export function machineOf(s: MachineStatement): MachineSpec | undefined {
  const arch = archOf(s);
  if (arch === undefined) return undefined;
  const [granule, levels, va, memory, mte] = PARTS.map((part) => partOf(s, part));
  return {
    arch,
    ...(granule !== undefined && { granule: Number(granule) }),
    ...(levels !== undefined && { levels: Number(levels) }),
    ...(va !== undefined && { va: Number(va) }),
    ...(memory !== undefined && { memory }),
    ...(mte !== undefined && { mte: mte !== 0n }),
  };
}

export function checkMachine(s: MachineStatement, report: Report): void {
  if (archOf(s) === undefined)
    report(s.arch.span, 'unknown-machine', s.arch.text, ARCHITECTURES.find((name) => name.startsWith(s.arch.text)) ?? closest(s.arch.text, ARCHITECTURES), ARCHITECTURES);
  for (const { name } of s.parts) {
    if (!(PARTS as readonly string[]).includes(name.text)) report(name.span, 'unknown-machine-part', name.text, closest(name.text, PARTS), PARTS);
  }
}
