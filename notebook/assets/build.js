/** Bundles what a page carries inside it: the charts' script and the style sheet, into dist/notebook/assets/. */
import { build } from 'esbuild';
import { fileURLToPath, URL } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

await build({
  entryPoints: [here('charts.js'), here('page.css')],
  outdir: here('../../dist/notebook/assets'),
  bundle: true,
  minify: true,
  format: 'iife',
  target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
  charset: 'utf8',
  legalComments: 'inline',
  banner: { js: '/*! Vega, Vega-Lite, Vega-Embed and d3: BSD-3-Clause and ISC, https://vega.github.io */' },
  logLevel: 'warning',
});
