/** `why m`: what decided each step of a move, as sentences and a table. */
import {
  count, levelOf, opText, resultText, size, stepValueText, strayTexts, toBytes, type Geometry, type LevelName, type MoveKind, type MoveStretch,
  type OpRecord, type Step, type TableCell, type View,
} from '../../machine/index.js'; // prettier-ignore

export function why(record: OpRecord, model: string): View {
  const g = record.before.geometry;
  const moves = record.moves.filter((m) => m.kind !== 'start');
  const text = [outcome(record), ...strayTexts(record), ...record.steps.filter((s) => s.verdict === 'refused').map(stepText)];
  const columns = [
    { name: 'what', as: 'text' },
    { name: 'from', as: 'address' },
    { name: 'to', as: 'address' },
    { name: 'size', as: 'size' },
    { name: 'steps', as: 'count' },
    { name: 'why', as: 'text' },
  ] as const;
  const rows = moves.map((m, i): TableCell[] => [what(m), toBytes(g, m.old), toBytes(g, m.new), toBytes(g, m.pages), m.steps, reason(m, moves[i - 1], record, g)]);
  const table = rows.length > 0 ? { columns, rows } : stepTable(record.steps);
  return { what: 'table', title: `why: ${opText(record.op)} = ${resultText(record)}`, text, table, model };
}

function outcome({ op, result, moved, moves, steps }: OpRecord): string {
  if (result.kind === 'errno') return `refused with ${result.errno} by ${result.refusal.fn}: ${result.refusal.why}`;
  if (op.name !== 'mremap' && op.name !== 'exec_stack') return `${op.name} moves no page tables`;
  if (moves.length === 0) return `nothing was moved: ${steps.findLast((s) => s.verdict === 'done' && s.file === 'mm/mremap.c')?.text ?? 'the mapping stayed where it was'}`;
  const parts: [number, string][] = [
    [moved.pud, 'PUD'],
    [moved.pmd, 'PMD'],
    [moved.huge_pmd, 'huge PMD'],
    [moved.pte, 'PTE'],
  ];
  const some = parts.filter(([n]) => n > 0).map(([n, name]) => `${count(n)} ${name}${n === 1 ? '' : 's'}`);
  return some.length === 0 ? 'there was nothing to move: no page was present' : `moved as ${some.join(', ')}`;
}

const LABEL: Readonly<Record<MoveKind, string>> = {
  start: 'start',
  realign: 'realigned',
  skip_pud: 'no PUD entry',
  skip_pmd: 'no PMD entry',
  pte: 'PTEs',
  pmd: 'PMD entries',
  pmd_refused: 'PMD entry refused',
  pud: 'PUD entries',
  pud_refused: 'PUD entry refused',
  huge_pmd: 'huge PMD entries',
  huge_pmd_refused: 'huge PMD entry refused',
  split: 'huge PMD entry split',
};

const what = (m: MoveStretch): string => (m.entries > 0 ? `${count(m.entries)} ${LABEL[m.kind]}` : LABEL[m.kind]);

function reason(m: MoveStretch, before: MoveStretch | undefined, record: OpRecord, g: Geometry): string {
  switch (m.kind) {
    case 'realign':
      return record.strays.length === 0
        ? 'both sides share their offset in an entry and nothing lies below them: the move starts lower'
        : 'both sides share their offset in an entry: the move starts lower, although pages lie below that nobody asked to move';
    case 'pud':
      return whole('pud', g);
    case 'pmd':
      return whole('pmd', g);
    case 'pud_refused':
    case 'pmd_refused':
    case 'huge_pmd_refused':
      return 'the entry at the destination is taken already: tried again one level below';
    case 'huge_pmd':
      return 'both sides cover the whole entry: the huge page keeps it';
    case 'split':
      return 'the two sides do not cover the whole huge page: it is taken apart, and its pages move one by one';
    case 'skip_pud':
    case 'skip_pmd':
      return 'no table at the source: nothing was ever touched here';
    case 'pte':
      return byEntries(m, before, record, g);
    case 'start':
      return '';
  }
}

const whole = (level: LevelName, g: Geometry): string =>
  `both sides cover whole ${level.toUpperCase()} entries of ${size(toBytes(g, 2 ** levelOf(g, level).shift))}: their tables are re-hung`;

/** Why pages moved one by one although an entry above them might have moved at once. */
function byEntries(m: MoveStretch, before: MoveStretch | undefined, record: OpRecord, g: Geometry): string {
  const span = 2 ** levelOf(g, 'pmd').shift;
  const [old, to] = [m.old % span, m.new % span];
  const inside = (pages: number): string => size(toBytes(g, pages));
  if (old !== to) return `the two sides differ in their offset within a PMD entry: ${inside(old)} and ${inside(to)}`;
  if (before?.kind === 'pmd_refused') return 'the PMD entry was refused';
  if (before?.kind === 'split') return 'the huge page was split';
  if (old !== 0) return `the range begins ${inside(old)} into a PMD entry${notRealigned(record.steps)}`;
  if (m.pages < span) return `the range covers only ${inside(m.pages)} of this PMD entry`;
  return 'the PMD entry may not be moved as one here';
}

function notRealigned(steps: readonly Step[]): string {
  const refused = steps.find((s) => s.verdict === 'refused' && s.code.startsWith('realign.'));
  if (refused !== undefined) return `, and ${refused.text}`;
  return steps.some((s) => s.code === 'realign.none') ? ', and this kernel has no realignment' : '';
}

function stepText(s: Step): string {
  const values = s.values.map((v) => `${v.name} ${stepValueText(v)}`).join(', ');
  return `${s.fn}: ${s.text}${values === '' ? '' : ` (${values})`}`;
}

/** For a call that moved nothing: its path, check by check. */
function stepTable(steps: readonly Step[]): Extract<View, { what: 'table' }>['table'] {
  const columns = ['function', 'what', 'verdict', 'numbers'].map((name) => ({ name, as: 'text' as const }));
  return { columns, rows: steps.map((s) => [s.fn, s.text, s.verdict, s.values.map((v) => `${v.name} ${stepValueText(v)}`).join(', ')]) };
}
