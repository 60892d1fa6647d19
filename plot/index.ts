/** Records -> texts, Vega-Lite specifications and tables (pure); specification -> SVG. */
export type { VegaLiteSpec } from './spec.js';
export { cleanSpec } from './foreign/clean.js';
export { foreignSpecToSvg, specToSvg } from './svg.js';
export { FONT, theme } from './theme.js';
export { viewTitle } from './title.js';
export { viewHtml } from './view-html.js';
export { viewSpec } from './view-spec.js';
export { viewText } from './view-text.js';
