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

it('counts a line in a loop once, with how often it held, and never passes a line that was not reached', async () => {
  const place = new Place();
  const script = [
    'for i in 0..4 {',
    '  expect i < 3',
    '  if i > 9 {',
    '    expect 1 == 2',
    '  }',
    '}',
    'def nobody() {',
    '  munmap(1G, 4096) = 0',
    '}',
    'mmap(1G, 4096, rw, anon|private|fixed) = 0x40000000',
  ];
  place.write('loop.mremap', `${script.join('\n')}\n`);
  const { status, stdout } = await place.run(['run', 'loop.mremap', '--format', 'junit']);
  expect(status).toBe(1);
  const [suite] = parseXml(stdout).children;
  expect(suite?.attributes).toMatchObject({ tests: '4', failures: '1', errors: '0', skipped: '2' });
  expect(suite?.children.map((c) => [c.attributes['name'], c.children[0]?.name ?? 'passed', c.children[0]?.attributes['message']])).toEqual([
    ['line 2: expect i < 3', 'failure', expect.stringMatching(/^failed 1 of 4 times: /)],
    ['line 4: expect 1 == 2', 'skipped', 'not reached'],
    ['line 8: munmap(1G, 4096) = 0', 'skipped', 'not reached'],
    [`line 10: ${script[9]}`, 'passed', undefined],
  ]);

  const json = await place.run(['run', 'loop.mremap', '--format', 'json']);
  const { judgements, expectations } = JSON.parse(json.stdout) as { judgements: object[]; expectations: object };
  expect(expectations).toEqual({ held: 3, failed: 1 });
  expect(judgements).toMatchObject([
    { kind: 'expect', line: 2, verdict: 'failed', held: 3, failed: 1 },
    { kind: 'expect', line: 4, verdict: 'not reached', held: 0, failed: 0 },
    { kind: 'claim', line: 8, verdict: 'not reached', held: 0, failed: 0 },
    { kind: 'claim', line: 10, verdict: 'held', held: 1, failed: 0 },
  ]);
  expect((await place.run(['run', 'loop.mremap'])).stdout).toMatch(/1 of 4 expectations failed, 2 not reached/);
});
