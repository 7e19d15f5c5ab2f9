import type { RoomShown } from './live-topics.ts';
import type { Paint } from './paint.ts';
import { fitted, printable } from './text.ts';

const KINDS: Readonly<Record<string, string>> = {
  tv: 'TV',
  line_in: 'Line-in',
  airplay: 'AirPlay',
  alarm: 'Alarm',
};

/** What a room plays, in words: the track, else the source; empty when there is nothing. */
function playsText({ track, source }: RoomShown): string {
  const song = [track?.title, track?.artist].filter((part) => part).join(' – ');
  const kind = KINDS[source?.kind ?? ''];
  return printable(song || source?.name || kind || '');
}

const volumeText = ({ volume, muted }: RoomShown): string =>
  muted === true ? 'mute' : String(volume ?? '').padStart(4);

const groupText = ({ group }: RoomShown): string =>
  group && group.members.length > 1 ? printable(group.name ?? group.members.join(', ')) : '';

const widest = (texts: readonly string[], most: number): number =>
  Math.min(most, Math.max(...texts.map((text) => [...text].length)));

/** All rooms, one line each: name, state, volume, what plays, group. */
export function roomTable(rooms: readonly RoomShown[], width: number, paint: Paint): string[] {
  const rows = [...rooms]
    .sort((a, b) => a.name.localeCompare(b.name))
    .map((room) => ({
      name: printable(room.name),
      state: printable(room.state ?? '?'),
      volume: volumeText(room),
      plays: playsText(room),
      group: groupText(room),
    }));
  const name = widest(['Room', ...rows.map((row) => row.name)], 20);
  const state = widest(['State', ...rows.map((row) => row.state)], 10);
  const group = widest(['Group', ...rows.map((row) => row.group)], 20);
  const plays = Math.min(48, Math.max(10, width - name - state - group - 15));
  const line = (cells: readonly [string, string, string, string, string]): string =>
    [
      ` ${fitted(cells[0], name)}`,
      fitted(cells[1], state),
      cells[2].padEnd(4),
      fitted(cells[3], plays),
      cells[4],
    ].join('  ');
  const colour = (row: (typeof rows)[number]): string => {
    const plain = line([row.name, row.state, row.volume, row.plays, row.group]).trimEnd();
    return row.state === 'playing' ? plain : paint.dim(plain);
  };
  return [paint.bold(line(['Room', 'State', ' Vol', 'Plays', 'Group']).trimEnd()), ...rows.map(colour)];
}
