import type { RoomView } from '../../../src/web/api/messages.ts';
import type { Group, Room } from '../../../src/web/page/house/groups.ts';

/** A quiet room, with what a test says of it. */
export const view = (name: string, about: Partial<RoomView> = {}): RoomView => ({
  id: `RINCON_${name}`,
  name,
  online: true,
  stale: false,
  state: 'idle',
  volume: 20,
  muted: false,
  fixed: false,
  group: null,
  source: { kind: 'none', name: null, service: null, image: null },
  track: null,
  next: null,
  position: null,
  play_modes: null,
  actions: null,
  capabilities: [],
  announcing: null,
  home_theater: null,
  volume_limit: null,
  ...about,
});

/** What says that rooms play together; the first leads. */
export const together = (...members: readonly string[]): RoomView['group'] => ({
  name: members.join(' + '),
  coordinator: members[0] ?? null,
  members: [...members].sort(),
  volume: 20,
  muted: false,
});

export const track = (title: string, duration: number | null = 200): RoomView['track'] => ({
  ...{ title, artist: 'Anna', album: 'Blue', image: null, duration },
});

/** A group of rooms, the first of which leads it. */
export function group(...addresses: readonly string[]): Group {
  const [lead, ...others] = addresses.map((address): Room => ({ address, view: view(address) }));
  if (lead === undefined) throw new Error('A group has a room.');
  return { lead, members: [lead, ...others] };
}
