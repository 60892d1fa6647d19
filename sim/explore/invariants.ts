/**
 * What must never happen, by name. Some are noticed by the step that does it and remembered; the
 * others are asked of every final state, when all that was going to happen has happened.
 */
export const INVARIANTS = [
  { name: 'use_after_free', sentence: 'a load or store reached a page frame that had been freed' },
  { name: 'freed_in_tlb', sentence: 'a page frame was freed while a CPU could still reach it through its TLB' },
  { name: 'freed_while_mapped', sentence: 'a page frame was freed while a page table entry mapped it' },
  { name: 'freed_while_pinned', sentence: 'a page frame was freed while somebody had it pinned' },
  { name: 'missed_mapping', sentence: 'a reverse-map walk ended without having found every entry that maps the folio' },
  { name: 'dangling_mapping', sentence: 'a folio points to an anon_vma that was freed' },
  { name: 'freed_table', sentence: 'a page table was read or written after it had been freed' },
  { name: 'stale_pin', sentence: 'a pinned page was replaced where it was pinned: who has the pin and the process no longer see the same memory' },
  { name: 'lost_store', sentence: 'a page was copied, and what a CPU stored in the old one before the copy took its place is lost' },
  { name: 'shared_writable', sentence: 'a process may write a private page that another process maps as well' },
  { name: 'lost_page', sentence: 'unmapping the source of a move threw away a page that should have moved' },
  { name: 'bad_table', sentence: 'a PMD entry points to something that is no page table' },
  { name: 'wild_walk', sentence: 'a huge page was taken for a page table: what it holds was read as entries' },
  { name: 'lock_order', sentence: 'a lock was waited for while one that comes after it was held' },
  { name: 'deadlock', sentence: 'whoever is not done waits for what never comes' },
  { name: 'rmap_broken', sentence: 'a page is not where the reverse map looks for it: folio.mapping not in the chain of its VMA, or folio.index not its place there' },
  { name: 'wrong_mapcount', sentence: 'a folio says that it is mapped another number of times than it is' },
  { name: 'stale_tlb', sentence: 'a CPU still translates an address that the page tables no longer map, or map elsewhere' },
  { name: 'stray_entry', sentence: 'an entry is present where no VMA is' },
  { name: 'stale_migration_entry', sentence: 'a migration entry was left behind, for a migration that is over' },
  { name: 'wrong_active_vmas', sentence: 'an anon_vma says that it belongs to another number of VMAs than it does' },
  { name: 'wrong_map_count', sentence: 'mm.map_count is not the number of VMAs' },
  { name: 'wrong_total_vm', sentence: 'mm.total_vm is not the size of all VMAs' },
  { name: 'wrong_locked_vm', sentence: 'mm.locked_vm is not the size of the locked VMAs' },
  { name: 'wrong_committed', sentence: 'the pages charged are not those of the accountable VMAs' },
] as const;

export type InvariantName = (typeof INVARIANTS)[number]['name'];

export const INVARIANT_NUMBER = Object.fromEntries(INVARIANTS.map(({ name }, i) => [name, i])) as Readonly<Record<InvariantName, number>>;
