/** Lines of input to cells: a cell is over when the language says so, or, where it is not asked, at an empty line. */
export type Completeness = { readonly status: 'complete' | 'invalid' } | { readonly status: 'incomplete'; readonly indent: string };

export class CellReader {
  private lines: string[] = [];

  constructor(private readonly isComplete: (text: string) => Promise<Completeness>) {}

  /** What stands before the line that is being written. */
  get before(): string {
    return this.lines.map((line) => `${line}\n`).join('');
  }

  get inCell(): boolean {
    return this.lines.length > 0;
  }

  /** @returns the cell, once it is over, or how far the next line should be indented */
  async take(line: string): Promise<{ readonly cell: string } | { readonly indent: string }> {
    if (line.trim() === '' && !this.inCell) return { cell: '' };
    this.lines.push(line);
    const text = this.lines.join('\n');
    const ended = line.trim() === '';
    // TypeScript and logs could end with any line, so an empty line ends them.
    if (/^\s*%%/.test(text)) return ended ? { cell: this.rest() } : { indent: '' };
    const found = await this.isComplete(text);
    if (found.status !== 'incomplete') return { cell: this.rest() };
    // Two empty lines end a cell with an open bracket, too; the mistake is then reported.
    return ended && this.lines.at(-2)?.trim() === '' ? { cell: this.rest() } : { indent: found.indent };
  }

  /** Takes what there is of a cell, and starts a new one. */
  rest(): string {
    const text = this.lines.join('\n');
    this.lines = [];
    return text;
  }
}
