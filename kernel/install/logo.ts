/** The logo in JupyterLab's launcher: a page-table entry on its way to another table. */

export const LOGO_SVG = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <rect width="64" height="64" rx="12" fill="#1f3a5f"/>
  <g fill="none" stroke="#9fc2e8" stroke-width="3">
    <rect x="9" y="12" width="16" height="40" rx="2"/>
    <rect x="39" y="12" width="16" height="40" rx="2"/>
    <path d="M9 22h16M9 32h16M9 42h16M39 22h16M39 32h16M39 42h16"/>
  </g>
  <rect x="9" y="22" width="16" height="10" fill="#f5a623"/>
  <rect x="39" y="32" width="16" height="10" fill="#f5a623"/>
  <path d="M25 27c8 0 5 10 12 10" fill="none" stroke="#f5a623" stroke-width="3"/>
  <path d="M33 32l6 5-6 5z" fill="#f5a623"/>
</svg>
`;

/** The PNG sizes that older front ends ask for. */
export async function logoPng(pixels: number): Promise<Buffer> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const image = await renderAsync(LOGO_SVG, { fitTo: { mode: 'width', value: pixels }, font: { loadSystemFonts: false } });
  return image.asPng();
}
