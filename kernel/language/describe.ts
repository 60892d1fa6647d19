/** What is known about the word at a cursor, at two depths. */
import type { Bundle } from '../cells/bundle.js';
import type { Scenarios } from '../cells/scenario.js';
import { page } from './page.js';

/** 0: what a tooltip has room for. 1: everything. */
export type Detail = 0 | 1;

export async function describeWord({ deps, session: shared }: Scenarios, text: string, cursor: number, detail: Detail): Promise<Bundle | undefined> {
  const session = await shared.get();
  const hover = session.hover(text, cursor);
  if (hover === undefined) return undefined;
  const name = text.slice(hover.start, hover.end);
  const value = session.lookup(name);
  if (value === undefined) return page(detail === 0 ? inShort(hover.text) : hover.text, 'mremap');
  if (detail === 0 || value.record === undefined) return page(hover.text, 'mremap');
  // For the result of a call, the path that the call took comes with it.
  const { viewText } = await deps.plot();
  return page(`${hover.text}\n\n${indented(viewText({ what: 'steps', record: value.record, model: session.model }))}`, 'mremap');
}

/** The page without its sections, such as the list of errors. */
const inShort = (text: string): string =>
  text
    .split('\n\n')
    .filter((paragraph) => !/^[^\n]*:\n/.test(paragraph))
    .join('\n\n');

/** One block, whatever blank lines it holds. */
const indented = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => `  ${line}`)
    .join('\n');
