/** kernel_info: what this kernel is. */
import { createRequire } from 'node:module';
import { PROTOCOL_VERSION, type Content } from '../protocol/message.js';

const { version } = createRequire(import.meta.url)('mremap-lab/package.json') as { version: string };

export const kernelInfo = (): Content => ({
  status: 'ok',
  protocol_version: PROTOCOL_VERSION,
  implementation: 'mremap-lab',
  implementation_version: version,
  language_info: {
    name: 'mremap',
    version,
    mimetype: 'text/x-mremap',
    file_extension: '.mremap',
    pygments_lexer: 'text',
    // The nearest of the modes that front ends carry: comments with #, for ... in, and, or, not.
    codemirror_mode: 'python',
    nbconvert_exporter: 'script',
  },
  banner: `mremap-lab ${version}: mremap(2) on a model of the Linux kernel. %lsmagic lists what else a cell can hold.`,
  debugger: false,
  help_links: [
    { text: 'mremap(2)', url: 'https://man7.org/linux/man-pages/man2/mremap.2.html' },
    { text: 'mmap(2)', url: 'https://man7.org/linux/man-pages/man2/mmap.2.html' },
    { text: 'Page tables in Linux', url: 'https://docs.kernel.org/mm/page_tables.html' },
  ],
});
