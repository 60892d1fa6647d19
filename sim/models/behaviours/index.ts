/**
 * Where released kernels (and posted patches) differ, as data: each behaviour with its values, the
 * releases that changed it, and where it comes from. The model asks for a behaviour by name at the
 * place where the kernel's code differs; it never asks for a version.
 */
import { CONCURRENCY } from './concurrency.js';
import { MAPPINGS } from './mappings.js';
import { MREMAP } from './mremap.js';
import { PAGE_TABLES } from './page-tables.js';
import { RELOCATE_ANON } from './relocate-anon.js';

export type { Behaviour, Change } from './behaviour.js';

export const BEHAVIOURS = { ...MREMAP, ...PAGE_TABLES, ...MAPPINGS, ...RELOCATE_ANON, ...CONCURRENCY } as const;

export type BehaviourName = keyof typeof BEHAVIOURS;
export type Behaviours = { readonly [N in BehaviourName]: (typeof BEHAVIOURS)[N]['values'][number] };
