/** The answers to questions about the address space as it is now. */
import { metadataOf, toBytes, toVpn, type AddressSpace, type LevelName, type Machine } from '../../machine/index.js';
import { integer, type Value } from './values.js';

export interface ByteRange {
  readonly start: bigint;
  readonly end: bigint;
}

export function measure(name: string, space: AddressSpace): Value | undefined {
  switch (name) {
    case 'rss':
      return integer(toBytes(space.geometry, space.usage.rss));
    case 'locked':
      return integer(toBytes(space.geometry, space.usage.lockedVm));
    case 'committed':
      return integer(toBytes(space.geometry, space.usage.committed));
    case 'metadata':
      return integer(metadataOf(space).bytes);
    case 'map_count':
      return integer(space.mapCount);
    default:
      return undefined;
  }
}

export function vmaAt(space: AddressSpace, at: bigint): Value {
  const vma = space.vmaAt(toVpn(space.geometry, at));
  return vma === undefined ? { kind: 'none', at } : { kind: 'vma', vma, geometry: space.geometry };
}

export function vmasIn(space: AddressSpace, range?: ByteRange): Value {
  const g = space.geometry;
  if (range === undefined) return { kind: 'vmas', vmas: [...space.vmas()], geometry: g };
  const from = toVpn(g, range.start);
  const to = range.end <= range.start ? from : toVpn(g, range.end - 1n) + 1;
  return { kind: 'vmas', vmas: to === from ? [] : [...space.vmas(from, to)], geometry: g };
}

export function entryOf(space: AddressSpace, level: LevelName, at: bigint): Value {
  const vpn = toVpn(space.geometry, at);
  const entry = space.walk(vpn).find((e) => e.level === level);
  const page = entry?.state === 'page' ? [...space.pages(vpn, vpn + 1)][0] : undefined;
  return { kind: 'entry', level, entry, pfn: page?.pfn ?? undefined };
}

export function folioAt(machine: Machine, at: bigint): Value {
  const folio = machine.folio?.(toVpn(machine.geometry, at));
  return folio === undefined ? { kind: 'none', at } : { kind: 'folio', folio, geometry: machine.geometry };
}
