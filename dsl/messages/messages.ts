/**
 * Everything the language says to a user, by its code. `docs/messages.md` shows each with an example.
 * A text is one sentence without a full stop; a hint says what to do.
 */
export interface Text {
  readonly text: string;
  readonly hint?: string;
}

const list = (words: readonly string[], joined: 'and' | 'or' = 'and'): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} ${joined} ${words.at(-1)}`;

const near = (name: string | undefined): string | undefined => (name === undefined ? undefined : `did you mean \`${name}\`?`);

/** The hint for braces that hold lines of maps. */
export const MAPS_END = 'the block of `maps` ends with a line that holds only `}`';

/** The hint for a number where a condition is wanted. */
export const COMPARE_IT = 'compare it: write `!= 0`, or what it should be';

/**
 * Every message of the language by its code: the functions that make the text and the hint. `docs/messages.md` shows each.
 * @ignore
 */
export const MESSAGES = {
  // Syntax ---------------------------------------------------------------------------------------

  'bad-number': (image: string, hint?: string): Text => ({ text: `\`${image}\` is not a number`, hint }),
  'no-decimals': (image: string): Text => ({
    text: `\`${image}\` is not an integer`,
    hint: 'numbers are integers: write `*3/2` for one and a half; a release stands only after `kernel`',
  }),
  'unterminated-string': (): Text => ({ text: 'this string has no closing `"` on its line' }),
  'unexpected-character': (image: string): Text => ({
    text: `\`${image}\` means nothing here`,
    hint: /["'“”„«»‘’`]/u.test(image) ? 'strings stand in plain double quotes: `"text"`' : undefined,
  }),
  'c-operator': (image: string, word: string): Text => ({
    text: `\`${image}\` is not an operator here`,
    hint: `write \`${word}\``,
  }),
  'no-semicolon': (): Text => ({ text: 'statements are not ended by `;`', hint: 'put each statement on its own line' }),
  'expected-value': (found: string): Text => ({ text: `expected a value, found ${found}` }),
  'expected-release': (found: string): Text => ({
    text: `expected a kernel release, found ${found}`,
    hint: 'for example `kernel 6.12` or `kernel 6.12 with realign=none`',
  }),
  'expected-token': (wanted: string, found: string, hint?: string): Text => ({ text: `expected ${wanted}, found ${found}`, hint }),
  'unclosed-bracket': (bracket: string, hint?: string): Text => ({ text: `this \`${bracket}\` is never closed`, hint }),
  'too-long': (limit: number): Text => ({
    text: `this statement has more than ${limit} words and signs`,
    hint: 'bind its parts to names with `let`',
  }),
  'too-deep': (limit: number): Text => ({
    text: `brackets are nested more than ${limit} deep`,
    hint: 'bind the inner parts to names with `let`',
  }),
  'unexpected-token': (found: string, hint?: string): Text => ({ text: `did not expect ${found} here`, hint }),
  'stray-equals': (): Text => ({
    text: '`=` is not an operator',
    hint: '`=` binds a name or claims the result of a system call; to compare write `==`',
  }),
  'errno-as-value': (image: string): Text => ({
    text: `\`${image}\` is what a failed call prints, not a value`,
    hint: 'ask a result for its `.errno`: `expect m.errno == EINVAL`',
  }),
  'chained-comparison': (): Text => ({
    text: 'comparisons do not chain',
    hint: 'join two with `and`: `a <= b and b < c`',
  }),
  'bad-maps-line': (line: string): Text => ({
    text: `\`${line}\` is not a line of /proc/PID/maps`,
    hint: 'write `start-end perms`, in hexadecimal without 0x, and what else maps prints: `40000000-40200000 rw-p`',
  }),
  'empty-maps-line': (line: string): Text => ({ text: `\`${line}\` ends before it begins` }),
  'maps-overlap': (line: string): Text => ({
    text: `\`${line}\` overlaps the line before it, or comes too late`,
    hint: 'lines stand in the order of their addresses, as maps prints them',
  }),
  'bad-layout': (part: string): Text => ({
    text: `\`${part}\` is no part of a layout`,
    hint: 'write rows of letters as strings, and what a letter is as `B: r--s`',
  }),
  'bad-layout-sign': (sign: string): Text => ({
    text: `\`${sign}\` means nothing in a layout`,
    hint: 'a letter is a VMA, upper case faulted and lower case not; `.` is a hole; a ruler begins with a digit',
  }),
  'layout-letter': (letter: string): Text => ({ text: `no row has the letter \`${letter}\`` }),
  'reserved-name': (name: string, what: string): Text => ({
    text: `\`${name}\` is ${what} and cannot be bound`,
    hint: 'choose another name',
  }),

  // Names ----------------------------------------------------------------------------------------

  'unknown-name': (name: string, like?: string): Text => ({ text: `unknown name \`${name}\``, hint: near(like) }),
  'bound-later': (name: string, line: number): Text => ({
    text: `\`${name}\` is not bound yet`,
    hint: `it is bound on line ${line}: move that line up`,
  }),
  'unknown-function': (name: string, like?: string): Text => ({ text: `unknown function \`${name}\``, hint: near(like) }),
  'unknown-flag': (name: string, like?: string): Text => ({ text: `unknown flag \`${name}\``, hint: near(like) }),
  'wrong-flag': (name: string, wanted: string, like?: string): Text => ({
    text: `\`${name}\` is not one of the ${wanted} flags this argument takes`,
    hint: near(like),
  }),
  'unknown-errno': (name: string, like?: string): Text => ({ text: `unknown errno \`${name}\``, hint: near(like) }),
  'unknown-field': (field: string, type: string, like?: string, known: readonly string[] = []): Text => ({
    text: `no field \`${field}\` in ${type}`,
    hint: near(like) ?? (known.length === 0 ? undefined : `its fields are ${list(known)}`),
  }),
  'call-without-brackets': (signature: string): Text => ({
    text: 'a function has no value of its own',
    hint: `call it: \`${signature}\``,
  }),
  'already-bound': (name: string, line: number): Text => ({
    text: `\`${name}\` is already bound by \`let\` on line ${line}`,
    hint: `to give it another value write \`${name} = ...\` without \`let\``,
  }),
  'unused-let': (name: string): Text => ({ text: `\`${name}\` is never used` }),
  'no-effect': (): Text => ({ text: 'this value is computed and dropped', hint: 'claim it with `expect`, or `print` it' }),

  // Calls ----------------------------------------------------------------------------------------

  'missing-argument': (name: string, param: string, signature: string): Text => ({
    text: `\`${name}\` lacks its argument \`${param}\``,
    hint: `it is called as \`${signature}\``,
  }),
  'extra-argument': (name: string, signature: string): Text => ({
    text: `\`${name}\` does not take that many arguments`,
    hint: `it is called as \`${signature}\``,
  }),
  'range-expected': (name: string, pair?: readonly [start: string, end: string]): Text => ({
    text: `\`${name}\` asks about a range`,
    hint: pair === undefined ? 'write `a..b`, or `a..+length`' : `write \`${pair.join('..')}\`, or \`${pair.join('..+')}\` if that is a length`,
  }),
  'unexpected-range': (name: string): Text => ({ text: `\`${name}\` takes a value here, not a range` }),
  'unexpected-struct': (): Text => ({ text: 'a struct can only be the argument of a call that takes one' }),
  'struct-expected': (where: string): Text => ({
    text: `${where} is a struct, or NULL`,
    hint: 'write it as strace does: `{rlim_cur=64*1024, rlim_max=RLIM_INFINITY}`',
  }),
  'impossible-claim': (why: string): Text => ({ text: 'no kernel answers so', hint: why }),
  'size-of-units': (name: string, unit: string): Text => ({
    text: `\`${name}\` takes bytes, and this is a plain number smaller than a page`,
    hint: `write a unit: \`${unit}\``,
  }),
  'claim-without-call': (source: string, claim: string): Text => ({
    text: 'only the result of a system call can be claimed with `=`',
    hint: `write \`expect ${source} == ${claim}\``,
  }),

  // Kernels --------------------------------------------------------------------------------------

  'unknown-release': (name: string, nearest: readonly string[], known: readonly string[]): Text => ({
    text: `unknown kernel release \`${name}\``,
    hint:
      nearest.length === 0
        ? `the releases are ${list(known)}`
        : `the nearest ${nearest.length === 1 ? 'is' : 'are'} ${list(nearest.map((n) => `\`${n}\``))}; there are ${list(known)}`,
  }),
  'unknown-behaviour': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `unknown behaviour \`${name}\``,
    hint: near(like) ?? (known.length === 0 ? undefined : `the behaviours are ${list(known)}`),
  }),
  'unknown-behaviour-value': (name: string, value: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `\`${name}\` cannot be \`${value}\``,
    hint: near(like) ?? `its values are ${list(known)}`,
  }),
  'behaviour-needs-value': (name: string, known: readonly string[]): Text => ({
    text: `\`${name}\` needs a value`,
    hint: `write \`${known.map((v) => `${name}=${v}`).join('` or `')}\``,
  }),
  'behaviour-always-on': (name: string, known: readonly string[]): Text => ({
    text: `\`${name}\` cannot be switched off`,
    hint: `its values are ${list(known)}`,
  }),

  // Settings -------------------------------------------------------------------------------------

  'unknown-setting': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `unknown setting \`${name}\``,
    hint: near(like) ?? `the settings are ${list(known)}`,
  }),

  'unknown-setting-value': (name: string, value: string, known: readonly string[]): Text => ({
    text: `\`${name}\` cannot be \`${value}\``,
    hint: `write ${list(known, 'or')}`,
  }),
  'unknown-machine': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `unknown machine \`${name}\``,
    hint: near(like) ?? `the machines are ${list(known)}`,
  }),
  'unknown-machine-part': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `a machine has no \`${name}\``,
    hint: near(like) ?? `it has ${list(known)}`,
  }),
  'unknown-failure': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `\`${name}\` cannot be made to fail`,
    hint: near(like) ?? `what can is ${list(known)}`,
  }),

  // Blocks ---------------------------------------------------------------------------------------

  misplaced: (word: string, where: string): Text => ({ text: `\`${word}\` stands ${where}` }),
  'race-empty': (): Text => ({ text: 'a race needs threads', hint: 'write `thread NAME { ... }` in its block' }),
  'not-in-a-race': (what: string, instead: string): Text => ({ text: what, hint: instead }),
  'race-refused': (what: string, instead: string): Text => ({ text: what, hint: instead }),
  'race-failed': (quantifier: string, condition: string, n: number, of: number): Text => ({
    text: `\`${condition}\` is true in ${n} of ${of} final states, expected ${quantifier}`,
  }),
  'race-undecided': (quantifier: string, condition: string, of: number, bound: string): Text => ({
    text: `\`${quantifier} ${condition}\` is undecided: ${bound}, and no final state of the ${of} found tells`,
    hint: 'let the threads do less, name fewer pages, or allow more: `race NAME within 1000000 states { ... }`',
  }),
  'unknown-bound': (): Text => ({
    text: 'a race is bounded by preemptions, by states, and its seed',
    hint: 'write `race NAME within 3 preemptions, 100000 states, seed 7 { ... }`, or some of these',
  }),
  'no-race': (): Text => ({ text: 'there is no race yet that could be judged', hint: 'write `race NAME { thread T { ... } thread U { ... } }` first' }),
  'unknown-schedule': (id: string | undefined, known: readonly string[]): Text => ({
    text: id === undefined ? 'there is no schedule yet' : `no schedule is called \`${id}\` here`,
    hint: known.length === 0 ? 'judge a race first: what fails is shown with the id of its schedule' : `schedules shown so far: ${known.join(', ')}`,
  }),
  'unknown-replay': (word: string): Text => ({ text: `a schedule cannot be replayed with \`${word}\``, hint: 'write `replay ID` or `replay ID with state`' }),
  unreachable: (): Text => ({ text: 'this is never reached: the `return` above it ends the function' }),
  'not-several': (kind: string): Text => ({
    text: `${kind} is one thing, and has no items to count`,
    hint: 'lists, `vmas(...)`, tables, `steps`, `log` and `visits` have items: `vmas()[0]`',
  }),
  'no-such-item': (index: string, count: number): Text => ({
    text: count === 0 ? `there is no item ${index}: it is empty` : `there is no item ${index}: there ${count === 1 ? 'is' : 'are'} ${count}, counted from 0`,
  }),
  'not-a-function': (name: string, kind: string): Text => ({ text: `\`${name}\` is ${kind}, and cannot be called` }),
  'parameter-twice': (name: string): Text => ({ text: `\`${name}\` is a parameter already` }),
  'no-yield': (): Text => ({
    text: 'this sweep yields nothing, so that its table would say nothing',
    hint: 'end its block with `yield`, for example `yield m.moved.pte`',
  }),
  'bad-step': (step: string): Text => ({ text: `a step of ${step} never arrives`, hint: 'steps are greater than 0' }),
  'too-many-points': (points: string, limit: number): Text => ({
    text: `this has ${points} points, more than ${limit}`,
    hint: 'take larger steps',
  }),
  'too-many-calls': (name: string, limit: number): Text => ({
    text: `\`${name}\` calls itself more than ${limit} deep`,
    hint: 'a function that calls itself needs an `if` that ends it',
  }),
  'no-child': (why: string): Text => ({ text: `there is no child to be in: ${why}`, hint: 'call `fork()` first' }),

  // Tables ---------------------------------------------------------------------------------------

  'nothing-to-plot': (): Text => ({ text: 'there is no table yet', hint: 'a `sweep` gives one' }),
  'unknown-channel': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `a plot has no \`${name}\``,
    hint: near(like) ?? `it has ${list(known)}`,
  }),
  'unknown-mark': (name: string, known: readonly string[]): Text => ({ text: `unknown mark \`${name}\``, hint: `the marks are ${list(known)}` }),
  'unknown-column': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `the table has no column \`${name}\``,
    hint: near(like) ?? `its columns are ${list(known)}`,
  }),

  // Not in this version --------------------------------------------------------------------------

  'later-call': (name: string, known: readonly string[]): Text => ({
    text: `\`${name}\` is not modelled yet`,
    hint: `this version models ${list(known)}`,
  }),
  'view-of-what': (name: string): Text => ({ text: `\`show ${name}\` needs an address`, hint: `write \`show ${name} p\`` }),
  'later-host': (known: readonly string[]): Text => ({
    text: '`kernel host`, the machine you sit at, comes later',
    hint: `the modelled releases are ${list(known)}`,
  }),

  // Views ----------------------------------------------------------------------------------------

  'unknown-view': (name: string, like: string | undefined, known: readonly string[]): Text => ({
    text: `unknown view \`${name}\``,
    hint: near(like) ?? `this version shows ${list(known)}`,
  }),
  'printk-of-steps': (view: string): Text => ({ text: `\`show ${view}\` has no \`--printk\``, hint: 'write `show steps m --printk`' }),
  'nothing-to-show': (what: string): Text => ({
    text: `there is no mremap yet whose ${what} could be shown`,
    hint: `call mremap first, or name a result: \`show ${what} m\``,
  }),

  // Pasted lines ---------------------------------------------------------------------------------

  'printk-taken': (at: string): Text => ({
    text: `this printk cannot become a scenario here: something is mapped at ${at} already`,
    hint: 'write `kernel 6.18` (or any other) before it: a fresh process has the whole address space',
  }),
  'printk-odd': (why: string): Text => ({ text: `move_page_tables() is never called like this: ${why}` }),

  // Values ---------------------------------------------------------------------------------------

  'wrong-type': (where: string, wanted: string, got: string, hint?: string): Text => ({
    text: `${where} needs ${wanted}, not ${got}`,
    hint,
  }),
  'cannot-compare': (left: string, right: string, hint?: string): Text => ({
    text: `cannot compare ${left} with ${right}`,
    hint,
  }),
  'out-of-range': (what: string, value: string, range: string): Text => ({ text: `${what} is ${value}, outside ${range}` }),
  'number-too-big': (): Text => ({ text: 'this number is too big for any machine', hint: 'addresses have 64 bits' }),
  'division-by-zero': (): Text => ({ text: 'division by zero' }),
  'fd-missing': (): Text => ({
    text: '`fd` and `offset` may be left out only of an anonymous mapping',
    hint: 'add MAP_ANONYMOUS (`anon`) to the flags',
  }),

  // Layouts --------------------------------------------------------------------------------------

  'maps-differ': (): Text => ({ text: 'the address space is not as expected' }),
  'layout-differs': (): Text => ({ text: 'the layout is not as expected' }),
  'line-refused': (errno: string, why: string): Text => ({ text: `this cannot be mapped: ${errno}: ${why}` }),
  'lines-apart': (): Text => ({
    text: 'nothing that maps prints keeps this line apart from the one before: each was written to once, so that they have different anon_vmas',
    hint: 'if they are one mapping, write one line',
  }),
  'lines-merge': (found: string): Text => ({
    text: `the kernel makes one mapping of this line and its neighbour: ${found}`,
    hint: 'nothing keeps them apart: same permissions, flags and file, page offsets that go on, one anon_vma or none',
  }),
  'letters-merge': (a: string, b: string, perms: string): Text => ({
    text: `the kernel would merge \`${a}\` and \`${b}\`: both are ${perms}, and can_vma_merge_after() finds nothing that keeps them apart`,
    hint: `leave a hole between them, give one of them other permissions (\`${b}: r--p\`), or draw them as one letter`,
  }),
  'letter-twice': (letter: string): Text => ({
    text: `\`${letter}\` stands in two places, and one VMA cannot`,
    hint: 'another VMA takes another letter',
  }),
  'cannot-fault': (letter: string, perms: string): Text => ({ text: `\`${letter}\` is ${perms}, so nothing can fault its pages in` }),
  'not-whole-pages': (where: string): Text => ({ text: `${where} needs whole pages` }),

  // The run --------------------------------------------------------------------------------------

  'expect-failed': (): Text => ({ text: 'the expectation does not hold' }),
  'claim-failed': (claimed: string, answered: string, hint?: string): Text => ({
    text: `claimed ${claimed}, but the kernel answered ${answered}`,
    hint,
  }),
  'segmentation-fault': (at: string, why: string, nearest: string | undefined): Text => ({
    text: `SIGSEGV at ${at}: ${why}`,
    hint: nearest,
  }),
  'bus-error': (at: string, why: string, nearest: string | undefined): Text => ({
    text: `SIGBUS at ${at}: ${why}`,
    hint: nearest,
  }),
  'not-mapped': (at: string, nearest: string | undefined): Text => ({ text: `nothing is mapped at ${at}`, hint: nearest }),
  'set-up': (text: string, hint: string): Text => ({ text, hint }),
} satisfies Record<string, (...args: never[]) => Text>;

/** The code of a message, as a diagnostic has it. */
export type Code = keyof typeof MESSAGES;
export type Arguments<C extends Code> = Parameters<(typeof MESSAGES)[C]>;

const WARNINGS: ReadonlySet<Code> = new Set<Code>(['unused-let', 'no-effect', 'unreachable', 'size-of-units', 'lines-apart']);

export interface Message extends Text {
  readonly code: Code;
  readonly severity: 'error' | 'warning';
}

export function message<C extends Code>(code: C, ...args: Arguments<C>): Message {
  const say = MESSAGES[code] as (...args: Arguments<C>) => Text;
  return { code, severity: WARNINGS.has(code) ? 'warning' : 'error', ...say(...args) };
}
