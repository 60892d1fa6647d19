/** What a process may do and a machine allows: capabilities and sysctls. */
import type { Result, SettingOp } from '../machine/index.js';
import type { Mm } from './vma/mm.js';

export function applySetting(mm: Mm, op: SettingOp): Result {
  if (op.name === 'capability') {
    if (op.held) mm.limits.capabilities.add(op.capability);
    else mm.limits.capabilities.delete(op.capability);
  } else if (op.name === 'fail') {
    mm.kernel.failures.set(op.what, op.after);
  } else if (op.name === 'thp') {
    mm.limits.thp = op.enabled;
  } else {
    const value = Number(op.value);
    switch (op.key) {
      case 'vm.max_map_count':
        mm.limits.maxMapCount = value;
        break;
      case 'vm.mmap_min_addr':
        mm.limits.mmapMinAddr = Math.ceil(value / 2 ** mm.geometry.pageShift);
        break;
      case 'vm.overcommit_memory':
        mm.limits.overcommit = value === 1 ? 1 : value === 2 ? 2 : 0;
        break;
      case 'vm.nr_hugepages':
        mm.kernel.hugePool = value;
        break;
      case 'vm.overcommit_ratio':
        mm.limits.overcommitRatio = value;
        break;
    }
  }
  return { kind: 'value', value: 0n };
}
