import { effect, signal } from '@preact/signals';
import { command, repliesIn } from '../api.ts';
import { happening, reply } from '../live.ts';
import { announceOf, type Destination, idFrom, type SayForm } from './announcement.ts';
import { type Board, type BoardNews, isOpen, onBoard, type Problem, type Said } from './board.ts';

/** What was said from this page since it was opened; it goes on while another part of the page is shown. */
export const board = signal<Board>([]);

const take = (news: BoardNews): void => {
  board.value = onBoard(board.peek(), news);
};

effect(() => {
  if (happening.value !== null) take({ kind: 'happening', happening: happening.value });
});
effect(() => {
  if (reply.value !== null) take({ kind: 'replies', replies: [reply.value] });
});

/** The answer is that of one room: the others have a moment to tell of themselves. */
const OTHERS_MS = 2_500;

function refused(id: string, { room, rooms }: Destination, error: Problem): void {
  take({ kind: 'replies', replies: [{ id, room, status: 'failed', error }] });
  const all = () => take({ kind: 'refused', id, error });
  if (rooms.length === 0) all();
  else setTimeout(all, OTHERS_MS);
}

interface ToSay {
  readonly household: string;
  /** All rooms that are meant. */
  readonly rooms: readonly string[];
  readonly destination: Destination;
  readonly form: SayForm;
  readonly what: 'text' | 'chime';
}

/** Says something, and follows it on the board. */
export async function say({ household, rooms, destination, form, what }: ToSay): Promise<void> {
  const id = idFrom(crypto.getRandomValues(new Uint8Array(8)));
  const text = what === 'text' ? form.text.trim() : null;
  take({ kind: 'said', said: { id, text, household, at: Date.now() }, rooms });
  const value = announceOf(form, what, id, destination.rooms);
  const answer = await command(household, destination.room, 'announce', value);
  if (!answer.ok) refused(id, destination, answer.error);
  else take({ kind: 'replies', replies: repliesIn(answer.value) });
}

/** Ends an announcement in every room where it is not over. */
export async function cancel(said: Said): Promise<void> {
  const open = Object.entries(said.rooms).filter(([, each]) => isOpen(each));
  await Promise.all(open.map(([room]) => command(said.household, room, 'cancel', { value: said.id })));
}
