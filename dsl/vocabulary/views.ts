/** What `show` can show. */
export type ViewName = 'moves' | 'maps' | 'steps' | 'tables' | 'cost' | 'diff' | 'rmap';

interface ViewKind {
  /** What it is shown of: the result of a call, or an address. */
  readonly of: 'result' | 'address';
  /** Without an argument: the last mremap, or the address space as it is now; or it needs one. */
  readonly otherwise: 'last' | 'space' | 'none';
  readonly summary: string;
}

export const VIEWS: Readonly<Record<ViewName, ViewKind>> = {
  moves: { of: 'result', otherwise: 'last', summary: 'every entry a call moved, by level, in order' },
  maps: { of: 'result', otherwise: 'space', summary: 'the layout now, or before and after a call' },
  steps: { of: 'result', otherwise: 'last', summary: 'the path a call took, check by check' },
  tables: { of: 'address', otherwise: 'space', summary: 'the page tables: all, those on the way to an address, or those a call worked on' },
  cost: { of: 'result', otherwise: 'last', summary: 'what a call cost, in counts and in modelled time, here and on other releases' },
  diff: { of: 'result', otherwise: 'last', summary: 'the mappings that a call took away and put there' },
  rmap: { of: 'address', otherwise: 'none', summary: 'the folio of the page at an address, and where the reverse map looks for it in every process' },
};

export const isView = (name: string): name is ViewName => Object.hasOwn(VIEWS, name);
