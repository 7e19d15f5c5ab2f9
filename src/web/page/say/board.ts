import type { HappeningView } from '../../api/messages.ts';

/** How an announcement stands in a room: the contract's words, and `asked` before any. */
export const STAGES = [
  ...(['asked', 'queued', 'sent', 'playing', 'done'] as const),
  ...(['interrupted', 'dismissed', 'failed', 'expired', 'cancelled'] as const),
];
export type Stage = (typeof STAGES)[number];

export interface Problem {
  readonly message: string;
  readonly advice?: string;
}

export interface InRoom {
  readonly stage: Stage;
  readonly error: Problem | null;
}

/** An announcement of this page. */
export interface Said {
  readonly id: string;
  /** Null: a chime alone. */
  readonly text: string | null;
  readonly household: string;
  readonly at: number;
  readonly rooms: Readonly<Record<string, InRoom>>;
}

/** Newest first. */
export type Board = readonly Said[];

const MOST = 5;

/** What of a command's reply the board looks at. */
export interface ReplyPart {
  readonly id: string;
  readonly room?: string;
  readonly status: string;
  readonly error?: Problem;
}

export type BoardNews =
  | { readonly kind: 'said'; readonly said: Omit<Said, 'rooms'>; readonly rooms: readonly string[] }
  | { readonly kind: 'happening'; readonly happening: HappeningView }
  | { readonly kind: 'replies'; readonly replies: readonly ReplyPart[] }
  /** Rooms that were heard of since go their own way. */
  | { readonly kind: 'refused'; readonly id: string; readonly error: Problem };

const OPEN: readonly Stage[] = ['asked', 'queued', 'sent', 'playing'];

/** Whether more will come. */
export const isOpen = ({ stage }: InRoom): boolean => OPEN.includes(stage);

/** Whether an announcement is not over in some room. */
export const isUnderWay = (said: Said): boolean => Object.values(said.rooms).some(isOpen);

const change = (board: Board, id: string, room: string, next: (was: InRoom) => InRoom): Board =>
  board.map((said) => {
    const was = said.id === id ? said.rooms[room] : undefined;
    return was === undefined ? said : { ...said, rooms: { ...said.rooms, [room]: next(was) } };
  });

/** An error as it came over the wire, where anything may stand. */
function problemIn(value: unknown): Problem | null {
  if (typeof value !== 'object' || value === null || !('message' in value)) return null;
  const advice = 'advice' in value && typeof value.advice === 'string' ? { advice: value.advice } : {};
  return { message: String(value.message), ...advice };
}

function happened(board: Board, { room, event_type, id, status, error }: HappeningView): Board {
  const stage = STAGES.find((each) => each === status);
  if (event_type !== 'announcement' || typeof id !== 'string' || stage === undefined) return board;
  // That it was cancelled is what somebody wanted.
  const problem = stage === 'cancelled' ? null : problemIn(error);
  // What is over stays over, also when an older step comes late.
  return change(board, id, room, (was) => (isOpen(was) ? { stage, error: problem } : was));
}

/** Only failures say more than the steps do: an announcement that was refused has none. */
function replied(board: Board, { id, room, status, error }: ReplyPart): Board {
  if (status !== 'failed' || room === undefined) return board;
  return change(board, id, room, (was) => (isOpen(was) ? { stage: 'failed', error: error ?? null } : was));
}

/** The board after something was said or happened. */
export function onBoard(board: Board, news: BoardNews): Board {
  switch (news.kind) {
    case 'said': {
      const asked: InRoom = { stage: 'asked', error: null };
      const rooms = Object.fromEntries(news.rooms.map((room) => [room, asked]));
      return [{ ...news.said, rooms }, ...board].slice(0, MOST);
    }
    case 'happening':
      return happened(board, news.happening);
    case 'replies':
      return news.replies.reduce(replied, board);
    case 'refused':
      return board.map((said) =>
        said.id !== news.id
          ? said
          : {
              ...said,
              rooms: Object.fromEntries(
                Object.entries(said.rooms).map(([room, was]) => [
                  room,
                  was.stage === 'asked' ? { stage: 'failed' as const, error: news.error } : was,
                ]),
              ),
            },
      );
  }
}

/** How far along its way a stage is, of `WAY`; what ended before its time is at its end. */
export const WAY = ['queued', 'sent', 'playing', 'done'] as const;
export function reached(stage: Stage): number {
  const ways: readonly string[] = WAY;
  return stage === 'asked' ? 0 : ways.indexOf(stage) + 1 || WAY.length;
}
