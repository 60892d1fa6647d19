/** is_complete_request: may a console send this at Enter? */
import type { Cells } from '../cells/cells.js';
import { readCell } from '../cells/source.js';
import type { Content } from '../protocol/message.js';

export async function isCompleteReply(cells: Cells, text: string): Promise<Content> {
  const { language, code } = readCell(text);
  if (language === 'mremap') {
    if (code.trim() === '') return { status: 'complete' };
    return { ...(await cells.session.get()).isComplete(code) };
  }
  // A log goes on until its end is said by an empty line.
  if (language === 'strace' || language === 'maps') return code.trim() !== '' && /\n[ \t]*$/.test(code) ? { status: 'complete' } : { status: 'incomplete', indent: '' };
  if (language !== 'ts') return { status: 'invalid' };
  const { tsCompleteness } = await import('../cells/typescript.js');
  const { completed, indent } = tsCompleteness(code);
  return completed && code.trim() !== '' ? { status: 'complete' } : { status: 'incomplete', indent: indent ?? '' };
}
