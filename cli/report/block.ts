/** What is shown at once: of several lines, it stands apart from what follows. */
export function block(text: string): string {
  const body = text.trimEnd();
  return body.includes('\n') ? `${body}\n\n` : `${body}\n`;
}
