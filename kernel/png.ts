/** SVG to PNG: the picture for front ends that draw no Vega-Lite. */
import { createRequire } from 'node:module';

export interface Picture {
  readonly png: Buffer;
  /** The size to show it at; the file has twice as many pixels each way, to stay sharp. */
  readonly width: number;
  readonly height: number;
}

const ZOOM = 2;

/** Only the bundled fonts, so that the same chart is the same picture on every machine. */
const FONTS = ['DejaVuSans', 'DejaVuSans-Bold', 'DejaVuSans-Oblique', 'DejaVuSansMono', 'DejaVuSansMono-Bold'];

export async function svgToPng(svg: string): Promise<Picture> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const { resolve } = createRequire(import.meta.url);
  const image = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: ZOOM },
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
  return { png: image.asPng(), width: Math.round(image.width / ZOOM), height: Math.round(image.height / ZOOM) };
}
