/** Explains why two neighbouring VMAs did not merge, with the checks that the merge itself makes. */
import type { MergeCheck, MergeExplanation, Vma, Vpn } from '../../machine/index.js';
import { atPage } from '../values.js';
import { joinedBy } from './merge.js';
import { rulesFor, type MergeQuestion, type NewRange, type Rule } from './merge-checks.js';
import type { Mm } from './mm.js';
import type { VmArea } from './vm-area.js';

/** @returns undefined where nothing is mapped, or both addresses lie in one VMA */
export function explainMerge(mm: Mm, changedAt: Vpn, neighbourAt: Vpn, shown: (v: VmArea) => Vma): MergeExplanation | undefined {
  const changed = mm.lookup(changedAt);
  const neighbour = mm.lookup(neighbourAt);
  if (changed === undefined || neighbour === undefined || changed === neighbour) return undefined;
  const question = questionOf(mm, changed, neighbour);
  const checks = [adjacent(mm, changed, neighbour), ...rulesFor(question).map((rule) => answered(mm, rule, question, changed.start < neighbour.start))];
  return { changed: shown(changed), neighbour: shown(neighbour), checks, apart: checks.find((c) => !c.holds) ?? null };
}

/** The checks that vma_modify() would make if the VMA were given the flags it has. */
function questionOf(mm: Mm, changed: VmArea, neighbour: VmArea): MergeQuestion {
  const range: NewRange = { ...changed, modified: changed };
  const { behaviours } = mm;
  const { anonVma } = changed;
  if (neighbour.start < changed.start) return { behaviours, range, anonVma, neighbour };
  const below = mm.previous(changed.start);
  return { behaviours, range, anonVma, neighbour, opposite: joinedBy(mm, range, below?.end === changed.start ? below : undefined, undefined).prev };
}

function answered(mm: Mm, rule: Rule, question: MergeQuestion, changedIsLower: boolean): MergeCheck {
  const { fn, file } = mm.functions[rule.fn(question)];
  const [ofRange, ofNeighbour] = rule.values(question);
  const [lower, upper] = changedIsLower ? [ofRange, ofNeighbour] : [ofNeighbour, ofRange];
  return { code: rule.code, fn, file, text: rule.text, otherwise: rule.otherwise(question), holds: rule.holds(question), lower, upper };
}

/** What makes them neighbours. */
function adjacent(mm: Mm, a: VmArea, b: VmArea): MergeCheck {
  const [lower, upper] = a.start < b.start ? [a, b] : [b, a];
  return {
    code: 'merge.adjacent',
    ...mm.functions.mergeExisting,
    text: 'one begins where the other ends',
    otherwise: 'a gap or another mapping lies between them',
    holds: lower.end === upper.start,
    lower: atPage(mm, 'vm_end', lower.end),
    upper: atPage(mm, 'vm_start', upper.start),
  };
}
