/** How many encodings within one another are looked through. */
const DEPTH = 3;

/** Characters spelled by number or name, where nothing would make it necessary. */
const ESCAPES =
  /((?:%[0-9a-f]{2})+)|\\{1,15}(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(\/))|&(?:#x([0-9a-f]{1,4})|#(\d{1,5})|(amp|lt|gt|quot|apos));/gi;

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped([, bytes, unit, byte, slash, hex, decimal, name]: RegExpExecArray): string {
  if (bytes !== undefined) return Buffer.from(bytes.replaceAll('%', ''), 'hex').toString();
  if (name !== undefined) return NAMED[name.toLowerCase()] ?? '';
  if (slash !== undefined) return slash;
  return String.fromCharCode(
    Number.parseInt(decimal ?? unit ?? byte ?? hex ?? '', decimal === undefined ? 16 : 10),
  );
}

/** A text with its escapes undone. */
interface Unescaped {
  readonly text: string;
  /** Where the spelling of each UTF-16 unit begins and ends in the text as it was. */
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The text with its escapes undone; null when it has none. */
function plainOf(text: string): Unescaped | null {
  if (!/[%\\&]/.test(text)) return null;
  const pieces: string[] = [];
  const [from, to]: [number[], number[]] = [[], []];
  const take = (piece: string, start: number, end: number | null) => {
    pieces.push(piece);
    for (let index = 0; index < piece.length; index += 1) {
      from.push(end === null ? start + index : start);
      to.push(end ?? start + index + 1);
    }
  };
  let last = 0;
  for (const match of text.matchAll(ESCAPES)) {
    const end = match.index + match[0].length;
    take(text.slice(last, match.index), last, null);
    take(unescaped(match), match.index, end);
    last = end;
  }
  if (last === 0) return null;
  take(text.slice(last), last, null);
  return { text: pieces.join(''), from, to };
}

/** What may be base64 or base64url, bytes in hexadecimal (`6b65`, `6b 65`, `0x6b, 0x65`), bytes in decimal (`107,101`). */
const RUNS: readonly (readonly [pattern: RegExp, decode: (run: string) => readonly Buffer[]])[] = [
  [
    /[A-Za-z0-9+/_-]{8,}(?:={1,2}|(?:%3d){1,2})?/gi,
    // Where it begins in the run is not known, so all four alignments are tried.
    (run) => [0, 1, 2, 3].map((start) => Buffer.from(run.slice(start), 'base64')),
  ],
  [
    /[0-9a-f]{12,}|(?:(?:0x)?[0-9a-f]{2}[ ,:;-]{1,2}){5,}(?:0x)?[0-9a-f]{2}(?![0-9a-z])/gi,
    (run) => {
      const digits = run.replaceAll(/0x|[^0-9a-f]/gi, '');
      return [0, 1].map((start) => Buffer.from(digits.slice(start), 'hex'));
    },
  ],
  [/(?:\d{1,3}, ?){5,}\d{1,3}/g, (run) => [Buffer.from(run.split(',').map(Number))]],
];

/** A part of a text. */
export type Range = readonly [from: number, to: number];

/** Where a global pattern fits. Not `matchAll`, which makes another pattern of it each time. */
function rangesOf(pattern: RegExp, text: string, mayOverlap: boolean): Range[] {
  const ranges: Range[] = [];
  pattern.lastIndex = 0;
  for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
    const { index } = found;
    ranges.push([index, index + found[0].length]);
    if (mayOverlap) pattern.lastIndex = index + ((text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1);
  }
  return ranges;
}

function holdsSecret(bytes: Buffer, pattern: RegExp, depth: number): boolean {
  const text = bytes.toString();
  // What is encoded once more is plain ASCII; most of what is decoded was no code at all.
  return !placesIn(text, pattern, /^[\t\n\r -~]*$/.test(text) ? depth : 0).next().done;
}

/** The places of secrets in a text: what is encoded counts as a whole. */
export function* placesIn(text: string, pattern: RegExp, depth = DEPTH): Generator<Range> {
  yield* rangesOf(pattern, text, true);
  if (depth === 0) return;
  for (const [shape, decode] of RUNS) {
    for (const range of rangesOf(shape, text, false)) {
      const decoded = decode(text.slice(...range));
      if (decoded.some((bytes) => holdsSecret(bytes, pattern, depth - 1))) yield range;
    }
  }
  const plain = plainOf(text);
  if (plain === null) return;
  for (const [from, to] of placesIn(plain.text, pattern, depth - 1)) {
    yield [plain.from[from] ?? 0, plain.to[to - 1] ?? text.length];
  }
}
