/** What ran in this session since it was last reset, as a program: for `%export`. */
export class Transcript {
  private parts: string[] = [];

  clear(): void {
    this.parts = [];
  }

  add(code: string): void {
    const text = code.trim();
    if (text !== '') this.parts.push(text);
  }

  program(): string {
    return this.parts.map((part) => `${part}\n`).join('\n');
  }

  /** `3 cells, 14 lines` */
  summary(): string {
    const lines = this.program()
      .split('\n')
      .filter((line) => line.trim() !== '').length;
    return `${count(this.parts.length, 'cell')}, ${count(lines, 'line')}`;
  }
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
