/** JUnit XML: a test suite a file, without times, so that the same run gives the same bytes. */
import { out } from '../terminal.js';
import type { Case, FileReport } from './file-report.js';
import { pagesTo, quiet } from './quiet.js';
import type { Reporter } from './reporter.js';

export function junitReporter(): Reporter {
  const suites: FileReport[] = [];
  const keep = (report: FileReport): void => void suites.push(report);
  return {
    ...quiet,
    end: keep,
    unusable: keep,
    finish(reports, index) {
      const body = suites.map(suite).join('');
      out(`<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="mremap-lab"${totals(suites.flatMap(({ cases }) => cases))}>\n${body}</testsuites>\n`);
      pagesTo(reports, index);
    },
  };
}

function suite({ file, cases }: FileReport): string {
  const name = escapeXml(file);
  return `  <testsuite name="${name}"${totals(cases)}>\n${cases.map((c) => testcase(c, name)).join('')}  </testsuite>\n`;
}

function totals(cases: readonly Case[]): string {
  const of = (status: Case['status']): number => cases.filter((c) => c.status === status).length;
  return ` tests="${cases.length}" failures="${of('failed')}" errors="${of('error')}" skipped="${of('skipped')}"`;
}

function testcase({ name, status, message = '', details = '' }: Case, classname: string): string {
  const head = `    <testcase classname="${classname}" name="${escapeXml(name)}"`;
  switch (status) {
    case 'passed':
      return `${head}/>\n`;
    case 'skipped':
      return `${head}>\n      <skipped message="${escapeXml(message)}"/>\n    </testcase>\n`;
    case 'failed':
    case 'error': {
      const tag = status === 'failed' ? 'failure' : 'error';
      return `${head}>\n      <${tag} message="${escapeXml(message)}">${escapeXml(details)}</${tag}>\n    </testcase>\n`;
    }
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '&#10;', '\t': '&#9;', '\r': '&#13;' };

/** For attributes and content alike. What XML 1.0 cannot hold at all, not even escaped, becomes U+FFFD. */
function escapeXml(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|\p{Cs}/gu, '\uFFFD').replace(/[&<>"\n\t\r]/g, (c) => ENTITIES[c] ?? c);
}
