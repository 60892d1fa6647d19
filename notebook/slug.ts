/** Anchors for headings: as GitHub makes them, unique within a page. */
export class Slugs {
  private readonly used = new Map<string, number>();

  slug(title: string): string {
    const base =
      title
        .trim()
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-') || 'section';
    const seen = this.used.get(base) ?? 0;
    this.used.set(base, seen + 1);
    return seen === 0 ? base : `${base}-${seen}`;
  }
}
