import type { Perform } from '../../../src/bridge/own-commands.ts';
import type { Loads } from '../../../src/bridge/presets/loads.ts';
import { type Preset, presetSchema } from '../../../src/bridge/presets/preset.ts';
import { rawOf, type Step } from '../../../src/bridge/presets/steps.ts';
import type { Reply } from '../../../src/bridge/replies.ts';
import { type Household, seatOf } from '../../../src/bridge/state.ts';
import { house, withEvent } from '../../support/house.ts';

/** What a group plays. */
export interface ModelMusic {
  container: string | null;
  /** Sonos' word for what it is; an album unless it says so. */
  type?: string;
  state: 'PLAYING' | 'PAUSED' | 'IDLE';
  shuffle: boolean;
  repeat: 'off' | 'all' | 'one';
  crossfade: boolean;
}

/** A house told a second time, by Sonos' rules and not by the bridge's: the first room of a group leads it. */
export interface Model {
  readonly groups: { rooms: string[]; music: ModelMusic }[];
  readonly rooms: Record<string, { volume: number; muted: boolean }>;
}

export const FAVORITES = ['Jazz', 'Morning', 'News'];
export const PLAYLISTS = ['Party'];

export const silent = (): ModelMusic => ({
  ...{ container: null, state: 'IDLE', shuffle: false, repeat: 'off', crossfade: false },
});

/** What the bridge would know of such a house. */
export function householdOf({ groups, rooms }: Model): Household {
  let household = house(...groups.map((group) => group.rooms));
  const [first = ''] = Object.keys(rooms);
  const tell = (name: string, namespace: string, type: string, body: unknown): void => {
    household = withEvent(household, name, namespace, type, body);
  };
  tell(first, 'favorites', 'favoritesList', {
    version: '1',
    items: FAVORITES.map((name, at) => ({
      ...{ id: String(at), name },
      resource: { type: 'ALBUM', id: { objectId: name.toLowerCase(), serviceId: '9' } },
    })),
  });
  tell(first, 'playlists', 'playlistsList', {
    version: '1',
    playlists: PLAYLISTS.map((name, at) => ({ id: `p${at}`, name })),
  });
  for (const [name, volume] of Object.entries(rooms))
    tell(name, 'playerVolume', 'playerVolume', { ...volume, fixed: false });
  for (const {
    rooms: [lead = ''],
    music,
  } of groups) {
    const { container, state, shuffle, repeat, crossfade } = music;
    const flags = { repeat: repeat === 'all', repeatOne: repeat === 'one' };
    tell(lead, 'playback', 'playbackStatus', {
      playbackState: `PLAYBACK_STATE_${state}`,
      playModes: { shuffle, crossfade, ...flags },
    });
    tell(lead, 'playbackMetadata', 'metadataStatus', {
      container: container && {
        ...{ name: container, type: music.type ?? 'album' },
        id: { objectId: container.toLowerCase(), serviceId: PLAYLISTS.includes(container) ? 'sq' : '9' },
      },
      currentItem: container && { id: '1', track: { name: 'T' } },
    });
  }
  return household;
}

/** What can be done to the household of a model, and how it went. */
export interface Hands {
  readonly perform: Perform;
  /** What was asked, `room command`. */
  readonly asked: string[];
  /** How a step ends instead, by `room command`; once for each entry. */
  readonly endings: Map<string, Pick<Reply, 'status' | 'error'>[]>;
}

/** Carries commands out on a model, and tells `loads` of them as the bridge does. */
export function handsOn(model: Model, loads: () => Loads): Hands {
  const hands: Hands = {
    asked: [],
    endings: new Map(),
    async perform(household, room, { command, raw }) {
      hands.asked.push(`${room.address} ${command}`);
      const reply = { id: 'x', command, room: room.address, elapsed_ms: 1 };
      const ending = hands.endings.get(`${room.address} ${command}`)?.shift();
      if (ending !== undefined) return { ...reply, ...ending };
      const { value = null, fields = {} } = raw.kind === 'json' ? raw : { value: raw.text };
      const step = { phase: 'content', room: room.name, command, value, fields, together: 0 } as const;
      const before = seatOf(household, room.playerId);
      carryOut(model, { ...step, value: raw.kind === 'json' && raw.value === undefined ? null : value });
      if (before !== null) loads().carried(command, raw, before, householdOf(model));
      return { ...reply, status: 'confirmed' };
    },
  };
  return hands;
}

const groupOf = (model: Model, name: string) => {
  const found = model.groups.find(({ rooms }) => rooms.includes(name));
  if (found === undefined) throw new Error(`${name} is in no group`);
  return found;
};

/** Sonos' setGroupMembers: who joins gives up its group, who is left out is alone and silent. */
function setMembers(model: Model, host: string, members: readonly string[]): void {
  const own = groupOf(model, host);
  for (const group of model.groups) {
    if (group !== own) group.rooms = group.rooms.filter((room) => !members.includes(room));
  }
  const out = own.rooms.filter((room) => !members.includes(room));
  const stay = own.rooms.filter((room) => members.includes(room));
  own.rooms = [...stay, ...members.filter((room) => !stay.includes(room))];
  const left = model.groups.filter(({ rooms }) => rooms.length > 0);
  model.groups.splice(
    ...([0, model.groups.length] as const),
    ...left,
    ...out.map((room) => ({ rooms: [room], music: silent() })),
  );
}

/** What Sonos makes of a step. */
export function carryOut(model: Model, step: Step): void {
  const { room: name, command } = step;
  const raw = rawOf(step);
  const value: unknown = raw.kind === 'json' ? raw.value : raw.text;
  const fields = raw.kind === 'json' ? raw.fields : {};
  const speaker = model.rooms[name];
  if (speaker === undefined) throw new Error(`there is no ${name}`);
  const { music } = groupOf(model, name);
  if (command === 'volume') speaker.volume = Number(value);
  else if (command === 'mute') speaker.muted = value === true;
  else if (command === 'group') setMembers(model, name, [name, ...(value as string[])]);
  else if (command === 'favorite' || command === 'playlist') {
    music.container = String(value);
    music.state = fields.play === false ? 'PAUSED' : 'PLAYING';
    Object.assign(music, Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'play')));
    music.type = 'album';
  } else if (command === 'tv' || command === 'line_in' || command === 'stream') {
    const from = command === 'line_in' ? `${String(value)} line-in` : JSON.stringify(value ?? fields);
    const type = { tv: 'linein.homeTheater', line_in: 'linein', stream: 'station' }[command];
    Object.assign(music, { container: from, type, state: 'PLAYING' });
  } else if (command === 'play') music.state = 'PLAYING';
  else if (command === 'pause') music.state = 'PAUSED';
  else Object.assign(music, { [command]: value });
}

/** A preset as it would stand in the settings; the test is wrong when it is none. */
export const preset = (words: unknown): Preset => presetSchema.parse(words);
