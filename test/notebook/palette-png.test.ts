import fc from 'fast-check';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { palettePng } from '../../notebook/palette-png.js';

const opaque = fc.constantFrom(0xff, 0x100, 0xffff, 0x808080, 0, 0xffffff, 0x123456, 0xabcdef).map((rgb) => [rgb >> 16, (rgb >> 8) & 0xff, rgb & 0xff, 0xff]);

test('another reader of PNG finds every pixel again, whatever the number of colours and the width of a row', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 19 }),
      fc.integer({ min: 1, max: 7 }),
      fc.infiniteStream(
        fc.oneof(
          opaque,
          fc.tuple(...Array.from({ length: 3 }, () => fc.integer({ max: 255, min: 0 }))).map((rgb) => [...rgb, 0xff]),
        ),
      ),
      (width, height, colours) => {
        const pixels = Uint8Array.from([...colours.take(width * height)].flat());
        const { data, ...size } = PNG.sync.read(palettePng(pixels, width, height));
        expect([size.width, size.height]).toEqual([width, height]);
        expect(new Uint8Array(data)).toEqual(pixels);
      },
    ),
  );
});

test('more colours than a palette holds: the frequent ones stay, the others become the nearest of those', () => {
  const white = [255, 255, 255, 255];
  const black = [0, 0, 0, 255];
  const pixels = Uint8Array.from([...white, ...white, ...black, ...black, ...[250, 255, 250, 255], ...[9, 0, 0, 255]]);
  expect([...PNG.sync.read(palettePng(pixels, 6, 1, 2)).data]).toEqual([white, white, black, black, white, black].flat());
});
