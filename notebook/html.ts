/** What keeps text text, inside HTML. */

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For element content and quoted attributes. Control characters that no document may hold become U+FFFD. */
export function escapeHtml(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[&<>"']/g, (c) => ENTITIES[c] ?? c).replace(/[\0-\x08\x0b\x0c\x0e-\x1f]/g, '\uFFFD');
}

/** JSON for the inside of a script element, which ends at the first `</script` whatever the quotes. */
export const scriptJson = (value: unknown): string => JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

export const dataUri = (mime: string, content: string | Uint8Array): string => `data:${mime};base64,${Buffer.from(content).toString('base64')}`;
