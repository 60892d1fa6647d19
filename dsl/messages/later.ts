/**
 * What the language or the kernel has and this version does not, with the name of what is missing.
 * Adding a feature takes its entry out here.
 */

/** Calls that change or ask about the address space. */
export const LATER_SYSCALLS: ReadonlySet<string> = new Set([
  'pkey_mprotect', 'process_madvise', 'msync', 'remap_file_pages', 'shmat', 'shmdt', 'shmget', 'mbind', 'set_mempolicy', 'migrate_pages', 'move_pages', 'map_shadow_stack', 'clone', 'execve',
]); // prettier-ignore
