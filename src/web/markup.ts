/** Text that is HTML already. Only `markup` makes it, so that nothing gets onto a page unescaped. */
export interface Markup {
  readonly html: string;
}

type Piece = string | number | Markup | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function pieceText(piece: Piece): string {
  if (typeof piece === 'number') return String(piece);
  if (typeof piece === 'string') return piece.replace(/[&<>"']/g, (sign) => ENTITIES[sign] ?? '');
  return 'html' in piece ? piece.html : piece.map((each) => each.html).join('');
}

/** A template of HTML: text put into it is escaped, for elements and for quoted attributes; markup is taken as it is. */
export function markup(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { html: String.raw({ raw: strings }, ...pieces.map(pieceText)) };
}

/** No markup at all. */
export const nothing: Markup = markup``;
