/** The frame of every page that is written: one file, its style inside, and nothing that could be loaded. */
import { escapeHtml } from './html.js';
import { pageAsset } from './page-asset.js';

export interface Document {
  readonly title: string;
  /** What script may run, as a source of the content security policy; none where it is left out. */
  readonly script?: string;
  /** The whole of it, tags included. */
  readonly body: string;
}

/** @throws SetupError when the build left out the style sheet */
export function htmlDocument({ title, script, body }: Document): string {
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'${script === undefined ? '' : `; script-src ${script}`}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>
${pageAsset('page.css')}</style>
</head>
${body}
</html>
`;
}
