/** A message that is published retained. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
}

/** A room as the bridge shows it before the first event. */
export interface ShownRoom {
  /** Of its JSON; its attributes are below it. */
  readonly topic: string;
  /** Its player and its group at Sonos. */
  readonly targets: readonly string[];
  /** Its JSON. */
  readonly picture: string;
}

/** The house as the bridge shows it before the first event. */
export interface ShownHouse {
  readonly rooms: readonly ShownRoom[];
  /** The list of all groups, which tells of each what it plays and how loudly. */
  readonly groups: Message;
}

/** Makes an event's messages: the list of groups if it changed, the JSON of the room, and each attribute that changed. */
export type Mapper = (namespace: string, target: string, body: Body) => readonly Message[];

interface BodyItem {
  readonly track: {
    readonly name: string;
    readonly artist: { readonly name: string };
    readonly album: { readonly name: string };
    readonly images: readonly { readonly url: string }[];
    readonly durationMillis: number;
  };
}

/** The bodies of all four kinds in one: each has the fields that are its own. */
export interface Body {
  readonly container: {
    readonly name: string;
    readonly type: string;
    readonly service: { readonly name: string };
    readonly images: readonly { readonly url: string }[];
  };
  readonly currentItem: BodyItem;
  readonly nextItem: BodyItem;
  readonly playbackState: string;
  readonly positionMillis: number;
  readonly playModes: Readonly<Record<'repeat' | 'repeatOne' | 'shuffle' | 'crossfade', boolean>>;
  readonly availablePlaybackActions: Readonly<Record<string, boolean>>;
  readonly volume: number;
  readonly muted: boolean;
  readonly fixed: boolean;
}

interface Track {
  readonly title: string;
  readonly artist: string;
  readonly album: string;
  readonly image: string | null;
  readonly duration: number;
}

interface Source {
  readonly kind: string;
  readonly name: string | null;
  readonly service: string | null;
  readonly image: string | null;
}

/** Those parts of an entry of the list of groups that the events change. */
interface ListedGroup {
  readonly id: string;
  state: string;
  volume: number;
  muted: boolean;
}

/** Those parts of a room's JSON that the four kinds of event change. */
interface Picture {
  readonly group: { volume: number; muted: boolean };
  state: string;
  position: { readonly seconds: number; readonly at: string };
  play_modes: { readonly shuffle: boolean; readonly crossfade: boolean; readonly repeat: string };
  actions: readonly string[];
  volume: number;
  muted: boolean;
  fixed: boolean;
  source: Source;
  track: Track | null;
  next: Track | null;
}

/**
 * The mapping that somebody would write who knows just these four kinds of event and trusts whoever sends them. It uses nothing
 * from outside itself: its text is also what Node-RED's function node runs.
 */
export function createMapper({ rooms, groups }: ShownHouse): Mapper {
  const states: Readonly<Record<string, string>> = {
    PLAYBACK_STATE_PLAYING: 'playing',
    PLAYBACK_STATE_PAUSED: 'paused',
    PLAYBACK_STATE_IDLE: 'idle',
    PLAYBACK_STATE_BUFFERING: 'buffering',
  };
  const kinds: Readonly<Record<string, string>> = { playlist: 'queue', album: 'queue', station: 'radio' };
  const list = JSON.parse(groups.payload) as { readonly groups: readonly ListedGroup[] };
  const listed = new Map(list.groups.map((group) => [group.id, group]));
  const listMessage = (): Message => ({ topic: groups.topic, payload: JSON.stringify(list) });
  const shown = new Map<string, { readonly topic: string; readonly picture: Picture }>();
  for (const { topic, targets, picture } of rooms) {
    const room = { topic, picture: JSON.parse(picture) as Picture };
    for (const target of targets) shown.set(target, room);
  }

  const trackOf = ({ track }: BodyItem): Track => ({
    title: track.name,
    artist: track.artist.name,
    album: track.album.name,
    image: track.images[0]?.url ?? null,
    duration: track.durationMillis / 1000,
  });

  function actionsOf(can: Body['availablePlaybackActions']): string[] {
    const actions = [];
    if (can.canPlay) actions.push('play');
    if (can.canPause || can.canStop) actions.push('pause');
    if (can.canSkip) actions.push('next');
    if (can.canSkipToPrevious || can.canSkipBack) actions.push('previous');
    if (can.canSeek) actions.push('seek');
    if (can.canShuffle) actions.push('shuffle');
    if (can.canRepeat) actions.push('repeat');
    if (can.canRepeatOne) actions.push('repeat_one');
    if (can.canCrossfade) actions.push('crossfade');
    return actions;
  }

  return (namespace, target, body) => {
    const room = shown.get(target);
    if (room === undefined) return [];
    const { topic, picture } = room;
    const group = listed.get(target);
    const before: Message[] = [];
    const attributes: Message[] = [];
    const attribute = (name: string, was: unknown, now: unknown): void => {
      if (was !== now) attributes.push({ topic: `${topic}/${name}`, payload: String(now ?? '') });
    };
    if (namespace === 'playerVolume') {
      attribute('volume', picture.volume, body.volume);
      attribute('muted', picture.muted, body.muted);
      picture.volume = body.volume;
      picture.muted = body.muted;
      picture.fixed = body.fixed;
    } else if (namespace === 'groupVolume') {
      attribute('group_volume', picture.group.volume, body.volume);
      attribute('group_muted', picture.group.muted, body.muted);
      picture.group.volume = body.volume;
      picture.group.muted = body.muted;
      if (group !== undefined && (group.volume !== body.volume || group.muted !== body.muted)) {
        group.volume = body.volume;
        group.muted = body.muted;
        before.push(listMessage());
      }
    } else if (namespace === 'playback') {
      const { shuffle, crossfade, repeat, repeatOne } = body.playModes;
      const state = states[body.playbackState] ?? 'idle';
      const modes = { shuffle, crossfade, repeat: repeatOne ? 'one' : repeat ? 'all' : 'off' };
      attribute('state', picture.state, state);
      attribute('shuffle', picture.play_modes.shuffle, modes.shuffle);
      attribute('repeat', picture.play_modes.repeat, modes.repeat);
      attribute('crossfade', picture.play_modes.crossfade, modes.crossfade);
      if (group !== undefined && group.state !== state) {
        group.state = state;
        before.push(listMessage());
      }
      picture.state = state;
      picture.position = { seconds: body.positionMillis / 1000, at: new Date().toISOString() };
      picture.play_modes = modes;
      picture.actions = actionsOf(body.availablePlaybackActions);
    } else {
      const { name, type, service, images } = body.container;
      const last = picture.track;
      const track = trackOf(body.currentItem);
      const source = {
        kind: kinds[type] ?? 'other',
        name,
        service: service.name,
        image: images[0]?.url ?? null,
      };
      attribute('title', last?.title, track.title);
      attribute('artist', last?.artist, track.artist);
      attribute('album', last?.album, track.album);
      attribute('image', last?.image, track.image);
      attribute('duration', last?.duration, track.duration);
      attribute('source', picture.source.name, source.name);
      attribute('source_kind', picture.source.kind, source.kind);
      picture.source = source;
      picture.track = track;
      picture.next = trackOf(body.nextItem);
    }
    return [...before, { topic, payload: JSON.stringify(picture) }, ...attributes];
  };
}
