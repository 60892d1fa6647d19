/** SVG to PNG: the picture for front ends that draw no Vega-Lite. */
import { createRequire } from 'node:module';
import type { RenderedImage } from '@resvg/resvg-js';

export interface Picture {
  readonly png: Buffer;
  /** The size to show it at; the file has twice as many pixels each way, to stay sharp. */
  readonly width: number;
  readonly height: number;
}

const ZOOM = 2;
/** The most pixels of a picture, four bytes each. A chart that would need more is drawn at a smaller scale. */
const MOST_PIXELS = 40_000_000;

/** Only the bundled fonts, so that the same chart is the same picture on every machine. */
const FONTS = ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSans-Oblique', 'DejaVuSansMono', 'DejaVuSansMono-Bold'];

export async function svgToPng(svg: string): Promise<Picture> {
  const { image, zoom } = await draw(svg, ZOOM);
  return { png: image.asPng(), width: Math.round(image.width / zoom), height: Math.round(image.height / zoom) };
}

/** @param wanted pixels of the picture for each of the SVG's; there are fewer where it would get too large */
export async function draw(svg: string, wanted: number): Promise<{ readonly image: RenderedImage; readonly zoom: number }> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const { resolve } = createRequire(import.meta.url);
  const [wide, high] = sizeOf(svg);
  const zoom = Math.min(wanted, Math.sqrt(MOST_PIXELS / Math.max(1, wide * high)));
  const image = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: zoom },
    background: 'white',
    font: {
      loadSystemFonts: false,
      fontFiles: FONTS.map((name) => resolve(`dejavu-fonts-ttf/ttf/${name}.ttf`)),
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
      serifFamily: 'DejaVu Sans',
      monospaceFamily: 'DejaVu Sans Mono',
    },
  });
  return { image, zoom };
}

/** The size that the SVG itself states. */
function sizeOf(svg: string): readonly [number, number] {
  const head = svg.slice(0, 1000);
  const of = (name: string): number => Number(new RegExp(` ${name}="([0-9.e+]+)"`).exec(head)?.[1] ?? 0);
  return [of('width'), of('height')];
}
