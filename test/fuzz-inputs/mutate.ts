/** A text with something wrong in it: what a careless editor, a broken disk or an ill-meaning stranger would make of it. */

const ODD = [
  '', '\0', '\n', '\r', '\u2028', '\ufeff', '\ud800', '\u{1f600}', '"', "'", '`', '\\', '(', ')', '[', ']', '{', '}', '<', '>', '/', '|', '=', '#', '%', '%%', ',', '..', '-', '*',
  '0', '-1', '1e308', '1e999', '0x', '0xffffffffffffffff', '18446744073709551616', '99999999999999999999999999', '4K', '1T', 'NaN', 'null', 'true', '[]', '{}', '[[', '"":', '\\u0000',
  '__proto__', 'constructor', 'toString', 'MAP_FIXED', '-1 ENOMEM (Cannot allocate memory)', '= ?', '<unfinished ...>', 'resumed>', '\x1b[2J\x1b]0;x\x07', '<script>', 'javascript:', 'url(', 'datum.', 'href',
]; // prettier-ignore

export function mutate(text: string, others: readonly string[], next: () => number): string {
  const times = 1 + Math.floor(next() ** 3 * 6);
  let out = text;
  for (let i = 0; i < times; i++) out = once(out, others, next);
  return out.length > LONGEST ? out.slice(0, LONGEST) : out;
}

const LONGEST = 200_000;

function once(text: string, others: readonly string[], next: () => number): string {
  const at = Math.floor(next() * (text.length + 1));
  const to = Math.min(text.length, at + Math.floor(next() ** 4 * Math.max(1, text.length)) + 1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;
  switch (Math.floor(next() * 10)) {
    case 0:
      return text.slice(0, at) + text.slice(to);
    case 1:
      return text.slice(0, at) + pick(ODD) + text.slice(at);
    case 2:
      return text.slice(0, at) + pick(ODD) + text.slice(to);
    case 3:
      return text.slice(0, to) + text.slice(at, to).repeat(1 + Math.floor(next() * 4)) + text.slice(to);
    case 4:
      return text.slice(0, at) + String.fromCharCode(Math.floor(next() * (next() < 0.8 ? 128 : 65536))) + text.slice(at + 1);
    case 5: {
      const other = pick(others);
      const from = Math.floor(next() * other.length);
      return text.slice(0, at) + other.slice(from, from + Math.floor(next() * 400)) + text.slice(to);
    }
    case 6:
      return text.replace(/\d+/g, (n) => (next() < 0.1 ? pick(['0', '-1', '1', '4095', '4294967296', '9007199254740993', '18446744073709551615', n + n]) : n));
    case 7: {
      const [open, close] = pick([['(', ')'], ['[', ']'], ['{', '}'], ['{"a":', '}'], ['<div>', '</div>']] as const); // prettier-ignore
      const depth = pick([3, 30, 150, 3000]);
      return text.slice(0, at) + open.repeat(depth) + text.slice(at, to) + close.repeat(depth) + text.slice(to);
    }
    case 8: {
      // Two words change places.
      const words = text.split(/(?<=\W)/);
      const [i, k] = [Math.floor(next() * words.length), Math.floor(next() * words.length)];
      [words[i], words[k]] = [words[k] ?? '', words[i] ?? ''];
      return words.join('');
    }
    default:
      return text.slice(0, at) + pick(ODD).repeat(pick([1, 2, 100, 5000])) + text.slice(at);
  }
}
