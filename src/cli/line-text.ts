import type { Line, Piece } from './live-lines.ts';
import type { Paint } from './paint.ts';
import { fitted, shortened, wrapped } from './text.ts';

const SIGNS: Readonly<Record<Line['mark'], string>> = {
  ...{ state: ' ', command: '→', waiting: '…' },
  ...{ confirmed: '✓', failed: '✗', event: '•' },
};
const TIME_WIDTH = 8;
const TOPIC_WIDTH = 28;

const plain = ({ label, value: said }: Piece): string => (label === undefined ? said : `${label} ${said}`);

function painted({ label, value: said }: Piece, paint: Paint): string {
  return label === undefined ? paint.bold(said) : `${paint.dim(label)} ${paint.bold(said)}`;
}

const MORE_WIDTH = ' · 9 more'.length;
/** Less of a value than this says nothing. */
const LEAST_VALUE = 10;

const length = (piece: Piece): number => [...plain(piece)].length;

/** The piece with so much of its value as fits; null when that would say nothing. */
function cut(piece: Piece, width: number): Piece | null {
  if (length(piece) <= width) return piece;
  const room = width - (piece.label === undefined ? 0 : piece.label.length + 1);
  return room < LEAST_VALUE ? null : { ...piece, value: shortened(piece.value, room) };
}

/** As many pieces as fit, and how many did not. */
function piecesText(pieces: readonly Piece[], width: number, paint: Paint): string {
  const told: Piece[] = [];
  let used = 0;
  for (const [index, piece] of pieces.entries()) {
    const gap = index === 0 ? 0 : 3;
    const spare = index === pieces.length - 1 ? 0 : MORE_WIDTH;
    const fits = cut(piece, width - used - gap - spare);
    if (fits === null && index > 0) break;
    told.push(fits ?? piece);
    used += gap + length(fits ?? piece);
  }
  const left = pieces.length - told.length;
  const more = left === 0 ? '' : paint.dim(` · ${left} more`);
  const text = told.map((piece) => painted(piece, paint)).join(' · ') + more;
  const after = pieces.length === 1 ? pieces[0]?.after : undefined;
  const room = width - used - 2;
  return after === undefined || room < LEAST_VALUE ? text : `${text}  ${paint.dim(shortened(after, room))}`;
}

/** A line as it is printed, no wider than the window unless a word is. */
export function lineText(line: Line, time: string, width: number, paint: Paint): string {
  const colours = {
    ...{ state: paint.dim, command: paint.notable, waiting: paint.doubtful },
    ...{ confirmed: paint.good, failed: paint.bad, event: paint.notable },
  };
  const topic = fitted(line.topic, Math.max(TOPIC_WIDTH, [...line.topic].length));
  const head = `${paint.dim(fitted(time, TIME_WIDTH))} ${colours[line.mark](SIGNS[line.mark])} `;
  const indent = TIME_WIDTH + 3 + [...topic].length + 1;
  const room = Math.max(20, width - indent);
  if (line.isWhole !== true) return `${head}${topic} ${piecesText(line.pieces, room, paint)}`.trimEnd();
  const words = wrapped(line.pieces.map(plain).join(' '), room);
  return words
    .map((text, index) => (index === 0 ? `${head}${topic} ${text}` : ' '.repeat(indent) + text))
    .join('\n');
}
