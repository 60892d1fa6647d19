/** HTML among outputs, as far as a page may hold it: text and tables, without a single attribute that acts, loads or paints. */
import sanitize from 'sanitize-html';

const TEXT = ['p', 'br', 'hr', 'pre', 'code', 'kbd', 'samp', 'strong', 'b', 'em', 'i', 'u', 's', 'sub', 'sup', 'small', 'span', 'div', 'blockquote'];
const LISTS = ['ul', 'ol', 'li', 'dl', 'dt', 'dd'];
const TABLES = ['table', 'caption', 'colgroup', 'col', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'];
const HEADINGS = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'];

/** What shows something that a page will not show: an output with one of them says more as its plain text. */
const SHOWS: ReadonlySet<string> = new Set(
  'img picture svg math canvas video audio iframe frame object embed applet form input button select textarea script noscript template slot portal map area link base meta'.split(
    ' ',
  ),
);

/** Longer and deeper ones are shown as text: the parser's time grows with the square of the depth. */
const LONGEST = 4_000_000;
const DEEPEST = 1000;

/** The part of it that is safe; undefined where that would leave out what it is about. */
export function safeHtml(html: string): string | undefined {
  if (html.length > LONGEST || isDeep(html)) return undefined;
  let complete = true;
  const safe = sanitize(html, {
    allowedTags: [...TEXT, ...LISTS, ...TABLES, ...HEADINGS],
    allowedAttributes: { th: ['colspan', 'rowspan', 'scope'], td: ['colspan', 'rowspan'] },
    // Style sheets are dropped with what they say; of anything else unknown the text stays.
    nonTextTags: ['style', 'title', 'head'],
    onOpenTag: (name) => {
      if (SHOWS.has(name)) complete = false;
    },
  });
  return complete && safe.trim() !== '' ? safe : undefined;
}

/** Whether more tags are open somewhere than any table needs; those that nobody closes stay open. */
function isDeep(html: string): boolean {
  const open = new Map<string, number>();
  let depth = 0;
  for (const [, slash, tag = ''] of html.matchAll(/<(\/?)([a-z][^\s/>]{0,20})/gi)) {
    const name = tag.toLowerCase();
    if (VOID.has(name)) continue;
    const others = open.get(name) ?? 0;
    if (slash === '') {
      open.set(name, others + 1);
      if (++depth > DEEPEST) return true;
    } else if (others > 0) {
      open.set(name, others - 1);
      depth--;
    }
  }
  return false;
}

const VOID: ReadonlySet<string> = new Set(['br', 'hr', 'col', 'img', 'input', 'wbr']);
