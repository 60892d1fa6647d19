/** Markdown cells -> HTML that loads nothing: no raw HTML, every picture inside the page. */
import MarkdownIt from 'markdown-it';
import { dataUri, escapeHtml } from './html.js';
import type { MimeBundle } from './nbformat.js';
import { Slugs } from './slug.js';

export interface Heading {
  readonly level: number;
  readonly text: string;
  readonly id: string;
}

/** The content of a picture beside the notebook as a data URI, or undefined where there is none to take. */
export type LoadImage = (path: string) => string | undefined;

interface Env {
  readonly attachments: Readonly<Record<string, MimeBundle>>;
}

export class Markdown {
  readonly headings: Heading[] = [];
  private readonly slugs = new Slugs();
  private readonly md = new MarkdownIt({ html: false, linkify: false, typographer: false });

  constructor(private readonly loadImage: LoadImage) {
    const { rules } = this.md.renderer;
    rules.heading_open = (tokens, i, options, _env, self) => {
      const token = tokens[i];
      const inline = tokens[i + 1]?.children ?? [];
      const text = inline.map((t) => (t.type === 'softbreak' ? ' ' : t.content)).join('');
      const id = this.slugs.slug(text);
      token?.attrSet('id', id);
      this.headings.push({ level: Number(token?.tag.slice(1)), text, id });
      return self.renderToken(tokens, i, options);
    };
    rules.link_open = (tokens, i, options, _env, self) => {
      const token = tokens[i];
      token?.attrSet('href', pageOf(String(token.attrGet('href'))));
      token?.attrSet('rel', 'noopener noreferrer');
      return self.renderToken(tokens, i, options);
    };
    rules.image = (tokens, i, _options, env) => {
      const token = tokens[i];
      return this.image(String(token?.attrGet('src') ?? ''), token?.content ?? '', env as unknown as Env);
    };
  }

  render(source: string, attachments: Readonly<Record<string, MimeBundle>> = {}): string {
    return this.md.render(source, { attachments } satisfies Env);
  }

  private image(src: string, alt: string, env: Env): string {
    const name = decoded(src);
    const inside = name.startsWith('attachment:')
      ? attachment(env.attachments[name.slice('attachment:'.length)])
      : src.startsWith('data:')
        ? src
        : isRelative(src)
          ? this.loadImage(name)
          : undefined;
    if (inside !== undefined) return `<img src="${escapeHtml(inside)}" alt="${escapeHtml(alt)}">`;
    // A page that works without a network cannot show it; it can say where it is.
    return `<a href="${escapeHtml(src)}" rel="noopener noreferrer">${escapeHtml(alt || src)}</a>`;
  }
}

/** Links from notebook to notebook lead from page to page. */
const pageOf = (href: string): string => (isRelative(href) ? href.replace(/\.ipynb(?=$|[?#])/, '.html') : href);

const isRelative = (href: string): boolean => !/^([a-z][a-z0-9+.-]*:|\/|#)/i.test(href);

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

function attachment(data: MimeBundle | undefined): string | undefined {
  for (const [mime, content] of Object.entries(data ?? {})) {
    if (!mime.startsWith('image/') || typeof content !== 'string') continue;
    return mime === 'image/svg+xml' ? dataUri(mime, content) : `data:${mime};base64,${content.replace(/\s/g, '')}`;
  }
  return undefined;
}
