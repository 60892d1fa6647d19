/**
 * struct vma_remap_struct (vrm) of mm/mremap.c: what an mremap call carries from stage to stage.
 * Kernels before v6.15 pass the same values as arguments; the model keeps one shape for all.
 */
import { hex, MREMAP, toBytes, toVpn, type Bytes, type MremapCall, type Pages, type Vpn, type VrmState } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { alignUp } from '../vma/page-align.js';
import type { VmArea } from '../vma/vm-area.js';

export interface Vrm {
  readonly call: MremapCall;
  /** Page of addr. Where addr is misaligned the call never comes to use it. */
  addr: Vpn;
  oldLen: Pages;
  newLen: Pages;
  /** The address asked for; where the kernel chose one, that one. */
  newAddr: Bytes;
  readonly mayMove: boolean;
  readonly fixed: boolean;
  readonly dontUnmap: boolean;
  /** The VMA as it was looked up last; unmapping makes it stale. */
  vma: VmArea | 'stale' | null;
  delta: Pages;
  remapType: VrmState['remap_type'];
  populateExpand: boolean;
  mmapLocked: boolean;
  charged: Pages;
  /** Events of the tail that a shrinking move unmapped: told after that of the move. */
  tailEvents: number;
}

export function makeVrm(mm: Mm, call: MremapCall): Vrm {
  return {
    call,
    addr: toVpn(mm.geometry, call.old_address),
    oldLen: alignUp(mm.geometry, call.old_size),
    newLen: alignUp(mm.geometry, call.new_size),
    newAddr: call.new_address,
    mayMove: (call.flags & MREMAP.MREMAP_MAYMOVE) !== 0,
    fixed: (call.flags & MREMAP.MREMAP_FIXED) !== 0,
    dontUnmap: (call.flags & MREMAP.MREMAP_DONTUNMAP) !== 0,
    vma: null,
    delta: 0,
    remapType: 'MREMAP_INVALID',
    populateExpand: false,
    mmapLocked: false,
    charged: 0,
    tailEvents: 0,
  };
}

/** vrm_implies_new_addr() */
export const impliesNewAddr = (vrm: Vrm): boolean => vrm.fixed || vrm.dontUnmap;

/** vrm_remap_type() */
export function remapType(vrm: Vrm): 'shrink' | 'expand' | 'no_resize' {
  if (vrm.newLen < vrm.oldLen) return 'shrink';
  return vrm.newLen > vrm.oldLen ? 'expand' : 'no_resize';
}

/** Lets the steps that follow show the state; kernels before v6.15 have none to show. */
export function showState(mm: Mm, vrm: Vrm): void {
  if (mm.behaviours.mremap_checks === 'late') return;
  const bytes = (pages: Pages): Bytes => toBytes(mm.geometry, pages);
  mm.recorder.vrm = () => ({
    addr: bytes(vrm.addr),
    old_len: bytes(vrm.oldLen),
    new_len: bytes(vrm.newLen),
    flags: vrm.call.flags,
    new_addr: vrm.newAddr,
    vma: vrm.vma === null || vrm.vma === 'stale' ? vrm.vma : `${hex(bytes(vrm.vma.start))}-${hex(bytes(vrm.vma.end))}`,
    delta: bytes(vrm.delta),
    remap_type: vrm.remapType,
    populate_expand: vrm.populateExpand,
    mmap_locked: vrm.mmapLocked,
    charged: bytes(vrm.charged),
  });
}

const TYPES = { shrink: 'MREMAP_SHRINK', expand: 'MREMAP_EXPAND', no_resize: 'MREMAP_NO_RESIZE' } as const;

/** vrm_set_delta(), vrm_remap_type(): once the VMA is known. */
export function setVma(vrm: Vrm, vma: VmArea): void {
  vrm.vma = vma;
  vrm.delta = Math.abs(vrm.newLen - vrm.oldLen);
  vrm.remapType = TYPES[remapType(vrm)];
}

export const newVpn = (mm: Mm, vrm: Vrm): Vpn => toVpn(mm.geometry, vrm.newAddr);
export const successAt = (mm: Mm, at: Vpn): { value: bigint } => ({ value: toBytes(mm.geometry, at) });
