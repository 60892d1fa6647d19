/** What a scenario asks to be shown: which records, not how they are drawn. */
import type { LogSummary } from './log.js';
import type { Vpn } from './number.js';
import type { Schedule } from './race.js';
import type { OpRecord } from './record.js';
import type { FolioInfo, RmapVisit } from './rmap.js';
import type { AddressSpace } from './space.js';
import type { Table } from './table.js';

/** Something to show; `viewText`, `viewSpec` and `viewHtml` of `plot/` draw it. */
export type View =
  /** The entries a call moved, by level, in order. */
  | { readonly what: 'moves'; readonly record: OpRecord; readonly model: string }
  /** The address space before and after a call, as two aligned bands. */
  | { readonly what: 'maps'; readonly record: OpRecord; readonly model: string }
  /** The address space as it is now. */
  | { readonly what: 'space'; readonly space: AddressSpace; readonly model: string }
  /** The path a call took, check by check; or only what a printk in move_page_tables() would have said. */
  | { readonly what: 'steps'; readonly record: OpRecord; readonly model: string; readonly printk?: boolean }
  /** What a call cost, beside what the same call costs on other releases. */
  | { readonly what: 'cost'; readonly record: OpRecord; readonly others: readonly CostBeside[]; readonly model: string }
  /** What replaying a log came to. */
  | { readonly what: 'log'; readonly log: LogSummary; readonly model: string }
  /** The page tables: with `at`, those on the walk to that page; with `record`, those the call worked on and what it did to them; otherwise all. */
  | { readonly what: 'tables'; readonly space: AddressSpace; readonly at?: Vpn; readonly record?: OpRecord; readonly model: string }
  /** Rows of values, and the sentences that say what they come to. */
  | { readonly what: 'table'; readonly title: string; readonly text: readonly string[]; readonly table: Table; readonly model: string }
  /** One schedule of a race, step by step; with what each step changed. */
  | { readonly what: 'schedule'; readonly schedule: Schedule; readonly states: boolean; readonly model: string }
  /** Where the reverse map finds the page at an address: its folio, and the VMAs that a walk looks at. */
  | {
      readonly what: 'rmap';
      readonly at: Vpn;
      readonly space: AddressSpace;
      readonly folio: FolioInfo;
      readonly visits: readonly RmapVisit[];
      readonly title: string;
      readonly text: readonly string[];
      readonly table: Table;
      readonly model: string;
    }
  /** One block on several models: the differences as a table, and what each model came to. */
  | { readonly what: 'compare'; readonly title: string; readonly text: readonly string[]; readonly table: Table; readonly sides: readonly ComparedSide[]; readonly model: string }
  /** A table as a chart. */
  | ({ readonly what: 'plot'; readonly table: Table; readonly model: string } & Channels);

/** The same call, after the same history, on another release. */
export interface CostBeside {
  readonly model: string;
  readonly record: OpRecord;
}

/** What a block did on one of the models that are compared. */
export interface ComparedSide {
  readonly model: string;
  readonly records: readonly OpRecord[];
  readonly space: AddressSpace;
}

/** Which column, by its name, each part of a chart shows. */
export interface Channels {
  readonly x: string;
  readonly y: string;
  readonly color?: string;
  readonly mark: 'line' | 'bar' | 'heat';
  readonly title?: string;
}
