/** A secret that is made up for a test, to be searched for everywhere. */
export interface Canary {
  /** What it is the secret of. */
  readonly name: string;
  readonly value: string;
}

/** Where a secret was found, and how it was spelled there. */
export interface Leak {
  readonly name: string;
  readonly spelling: string;
  /** What stands around it, for whoever has to find out. */
  readonly near: string;
}

const json = (text: string): string => JSON.stringify(text).slice(1, -1);

const hexOf = (text: string): string => Buffer.from(text).toString('hex');

const bytesOf = (text: string): number[] => [...Buffer.from(text)];

const pairs = (text: string): string[] => hexOf(text).match(/../g) ?? [];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** What of a text stays the same in base64, whatever stands in front of it and behind it. */
function base64Core(text: string, before: number): string {
  const length = Buffer.byteLength(text);
  const encoded = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]).toString('base64');
  return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + length) * 8) / 6));
}

const url = (base64: string): string => base64.replaceAll('+', '-').replaceAll('/', '_');

/** A part so long is as good as the whole: of a key of 128 bits it leaves half of the guesses. */
const PART = 12;

/** A text as the people and programs of this world write it down. */
export function spellingsOf(text: string): Readonly<Record<string, string>> {
  const alignments = [0, 1, 2].flatMap((before) => {
    const core = base64Core(text, before);
    return [
      [`base64, ${before} bytes behind`, core],
      [`base64url, ${before} bytes behind`, url(core)],
      [`base64 in a URL, ${before} bytes behind`, encodeURIComponent(core)],
      [`base64 in JSON with slashes escaped, ${before} bytes behind`, core.replaceAll('/', '\\/')],
    ];
  });
  const parts =
    text.length < 2 * PART
      ? []
      : [
          ['its beginning', text.slice(0, PART)],
          ['its end', text.slice(-PART)],
        ];
  return {
    'as it is': text,
    ...Object.fromEntries(parts),
    JSON: json(text),
    'JSON in JSON': json(json(text)),
    'JSON in JSON in JSON': json(json(json(text))),
    'percent-encoded': encodeURIComponent(text),
    'percent-encoded in small letters': encodeURIComponent(text).replace(/%../g, (byte) =>
      byte.toLowerCase(),
    ),
    'percent-encoded twice': encodeURIComponent(encodeURIComponent(text)),
    'percent-encoded throughout': pairs(text)
      .map((pair) => `%${pair.toUpperCase()}`)
      .join(''),
    'in a form': new URLSearchParams({ v: text }).toString().slice(2),
    'in HTML': text.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? ''),
    'in JSON escapes throughout': text.replace(
      /[\s\S]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
    hexadecimal: hexOf(text),
    'capital hexadecimal': hexOf(text).toUpperCase(),
    'hexadecimal with spaces': pairs(text).join(' '),
    'hexadecimal with colons': pairs(text).join(':'),
    'decimal bytes': bytesOf(text).join(','),
    'UTF-16': text.split('').join('\u0000'),
    ...Object.fromEntries(alignments),
  };
}

/** A search for many secrets; their spellings are made once. */
export function searcherFor(canaries: Iterable<Canary>): (text: string) => Leak[] {
  const wanted = [...canaries].flatMap(({ name, value }) =>
    Object.entries(spellingsOf(value)).map(([spelling, spelled]) => ({ name, spelling, spelled })),
  );
  return (text) =>
    wanted.flatMap(({ name, spelling, spelled }) => {
      const at = text.indexOf(spelled);
      return at === -1 ? [] : [{ name, spelling, near: text.slice(Math.max(0, at - 80), at + 120) }];
    });
}
