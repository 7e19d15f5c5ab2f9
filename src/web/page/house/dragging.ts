import { signal } from '@preact/signals';
import { rooms } from '../live.ts';
import { act } from './act.ts';
import { groupsOf, type Room } from './groups.ts';
import { moveFor } from './regroup.ts';

/** A room that is being dragged, and where it is. */
export interface Dragged {
  readonly room: Room;
  readonly x: number;
  readonly y: number;
  /** Where it would be dropped: the address of a group's leading room, `alone`, or nowhere. */
  readonly over: string | null;
}

/** Less than this is a press and no drag, pixels. */
const SLACK_PX = 7;
/** So near to an edge the page moves on, pixels; and so far in every frame. */
const EDGE_PX = 70;
const SCROLL_PX = 9;

/** The name of the place where a room is dropped to be alone. */
export const ALONE = 'alone';

/** What is being dragged. */
export const dragged = signal<Dragged | null>(null);

let hasDragged = false;

/** Whether the press that has just ended was a drag, so that it is no click. */
export function wasDrag(): boolean {
  const was = hasDragged;
  hasDragged = false;
  return was;
}

const placeAt = (x: number, y: number): string | null =>
  document.elementFromPoint(x, y)?.closest('[data-drop]')?.getAttribute('data-drop') ?? null;

function drop({ room, over }: Dragged): void {
  if (over === null) return;
  const groups = groupsOf(rooms.value);
  const move = moveFor(groups, room.address, over === ALONE ? ALONE : { onto: over });
  if (move !== null) void act(move.room, room.view.name, move.name, move.value);
}

function scrollAtEdge(): void {
  const { y } = dragged.value ?? {};
  if (y === undefined) return;
  if (y < EDGE_PX) scrollBy(0, -SCROLL_PX);
  else if (y > innerHeight - EDGE_PX) scrollBy(0, SCROLL_PX);
  requestAnimationFrame(scrollAtEdge);
}

/** Begins what may become a drag of a room, with the finger or the mouse. */
export function take(room: Room, start: PointerEvent): void {
  if (start.button !== 0 || !start.isPrimary) return;
  hasDragged = false;
  const ending = new AbortController();
  const { signal: until } = ending;
  const end = (isDropped: boolean) => {
    ending.abort();
    const last = dragged.value;
    dragged.value = null;
    if (isDropped && last !== null) drop(last);
  };
  const move = (event: PointerEvent) => {
    if (event.pointerId !== start.pointerId) return;
    const [x, y] = [event.clientX, event.clientY];
    if (dragged.value === null) {
      if (Math.hypot(x - start.clientX, y - start.clientY) < SLACK_PX) return;
      hasDragged = true;
      requestAnimationFrame(scrollAtEdge);
    }
    dragged.value = { room, x, y, over: placeAt(x, y) };
  };
  addEventListener('pointermove', move, { signal: until });
  addEventListener('pointerup', () => end(true), { signal: until });
  addEventListener('pointercancel', () => end(false), { signal: until });
  addEventListener('keydown', (event) => event.key === 'Escape' && end(false), { signal: until });
}
