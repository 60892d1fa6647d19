/** The formats of a report. Each is loaded when it is asked for. */
import type { Reporter } from './reporter.js';

export const FORMATS = ['text', 'json', 'junit'] as const;

export type Format = (typeof FORMATS)[number];

export async function reporterFor(format: Format, files: readonly string[]): Promise<Reporter> {
  switch (format) {
    case 'text':
      return (await import('./text.js')).textReporter(files.length > 1);
    case 'json':
      return (await import('./json.js')).jsonReporter();
    case 'junit':
      return (await import('./junit.js')).junitReporter();
  }
}
