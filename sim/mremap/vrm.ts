/**
 * struct vma_remap_struct (vrm) of mm/mremap.c: what an mremap call carries from stage to stage.
 * Kernels before v6.15 pass the same values as arguments; the model keeps one shape for all.
 */
import { MREMAP, toBytes, toVpn, type Bytes, type MremapCall, type Pages, type Vpn } from '../../machine/index.js';
import type { Mm } from '../vma/mm.js';
import { alignUp } from '../vma/page-align.js';

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
  };
}

/** vrm_implies_new_addr() */
export const impliesNewAddr = (vrm: Vrm): boolean => vrm.fixed || vrm.dontUnmap;

/** vrm_remap_type() */
export function remapType(vrm: Vrm): 'shrink' | 'expand' | 'no_resize' {
  if (vrm.newLen < vrm.oldLen) return 'shrink';
  return vrm.newLen > vrm.oldLen ? 'expand' : 'no_resize';
}

export const newVpn = (mm: Mm, vrm: Vrm): Vpn => toVpn(mm.geometry, vrm.newAddr);
export const successAt = (mm: Mm, at: Vpn): { value: bigint } => ({ value: toBytes(mm.geometry, at) });
