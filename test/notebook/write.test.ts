import { describe, expect, it } from 'vitest';
import { readNotebook } from '../../notebook/read.js';
import { writeNotebook } from '../../notebook/write.js';
import { code, display, markdown, notebook, stdout } from './kit.js';

describe('a written notebook', () => {
  it('has sorted keys, an indent of 1, lines as lists and a newline at the end', () => {
    expect(writeNotebook(notebook(code('a = 1\nb\n', [stdout('x\ny')])))).toBe(`{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "cell-1",
   "metadata": {},
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "x\\n",
      "y"
     ]
    }
   ],
   "source": [
    "a = 1\\n",
    "b\\n"
   ]
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "mremap",
   "language": "mremap",
   "name": "mremap"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`);
  });

  it('reads back as it was', () => {
    const before = notebook(
      markdown('# T\n\nü \u2028 \ud83d\ude00'),
      code('', [stdout('\r\n\f'), display({ 'text/plain': 'a\n\nb', 'image/png': 'AAAA\nBBBB\n', 'application/json': ['a\n', 'b'] })]),
    );
    const text = writeNotebook(before);
    expect(readNotebook(text)).toEqual(before);
    expect(writeNotebook(readNotebook(text))).toBe(text);
  });

  it('cuts lines where Python does, and pictures not at all', () => {
    const { cells } = JSON.parse(writeNotebook(notebook(code('a\r\nb\rc\x0bd\x85e', [display({ 'image/png': 'A\nB\n', 'image/svg+xml': 'a\nb' })]))));
    expect(cells[0].source).toEqual(['a\r\n', 'b\r', 'c\x0b', 'd\x85', 'e']);
    expect(cells[0].outputs[0].data).toEqual({ 'image/png': 'A\nB\n', 'image/svg+xml': ['a\n', 'b'] });
  });

  it('leaves out what Jupyter keeps for itself', () => {
    const text = writeNotebook({ ...notebook({ ...code('1'), metadata: { trusted: true, tags: ['a'] } }), metadata: { signature: 's', orig_nbformat: 3 } });
    expect(text).not.toMatch(/trusted|signature|orig_nbformat/);
    expect(text).toContain('"tags"');
  });
});
