/**
 * The look of every chart. Colours are Okabe and Ito's, which stay apart for colour-blind readers;
 * a level has the same colour wherever it appears.
 */
import type { Config } from 'vega-lite';
import type { LevelName, MoveKind } from '../machine/index.js';

/** The font of all charts: the one that is bundled first, then what a browser has. */
export const FONT = 'DejaVu Sans, Verdana, sans-serif';

export const INK = { text: '#222222', quiet: '#666666', line: '#888888', grid: '#d9d9d9', ground: '#ffffff' } as const;

export const LEVEL_COLOUR: Readonly<Record<LevelName, string>> = {
  pte: '#e69f00',
  pmd: '#0072b2',
  pud: '#009e73',
  p4d: '#8a5aa8',
  pgd: '#5c6670',
};

/** The text colour that is legible on a level's colour. */
export const ON_LEVEL: Readonly<Record<LevelName, string>> = {
  pte: '#222222',
  pmd: '#ffffff',
  pud: '#ffffff',
  p4d: '#ffffff',
  pgd: '#ffffff',
};

export const SKIP_COLOUR = '#d5d8dc';
export const REFUSED_COLOUR = '#c4391d';

/** What a call did to a part of the address space. */
export const ROLE_COLOUR = { moved: '#cc79a7', unmapped: '#d55e00', new: '#56b4e9' } as const;
export type Role = keyof typeof ROLE_COLOUR;

export const GRID_COLOUR = '#c3cdd4';

export const VMA_COLOUR = { body: '#eceff1', frame: '#5c6670', present: '#455a64', zero: '#b0bec5' } as const;

/** The label a kind of step carries in legends, tables and tooltips; its colour is its level's. */
export const KIND_LABEL: Readonly<Record<MoveKind, string>> = {
  start: 'start',
  realign: 'realign',
  pte: 'PTE',
  pmd: 'PMD',
  pud: 'PUD',
  pmd_refused: 'PMD refused',
  pud_refused: 'PUD refused',
  huge_pmd: 'huge PMD',
  huge_pmd_refused: 'huge PMD refused',
  split: 'huge PMD split',
  skip_pmd: 'no PMD, skipped',
  skip_pud: 'no PUD, skipped',
};

export const KIND_COLOUR: Readonly<Record<MoveKind, string>> = {
  start: INK.line,
  realign: INK.text,
  pte: LEVEL_COLOUR.pte,
  pmd: LEVEL_COLOUR.pmd,
  pud: LEVEL_COLOUR.pud,
  pmd_refused: REFUSED_COLOUR,
  pud_refused: REFUSED_COLOUR,
  huge_pmd: LEVEL_COLOUR.pmd,
  huge_pmd_refused: REFUSED_COLOUR,
  split: REFUSED_COLOUR,
  skip_pmd: SKIP_COLOUR,
  skip_pud: SKIP_COLOUR,
};

/** Series that are no levels, told apart by colour alone. */
export const CATEGORIES = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a5aa8', '#5c6670'] as const;

/** The colours of a heat map, from little to much. */
export const HEAT = ['#eef4f8', '#9ecae1', '#3182bd', '#08306b'] as const;

export const SIZE = { title: 15, subtitle: 12, label: 11, small: 10 } as const;

/** The width that is drawn on, and the room on its left for the names of rows or an axis: together they fit a notebook's column. */
export const PLANE = 770;
export const ROW_NAMES = 80;

export const SCHEMA = 'https://vega.github.io/schema/vega-lite/v5.json';

/** The Vega-Lite `config` of all charts: colours, sizes and fonts. */
export const theme: Config = {
  background: INK.ground,
  font: FONT,
  view: { stroke: null },
  title: {
    anchor: 'start',
    frame: 'bounds',
    color: INK.text,
    fontSize: SIZE.title,
    fontWeight: 'bold',
    subtitleColor: INK.quiet,
    subtitleFontSize: SIZE.subtitle,
    subtitlePadding: 5,
    offset: 14,
  },
  axis: {
    labelColor: INK.text,
    labelFontSize: SIZE.label,
    titleColor: INK.text,
    titleFontSize: SIZE.label,
    titleFontWeight: 'normal',
    gridColor: INK.grid,
    domainColor: INK.line,
    tickColor: INK.line,
  },
  legend: { labelColor: INK.text, labelFontSize: SIZE.label, titleColor: INK.text, titleFontSize: SIZE.label, titleFontWeight: 'normal' },
};
