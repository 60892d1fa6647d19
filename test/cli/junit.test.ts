import { SaxesParser } from 'saxes';
import { expect, it } from 'vitest';
import { code } from '../notebook/kit.js';
import { PAGE, Place } from './kit.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Element[];
  text: string;
}

/** Throws where the text is not well-formed. */
function parseXml(xml: string): Element {
  const root: Element = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes, children: [], text: '' };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    const top = open.at(-1);
    if (top !== undefined) top.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(xml).close();
  expect(root.children).toHaveLength(1);
  return root.children[0] as Element;
}

it('a JUnit report is well-formed, and its counts are those of its cases', async () => {
  const place = new Place();
  place.write('<a> & "b".mremap', `${PAGE}expect p == 1 and 1 < 2   # <&">]]>\nexpect p > 1\nmunmap(p, 4096) = -1 EINVAL (Invalid argument)\n`);
  place.write('bad.mremap', 'print "\u0007 \uFFFE", nothing\n');
  place.write('fine.mremap', 'print 1\n');
  place.notebook('n.ipynb', code('# why\nexpect 1 < 2'), code('expect 1 == 2', [], 'raises-exception'), code('print "later"', [], 'skip'), code('expect 2 < 1'), code('print 1'));
  const { status, stdout } = await place.run(['run', '<a> & "b".mremap', 'bad.mremap', 'fine.mremap', 'n.ipynb', 'missing.mremap', '--format', 'junit']);
  expect(status).toBe(2);

  const suites = parseXml(stdout);
  expect(suites.name).toBe('testsuites');
  const shape = suites.children.map((suite) => ({
    file: suite.attributes['name'],
    counts: ['tests', 'failures', 'errors', 'skipped'].map((key) => Number(suite.attributes[key])),
    cases: suite.children.map((c) => [c.attributes['name'], c.children[0]?.name ?? 'passed']),
  }));
  expect(shape).toEqual([
    {
      file: '<a> & "b".mremap',
      counts: [3, 2, 0, 0],
      cases: [
        ['line 3: expect p == 1 and 1 < 2   # <&">]]>', 'failure'],
        ['line 4: expect p > 1', 'passed'],
        ['line 5: munmap(p, 4096) = -1 EINVAL (Invalid argument)', 'failure'],
      ],
    },
    { file: 'bad.mremap', counts: [1, 0, 1, 0], cases: [['line 1: print "\uFFFD \uFFFD", nothing', 'error']] },
    { file: 'fine.mremap', counts: [1, 0, 0, 0], cases: [['runs', 'passed']] },
    {
      file: 'n.ipynb',
      counts: [5, 1, 0, 2],
      cases: [
        ['cell 1: expect 1 < 2', 'passed'],
        ['cell 2: expect 1 == 2', 'passed'],
        ['cell left out: print "later"', 'skipped'],
        ['cell 3: expect 2 < 1', 'failure'],
        ['cell 4', 'skipped'],
      ],
    },
    { file: 'missing.mremap', counts: [1, 0, 1, 0], cases: [['can be run', 'error']] },
  ]);
  expect(suites.children[0]?.children[0]?.children[0]?.text).toContain('p is 0x10000000');
});
