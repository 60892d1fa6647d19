/** The ways in which one place of the explorer's actors is made wrong: a lock that is not waited for, a flush, a second look or a wait that is left out. */

export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly what: string;
  /** The file as it is with it. */
  readonly text: string;
  readonly was: string;
}

/** A call with its arguments, brackets within brackets up to three deep. */
const ARGS = String.raw`\((?:[^()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))*\)`;

const OPERATORS: readonly (readonly [what: string, pattern: string, by: string])[] = [
  ['does not wait for a lock to be free', String.raw`if \((!isFree${ARGS}[^\n]*)\) return BLOCKED;`, ''],
  ['takes a lock that somebody has', String.raw`\b(?:tryWrite|takeWrite)\(c, ([^,\n]+?)(?:, [^\n]*?)?\)(?=\) return BLOCKED)`, 'takeAnyway(c, $1)'],
  ['reads under a lock that somebody has', String.raw`\b(?:tryRead|takeRead)\(c, ([^,\n]+?)(?:, [^\n]*?)?\)(?=\) return BLOCKED| \? undefined : BLOCKED)`, 'readAnyway(c, $1)'],
  ['takes a lock that somebody has', String.raw`\blockWrite(?=\(kit|\(\{)`, 'stealWrite'],
  ['reads under a lock that somebody has', String.raw`\blockRead(?=\(kit)`, 'stealRead'],
  ['does not flush', String.raw`\bflushTlb${ARGS}`, 'undefined'],
  ['is no RCU section', String.raw`\b(?:rcuReadLock|enter)\(w, c\);`, ''],
  ['does not wait for RCU', String.raw`!isQuiet\(w, c\)`, 'false'],
  ['does not look at the table again', String.raw`recheck && c\.get${ARGS} !== tableEntry\(t\)`, 'false'],
  ['does not look at the table again', String.raw`w\.behaviours\.pte_map_recheck === 'yes' && c\.get${ARGS} !== tableEntry${ARGS}`, 'false'],
  ['does not look at the entry again', String.raw`c\.get\(cell\) !== c\.reg\(orig\)`, 'false'],
  ['does not look whether the folio is mapped', String.raw`!isMapped${ARGS}`, 'false'],
  ['takes the folio for unmapped', String.raw`(?<!!)\bisMapped${ARGS}(?= \?|\) return)`, 'false'],
  ['takes the folio for mapped', String.raw`(?<!!)\bisMapped${ARGS}(?= \?|\) return)`, 'true'],
  ['goes on with an anon_vma without references', String.raw`\btryGetAnonVma${ARGS}`, 'true'],
  ['does not look for pins', String.raw`c\.get\(w\.frame${ARGS.replaceAll('c.get', '')}\) > 0`, 'false'],
  ['does not wait for readers of the VMA', String.raw`if \(([^\n]*isRead${ARGS})\) return BLOCKED;`, ''],
  ['does not wait for the trees of the reverse map', String.raw`!(?:treesAreFree|canUnlink)${ARGS}`, 'false'],
  ['does not wait for who has interrupts off', String.raw`w\.behaviours\.flush_ipi === 'yes'`, 'false'],
  ['has its interrupts on', String.raw`irqs\(w, c, 1\);`, ''],
  ['is not locked while it is moved', String.raw`c\.set\(w\.vmaLock${ARGS}\.writer, c\.actor\.index \+ 1\);`, ''],
  ['does not count itself', String.raw`void c\.add\(w\.mm\(mm, 'seq'\), 1\)`, 'undefined'],
  ['believes the file to be long enough', String.raw`if \(isBeyond\(c\)\) return beyond;`, ''],
  ['believes the file to be long enough', String.raw`if \(!isBeyond\(c\)\) return mapIt;`, 'return mapIt;'],
];

export function mutantsOf(file: string, text: string): Mutant[] {
  return OPERATORS.flatMap(([what, pattern, by]) =>
    [...text.matchAll(new RegExp(pattern, 'g'))]
      .filter(({ index }) => !text.slice(text.lastIndexOf('\n', index) + 1, index).startsWith('import') && !text.slice(0, index).endsWith('function '))
      .map((match): Mutant => {
        const put = match[0].replace(new RegExp(pattern), by);
        // What looks ahead does not match alone.
        const with_ = put === match[0] ? by.replace('$1', match[1] ?? '') : put;
        return {
          file,
          line: text.slice(0, match.index).split('\n').length,
          what,
          was: match[0],
          text: text.slice(0, match.index) + with_ + text.slice(match.index + match[0].length),
        };
      }),
  );
}
