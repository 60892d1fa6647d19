/** The plain tables among HTML outputs. Anything with more to it than a table's own tags is not let through. */

const TAGS: ReadonlySet<string> = new Set(['table', 'caption', 'thead', 'tbody', 'tr', 'th', 'td', 'strong', 'em', 'code', 'p']);

const TOKEN = /<(\/?)([a-z]+)(?:\s+(?:style|scope|class)="[^"<>]*")*>|&(?:amp|lt|gt|quot|#39);|[^<>&]+|[^]/g;

/** The same table without any attribute, or undefined where the HTML is anything else. */
export function safeHtml(html: string): string | undefined {
  const open: string[] = [];
  let safe = '';
  for (const [text, slash, tag] of html.matchAll(TOKEN)) {
    if (tag === undefined) {
      if (/^[<>&]$/.test(text)) return undefined;
      safe += text;
      continue;
    }
    if (!TAGS.has(tag) || (slash === '/' && open.pop() !== tag)) return undefined;
    if (slash === '') open.push(tag);
    safe += `<${slash}${tag}>`;
  }
  return open.length === 0 && safe.startsWith('<table>') ? safe : undefined;
}
