/** What one display holds: the same thing in several MIME types, of which a front end picks the best it knows. */
export interface Bundle {
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export const plain = (text: string): Bundle => ({ data: { 'text/plain': text }, metadata: {} });
