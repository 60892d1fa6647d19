/**
 * struct vma_remap_struct (vrm) of mm/mremap.c: what an mremap call carries from stage to stage.
 * Kernels before v6.15 pass the same values as arguments; the model keeps one shape for all.
 */
import { hex, MREMAP, toBytes, toVpn, type Bytes, type MremapCall, type Pages, type Range, type Vpn, type VrmState } from '../../machine/index.js';
import { untaggedAddr } from '../arch/untag.js';
import type { Behaviours } from '../models/behaviours/index.js';
import type { Mm } from '../vma/mm.js';
import { alignUp } from '../vma/page-align.js';
import type { VmArea } from '../vma/vm-area.js';

export interface Vrm {
  /** The arguments, without a tag in the old address. */
  readonly call: MremapCall;
  /** Page of addr. Where addr is misaligned the call never comes to use it. */
  addr: Vpn;
  oldLen: Pages;
  newLen: Pages;
  /** old_len as it was asked for, before a shrinking move shortened it. */
  askedLen: Pages;
  /** Whether the lengths have been rounded up to pages yet: v6.15 and v6.16 check them as they came. */
  rounded: boolean;
  /** The address asked for; where the kernel chose one, that one. */
  newAddr: Bytes;
  readonly mayMove: boolean;
  readonly fixed: boolean;
  readonly dontUnmap: boolean;
  /** MREMAP_RELOCATE_ANON or MREMAP_MUST_RELOCATE_ANON; the latter fails where it cannot be done. */
  readonly relocate: boolean;
  readonly mustRelocate: boolean;
  /** The VMA as it was looked up last; unmapping makes it stale. */
  vma: VmArea | 'stale' | null;
  delta: Pages;
  remapType: VrmState['remap_type'];
  mlocked: boolean;
  populateExpand: boolean;
  /** Whether it was checked that the mapping may be resized and moved, before anything was unmapped. */
  resizeChecked: boolean;
  mmapLocked: boolean;
  /** Whether the lock is held for reading only by now. */
  downgraded: boolean;
  charged: Pages;
  needsInvalidate: boolean;
  /** The userfaultfd whose monitor is to hear of the move. */
  uf: { readonly id: number } | null;
  readonly ufUnmapEarly: Range[];
  readonly ufUnmap: Range[];
}

export function makeVrm(mm: Mm, call: MremapCall): Vrm {
  const old = untaggedAddr(mm.geometry, call.old_address);
  return {
    call: old === call.old_address ? call : { ...call, old_address: old },
    addr: toVpn(mm.geometry, old),
    oldLen: alignUp(mm.geometry, call.old_size),
    newLen: alignUp(mm.geometry, call.new_size),
    askedLen: alignUp(mm.geometry, call.old_size),
    rounded: mm.behaviours.length_rounding === 'at_entry',
    newAddr: call.new_address,
    mayMove: (call.flags & MREMAP.MREMAP_MAYMOVE) !== 0,
    fixed: (call.flags & MREMAP.MREMAP_FIXED) !== 0,
    dontUnmap: (call.flags & MREMAP.MREMAP_DONTUNMAP) !== 0,
    relocate: (call.flags & (MREMAP.MREMAP_RELOCATE_ANON | MREMAP.MREMAP_MUST_RELOCATE_ANON)) !== 0,
    mustRelocate: (call.flags & MREMAP.MREMAP_MUST_RELOCATE_ANON) !== 0,
    vma: null,
    delta: 0,
    remapType: 'MREMAP_INVALID',
    mlocked: false,
    populateExpand: false,
    resizeChecked: false,
    mmapLocked: false,
    downgraded: false,
    charged: 0,
    needsInvalidate: false,
    uf: null,
    ufUnmapEarly: [],
    ufUnmap: [],
  };
}

/** vrm_implies_new_addr() */
export const impliesNewAddr = (vrm: Vrm): boolean => vrm.fixed || vrm.dontUnmap;

/** vrm_remap_type() */
export function remapType(vrm: Vrm): 'shrink' | 'expand' | 'no_resize' {
  if (vrm.newLen < vrm.oldLen) return 'shrink';
  return vrm.newLen > vrm.oldLen ? 'expand' : 'no_resize';
}

const TYPES = { shrink: 'MREMAP_SHRINK', expand: 'MREMAP_EXPAND', no_resize: 'MREMAP_NO_RESIZE' } as const;

/** vrm_set_delta() */
export function setDelta(vrm: Vrm): void {
  vrm.delta = Math.abs(vrm.newLen - vrm.oldLen);
}

export function setRemapType(vrm: Vrm): void {
  vrm.remapType = TYPES[remapType(vrm)];
}

/** Lets the steps that follow show the state; kernels before v6.15 have none to show. */
export function showState(mm: Mm, vrm: Vrm): void {
  const shown = mm.behaviours.vrm_state;
  if (mm.recorder.keepsSteps && shown !== 'none') mm.recorder.vrm = () => stateOf(mm, vrm, shown);
}

function stateOf(mm: Mm, vrm: Vrm, shown: Exclude<Behaviours['vrm_state'], 'none'>): VrmState {
  const bytes = (pages: Pages): Bytes => toBytes(mm.geometry, pages);
  return {
    addr: toVpn(mm.geometry, vrm.call.old_address) === vrm.addr ? vrm.call.old_address : bytes(vrm.addr),
    old_len: vrm.rounded ? bytes(vrm.oldLen) : vrm.call.old_size,
    new_len: vrm.rounded ? bytes(vrm.newLen) : vrm.call.new_size,
    flags: vrm.call.flags,
    new_addr: vrm.newAddr,
    uf: vrm.uf === null ? null : `userfaultfd ${vrm.uf.id}`,
    uf_unmap_early: [...vrm.ufUnmapEarly],
    uf_unmap: [...vrm.ufUnmap],
    vma: vrm.vma === null || vrm.vma === 'stale' ? vrm.vma : `${hex(bytes(vrm.vma.start))}-${hex(bytes(vrm.vma.end))}`,
    delta: bytes(vrm.delta),
    ...(shown === 'mlocked' ? { mlocked: vrm.mlocked } : { populate_expand: vrm.populateExpand }),
    remap_type: vrm.remapType,
    mmap_locked: vrm.mmapLocked,
    charged: vrm.charged,
    ...(shown === 'mlocked' ? {} : { vmi_needs_invalidate: vrm.needsInvalidate }),
  };
}

export const newVpn = (mm: Mm, vrm: Vrm): Vpn => toVpn(mm.geometry, vrm.newAddr);
export const successAt = (mm: Mm, at: Vpn): { value: bigint } => ({ value: toBytes(mm.geometry, at) });
