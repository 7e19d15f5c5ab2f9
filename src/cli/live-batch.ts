import { readJson } from '../bridge/read-json.ts';
import { otherLine } from './house-lines.ts';
import { type Change, commandLine, eventLine, type Line, replyLine, roomLine } from './live-lines.ts';
import { replySchema } from './live-topics.ts';

const roomOf = ({ place }: Change): string | null =>
  place.kind === 'room' || place.kind === 'attribute' ? place.room : null;

const replyKey = (change: Change): string | null => {
  const reply = change.place.kind === 'reply' ? readJson(replySchema, change.now) : null;
  return reply === null ? null : `${change.topic} ${reply.id}`;
};

/** The first and the last of what a topic said meanwhile; a topic that is as it was is left out. */
function merged(changes: readonly Change[]): Change[] {
  const byTopic = new Map<string, Change>();
  for (const change of changes) {
    const before = byTopic.get(change.topic);
    byTopic.set(change.topic, before === undefined ? change : { ...change, before: before.before });
  }
  return [...byTopic.values()].filter(({ before, now }) => before !== now);
}

function lineOf(change: Change): Line | null {
  switch (change.place.kind) {
    case 'command':
      return commandLine(change);
    case 'reply':
      return replyLine(change);
    case 'event':
      return eventLine(change);
    default:
      return otherLine(change);
  }
}

/** Lines of rooms that say the same, as those of a group do, become one. */
function joined(lines: readonly Line[]): Line[] {
  const result: Line[] = [];
  const byText = new Map<string, number>();
  for (const line of lines) {
    const text = JSON.stringify([line.mark, line.pieces]);
    const at = line.mark === 'state' && line.pieces.length > 1 ? byText.get(text) : undefined;
    const same = at === undefined ? undefined : result[at];
    if (at === undefined || same === undefined) {
      byText.set(text, result.length);
      result.push(line);
    } else {
      const [household, room = ''] = line.topic.split('/');
      const isHere = same.topic.startsWith(`${household}/`);
      result[at] = { ...same, topic: `${same.topic}, ${isHere ? room : line.topic}` };
    }
  }
  return result;
}

/** What a batch of changes says, in the order in which it began to happen. */
export function linesOf(changes: readonly Change[]): Line[] {
  const lastReply = new Map<string, Change>();
  for (const change of changes) {
    const key = replyKey(change);
    if (key !== null) lastReply.set(key, change);
  }
  const rooms = new Map<string, Change[]>();
  for (const change of changes) {
    const room = roomOf(change);
    if (room !== null) rooms.set(room, [...(rooms.get(room) ?? []), change]);
  }
  const lines: Line[] = [];
  for (const change of changes) {
    const room = roomOf(change);
    const key = replyKey(change);
    if (key !== null && lastReply.get(key) !== change) continue;
    const together = room === null ? undefined : rooms.get(room);
    if (room !== null && together === undefined) continue;
    const line = room === null || together === undefined ? lineOf(change) : roomLine(room, merged(together));
    if (room !== null) rooms.delete(room);
    if (line !== null) lines.push(line);
  }
  return joined(lines);
}
