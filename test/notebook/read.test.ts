import { describe, expect, it } from 'vitest';
import { SetupError } from '../../machine/index.js';
import { readNotebook } from '../../notebook/read.js';

const wrap = (cell: unknown): string => JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: [cell] });

function problem(text: string): string {
  try {
    readNotebook(text);
  } catch (error) {
    expect(error).toBeInstanceOf(SetupError);
    return (error as SetupError).message;
  }
  throw new Error('was accepted');
}

describe('a file that is no notebook says where it is wrong', () => {
  it.each([
    ['', /the file is empty/],
    ['{ "cells": [', /it is not JSON/],
    ['[]', /does not hold a JSON object/],
    ['{}', /"nbformat" is missing/],
    ['{"nbformat": 3, "nbformat_minor": 0, "worksheets": []}', /format 3\.0 is not supported/],
    ['{"nbformat": 4, "cells": {}}', /"cells" is not a list/],
    [wrap(7), /cell 1 of the file is not an object/],
    [wrap({ cell_type: 'heading', source: '' }), /cell 1 of the file is neither "code", "markdown" nor "raw"/],
    [wrap({ cell_type: 'code' }), /"source" of cell 1 of the file is neither text nor a list of lines/],
    [wrap({ cell_type: 'code', source: '', outputs: 3 }), /"outputs" of cell 1 of the file is not a list/],
    [wrap({ cell_type: 'code', source: '', outputs: [{ output_type: 'pyout' }] }), /output 1 of cell 1 of the file has the unknown type "pyout"/],
    [wrap({ cell_type: 'code', source: '', outputs: [{ output_type: 'display_data' }] }), /"data" of output 1 of cell 1/],
    [wrap({ cell_type: 'markdown', source: '', metadata: [] }), /"metadata" of cell 1 of the file is not an object/],
  ])('%s', (text, message) => {
    expect(problem(text)).toMatch(message);
  });
});

describe('a notebook', () => {
  it('has its lines joined, and JSON left as it is', () => {
    const data = { 'text/plain': ['a\n', 'b'], 'application/vnd.vegalite.v5+json': { layer: ['a', 'b'] }, 'application/x+json': ['a', 'b'] };
    const outputs = [{ output_type: 'execute_result', execution_count: 3, metadata: {}, data }];
    const { cells } = readNotebook(wrap({ cell_type: 'code', metadata: {}, source: ['x\n', 'y'], execution_count: 3, outputs }));
    expect(cells[0]).toMatchObject({ source: 'x\ny', execution_count: 3, outputs: [{ data: { ...data, 'text/plain': 'a\nb' } }] });
  });

  it('may begin with a byte order mark, and may leave out what has a default', () => {
    expect(readNotebook(`\uFEFF${wrap({ cell_type: 'code', source: '1' })}`).cells).toMatchObject([{ metadata: {}, outputs: [], execution_count: null }]);
  });

  it('keeps what this project knows nothing of', () => {
    const read = readNotebook(JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { widgets: 1 }, cells: [], extra: 2 }));
    expect(read).toMatchObject({ metadata: { widgets: 1 }, extra: 2 });
  });
});
