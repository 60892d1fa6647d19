/**
 * A PNG with a palette: one byte a pixel or less, where a chart has few colours. Written here because the
 * encoders at hand either keep four bytes a pixel or take pictures apart that have no more than 256 colours.
 *
 * The format: https://www.w3.org/TR/png-3/
 */
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
/** Colour type of IHDR: each pixel is a number into PLTE. */
const INDEXED = 3;

/**
 * @param rgba opaque pixels, row by row
 * @param most at most so many colours, 2 to 256: the most frequent ones, and for every other the one nearest to it
 */
export function palettePng(rgba: Uint8Array, width: number, height: number, most = 256): Buffer {
  const pixels = new Uint32Array(rgba.buffer.slice(rgba.byteOffset, rgba.byteOffset + 4 * width * height));
  const { colours, indexOf } = paletteOf(pixels, most);
  const depth = colours.length <= 2 ? 1 : colours.length <= 4 ? 2 : colours.length <= 16 ? 4 : 8;
  const rowBytes = Math.ceil((width * depth) / 8);
  // Each row begins with the number of its filter: 0, none, is best for indices.
  const rows = Buffer.alloc((rowBytes + 1) * height);
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1) + 1;
    for (let x = 0; x < width; x++) {
      const bit = x * depth;
      const index = indexOf.get(pixels[y * width + x] ?? 0) ?? 0;
      rows[start + (bit >> 3)] = (rows[start + (bit >> 3)] ?? 0) | (index << (8 - depth - (bit & 7)));
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, INDEXED, 0, 0, 0], 8);
  const palette = Buffer.from(colours.flatMap(([red, green, blue]) => [red, green, blue]));
  return Buffer.concat([SIGNATURE, chunk('IHDR', header), chunk('PLTE', palette), chunk('IDAT', deflateSync(rows, { level: 9, memLevel: 9 })), chunk('IEND', Buffer.alloc(0))]);
}

type Colour = readonly [red: number, green: number, blue: number];

function paletteOf(pixels: Uint32Array, most: number): { colours: readonly Colour[]; indexOf: ReadonlyMap<number, number> } {
  const counts = new Map<number, number>();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
  const frequent = [...counts].sort(([a, n], [b, m]) => m - n || a - b).map(([pixel]) => pixel);
  const kept = frequent.slice(0, most);
  const colours = kept.map(colourOf);
  const indexOf = new Map(kept.map((pixel, i) => [pixel, i]));
  for (const pixel of frequent.slice(most)) indexOf.set(pixel, nearest(colourOf(pixel), colours));
  return { colours, indexOf };
}

const bytes = new Uint8Array(4);
const word = new Uint32Array(bytes.buffer);

function colourOf(pixel: number): Colour {
  word[0] = pixel;
  return [bytes[0] ?? 0, bytes[1] ?? 0, bytes[2] ?? 0];
}

function nearest([red, green, blue]: Colour, colours: readonly Colour[]): number {
  const distances = colours.map(([r, g, b]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2);
  return distances.indexOf(Math.min(...distances));
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, crc] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  crc.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, crc]);
}
