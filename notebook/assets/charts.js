/* global document */
/**
 * In the page: replaces each chart's picture by the chart itself, which answers to the pointer.
 * The picture stays wherever this does not work out.
 */
import embed from 'vega-embed';

for (const figure of document.querySelectorAll('figure.chart')) {
  const card = figure.querySelector('.card');
  const picture = card.querySelector('img');
  const spec = JSON.parse(figure.querySelector('script').textContent);
  // The bundled Vega-Lite reads what its predecessor wrote, but would say on the console that it is newer.
  delete spec.$schema;
  const live = document.createElement('div');
  live.className = 'live';
  const options = { mode: 'vega-lite', renderer: 'svg', actions: false, ast: true, loader: { load: refuse, sanitize: refuse } };
  embed(live, spec, options)
    .then(() => {
      offerFile(figure, picture);
      picture.replaceWith(live);
    })
    .catch(() => live.remove());
}

/** A page that holds everything has nothing to load. */
function refuse() {
  return Promise.reject(new Error('charts load nothing'));
}

function offerFile(figure, picture) {
  const link = document.createElement('a');
  link.textContent = 'save as SVG';
  link.href = picture.src;
  link.download = `${document.title} ${figure.id}.svg`;
  figure.querySelector('figcaption').append(link);
}
