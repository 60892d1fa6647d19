/** What a run is judged by: every claim and expectation of its text, and what became of it each time it was reached. */
import type { Span } from '../../machine/index.js';
import type { Judgement } from '../api.js';
import type { Source } from '../messages/diagnostics.js';
import type { Script } from '../syntax/ast.js';

type Kind = Judgement['kind'];

interface Count {
  readonly kind: Kind;
  readonly line: number;
  readonly text: string;
  readonly span: Span;
  held: number;
  failed: number;
  undecided: number;
}

export class Verdicts {
  private readonly counts = new Map<string, Count>();

  /** @param script nothing of it is reached yet; without one, only what is reached is listed */
  constructor(
    private readonly source: Source,
    script?: Script,
  ) {
    if (script !== undefined) for (const { kind, span } of judgedIn(script)) this.at(kind, span);
  }

  /** @param span where it stands in the text of the run; what a function of an earlier cell judges stands where it was called */
  note(kind: Kind, span: Span, verdict: 'held' | 'failed' | 'undecided'): void {
    this.at(kind, span)[verdict]++;
  }

  /** How many expectations held, failed, and could not be decided; claims come apart. */
  get expectations(): { held: number; failed: number; undecided?: number } {
    const of = (verdict: 'held' | 'failed' | 'undecided'): number => [...this.counts.values()].reduce((n, c) => (c.kind === 'claim' ? n : n + c[verdict]), 0);
    const undecided = of('undecided');
    return { held: of('held'), failed: of('failed'), ...(undecided > 0 && { undecided }) };
  }

  /** In the order of the text. */
  list(): Judgement[] {
    return [...this.counts.values()]
      .sort((a, b) => a.span.start - b.span.start)
      .map((c) => ({ ...c, verdict: c.failed > 0 ? 'failed' : c.undecided > 0 ? 'undecided' : c.held > 0 ? 'held' : 'not reached' }));
  }

  private at(kind: Kind, span: Span): Count {
    const key = `${kind} ${span.start}`;
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    const { line } = this.source.position(span.start);
    const count: Count = { kind, line, text: this.source.line(line).trim(), span, held: 0, failed: 0, undecided: 0 };
    this.counts.set(key, count);
    return count;
  }
}

/** Every claim and expectation of a text, in functions and branches too. */
function* judgedIn(node: unknown): Generator<{ kind: Kind; span: Span }> {
  if (Array.isArray(node)) {
    for (const item of node) yield* judgedIn(item);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const { kind, span, expected, claim } = node as { kind?: unknown; span?: Span; expected?: unknown; claim?: { span: Span } };
  if (span !== undefined) {
    if (kind === 'expect' || kind === 'judge' || (expected === true && (kind === 'maps' || kind === 'layout'))) yield { kind: kind === 'judge' ? 'race' : kind, span };
    if (claim !== undefined) yield { kind: 'claim', span: claim.span };
  }
  for (const part of Object.values(node)) yield* judgedIn(part);
}
