/** What numbers and strings in the text stand for. */

const FACTOR: Readonly<Record<string, bigint>> = { K: 1n << 10n, M: 1n << 20n, G: 1n << 30n, T: 1n << 40n };

/** `0x1f_0000`, `4096`, `16K`, `2MiB`. */
export function integerValue(image: string): bigint {
  const digits = image.replaceAll('_', '');
  if (/^0[xX]/.test(digits)) return BigInt(digits);
  const [, number = '0', suffix = ''] = /^(\d+)([KMGT]?)/.exec(digits) ?? [];
  return BigInt(number) * (FACTOR[suffix] ?? 1n);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t' };

/** The text between the quotes; a backslash takes the next sign as it is, but for `\n` and `\t`. */
export const stringValue = (image: string): string => image.slice(1, -1).replace(/\\(.)/gs, (_, sign: string) => ESCAPES[sign] ?? sign);
