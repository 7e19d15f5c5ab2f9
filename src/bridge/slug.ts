const LONGEST = 48;

/** Letters that decomposition and lower case leave alone, and what they are written as. */
const SPELLINGS: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
  ŧ: 't',
};

const trimmed = (text: string): string => text.replace(/^-+|-+$/g, '');

/**
 * The part of a topic that a name gives: marks dropped, lower case, every run outside `[a-z0-9]` one `-`,
 * at most 48 characters. Empty when nothing of the name can be kept (emoji, Chinese).
 */
export function slug(name: string): string {
  // A room name has at most 64 characters at Sonos; what is far beyond that is cut before it costs anything.
  const plain = name
    .slice(0, 1024)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
  const spelled = [...plain].map((letter) => SPELLINGS[letter] ?? letter).join('');
  return trimmed(trimmed(spelled.replace(/[^a-z0-9]+/g, '-')).slice(0, LONGEST));
}

/** The last six of the twelve hardware digits in a player id (`RINCON_` + MAC + `01400`), lower case. */
export function hardwareDigits(playerId: string): string {
  const mac = /^RINCON_([0-9A-Fa-f]{12})/.exec(playerId)?.[1];
  return (mac ?? playerId.replace(/[^0-9A-Za-z]/g, '').padStart(6, '0')).slice(-6).toLowerCase();
}

const numbered = (base: string, n: number): string => {
  const tail = `-${n}`;
  return `${trimmed(base.slice(0, LONGEST - tail.length))}${tail}`;
};

/** The first of `base`, `base-2`, `base-3` … that is not taken. */
export function firstFree(base: string, taken: (slug: string) => boolean): string {
  if (!taken(base)) return base;
  let n = 2;
  while (taken(numbered(base, n))) n += 1;
  return numbered(base, n);
}

/** Whether an address given earlier is still one that this base would get: the base itself or a numbered one. */
export function fits(address: string, base: string): boolean {
  if (address === base) return true;
  const n = /-(\d+)$/.exec(address)?.[1];
  return n !== undefined && Number(n) >= 2 && address === numbered(base, Number(n));
}
