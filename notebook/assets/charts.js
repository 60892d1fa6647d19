/* global document */
/**
 * In the page: replaces each chart's picture by the chart itself, which answers to the pointer.
 * The picture stays wherever this does not work out.
 */
import embed from 'vega-embed';

/** Vega's tooltip, made before Vega would: it has to be inside whatever lies on top to be seen. */
const tooltip = document.body.appendChild(document.createElement('div'));
tooltip.id = 'vg-tooltip-element';
tooltip.className = 'vg-tooltip';

for (const figure of document.querySelectorAll('figure.chart')) {
  const card = figure.querySelector('.card');
  const picture = card.querySelector('img');
  const text = figure.querySelector('script').textContent;
  // A page loads nothing, so the picture is all there is of a chart whose data are elsewhere.
  if (/"url":/.test(text)) continue;
  const spec = JSON.parse(text);
  // The bundled Vega-Lite reads what its predecessor wrote, but would say on the console that it is newer.
  delete spec.$schema;
  const live = document.createElement('div');
  live.className = 'live';
  // Outside the card, which scrolls sideways: the slider of a tall chart stays in the window beside what it plays.
  const controls = document.createElement('div');
  controls.className = 'controls';
  const options = { bind: controls, mode: 'vega-lite', renderer: 'svg', actions: false, ast: true, loader: { load: refuse, sanitize: refuse } };
  embed(live, spec, options)
    .then(() => {
      const tools = figure.querySelector('figcaption').appendChild(document.createElement('span'));
      tools.className = 'tools';
      tools.append(enlarger(live, controls, card), saver(figure, picture));
      picture.replaceWith(live);
      card.before(controls);
    })
    .catch(() => live.remove());
}

/** A page that holds everything has nothing to load. */
function refuse() {
  return Promise.reject(new Error('charts load nothing'));
}

/** The chart as large as the window: what is drawn small can be read, and still answers to the pointer. */
function enlarger(live, controls, card) {
  const button = document.createElement('button');
  button.textContent = 'enlarge';
  button.addEventListener('click', () => {
    const dialog = document.body.appendChild(document.createElement('dialog'));
    const height = card.clientHeight;
    const { width, height: tall } = live.querySelector('svg').getBoundingClientRect();
    dialog.style.setProperty('--least-width', `${width}px`);
    dialog.style.setProperty('--least-height', `${tall}px`);
    dialog.append(controls, live, tooltip);
    card.style.minHeight = `${height}px`;
    dialog.addEventListener('click', (event) => event.target === dialog && dialog.close());
    dialog.addEventListener('close', () => {
      card.append(live);
      card.before(controls);
      card.style.minHeight = '';
      document.body.append(tooltip);
      dialog.remove();
    });
    dialog.showModal();
  });
  return button;
}

function saver(figure, picture) {
  const link = document.createElement('a');
  link.textContent = 'save as SVG';
  link.href = picture.src;
  link.download = `${document.title} ${figure.id}.svg`;
  return link;
}
