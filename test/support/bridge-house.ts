import { type AddressBook, emptyAddressBook } from '../../src/bridge/address-book.ts';
import {
  type AnnouncementsRecord,
  announcementsSchema,
  noAnnouncements,
} from '../../src/bridge/announcement-record.ts';
import { Bridge, type EventOutcome } from '../../src/bridge/bridge.ts';
import type { BridgePorts, BridgeSettings } from '../../src/bridge/bridge-ports.ts';
import type { CommandError } from '../../src/bridge/command-error.ts';
import type { CommandRequest } from '../../src/bridge/intake.ts';
import type { Happening } from '../../src/bridge/namespaces/define.ts';
import { namespaceOf } from '../../src/bridge/namespaces/index.ts';
import type { Log, Random } from '../../src/bridge/ports.ts';
import { noPresets, type PresetsRecord, presetsSchema } from '../../src/bridge/presets/preset-record.ts';
import type { PresetItem } from '../../src/bridge/presets/presets.ts';
import type { Ask, Reply, Status } from '../../src/bridge/replies.ts';
import { ok } from '../../src/bridge/result.ts';
import { roomPicture } from '../../src/bridge/room-picture.ts';
import { type SchedulesRecord, schedulesSchema } from '../../src/bridge/schedules.ts';
import type { Marks } from '../../src/bridge/sequence.ts';
import { type MarksRecord, marksRecord } from '../../src/bridge/sequence-marks.ts';
import type { Json } from '../../src/bridge/sonos.ts';
import type { Household } from '../../src/bridge/state.ts';
import { noTimers, type TimersRecord, timersSchema } from '../../src/bridge/timer-record.ts';
import { urlPolicy } from '../../src/bridge/url-policy.ts';
import { OPEN } from './announcement.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createFakeQueueSupply, type FakeQueueSupply } from './fake-queue-supply.ts';
import { createFakeSonos, type FakeSonos } from './fake-sonos.ts';
import { createFakeSounds, type FakeSounds } from './fake-sounds.ts';

/** The household of the tests. */
export const HOME = 'Sonos_home';

/** The player id of a room: always the same for the same name. */
export function playerOf(room: string): string {
  const digits = [...room].map((letter) => letter.charCodeAt(0).toString(16)).join('');
  return `RINCON_${digits.toUpperCase().padEnd(12, '0').slice(0, 12)}01400`;
}

interface Speaker {
  name: string;
  volume: number;
  muted: boolean;
  fixed: boolean;
  nightMode: boolean;
  dialog: boolean;
  /** How much of its volume a player has at most; null where it does not know the namespace. */
  factor: number | null;
  capabilities: string[];
}

interface Party {
  id: string;
  members: string[];
  state: string;
  itemId: string;
  container: string;
  volume: number;
}

/** What is true in the scripted house, whatever the bridge believes; rooms are named by their first names. */
export class World {
  readonly speakers = new Map<string, Speaker>();
  parties: Party[] = [];
  favorites = [
    { id: '1', name: 'Jazz' },
    { id: '2', name: 'Morning radio' },
    { id: '3', name: 'Morning news' },
  ];
  playlists = [{ id: '7', name: 'Party' }];
  version = 'v1';
  partial = false;
  #regroupings = 0;

  constructor(groups: readonly (readonly string[])[]) {
    for (const room of groups.flat()) {
      const name = `${room.slice(0, 1).toUpperCase()}${room.slice(1)}`;
      const capabilities = ['PLAYBACK', 'CLOUD', 'AUDIO_CLIP'];
      const volume = { volume: 20, muted: false, fixed: false, factor: 1 };
      this.speakers.set(room, { name, ...volume, nightMode: false, dialog: false, capabilities });
    }
    this.regroup(groups);
  }

  /** Who plays with whom from now on; groups whose members change get another id, and keep their coordinator's music. */
  regroup(groups: readonly (readonly string[])[]): void {
    const before = this.parties;
    this.parties = groups.map((members) => {
      const same = before.find((party) => party.members.join() === members.join());
      if (same !== undefined) return same;
      this.#regroupings += 1;
      const earlier = before.find((party) => party.members[0] === members[0]);
      return {
        state: 'PLAYBACK_STATE_PAUSED',
        itemId: 'item-1',
        container: 'c-1',
        volume: 20,
        ...earlier,
        id: `${playerOf(members[0] ?? '')}:${this.#regroupings}`,
        members: [...members],
      };
    });
  }

  party(room: string): Party {
    const party = this.parties.find(({ members }) => members.includes(room));
    if (party === undefined) throw new Error(`no group has the room ${room}`);
    return party;
  }

  speaker(room: string): Speaker {
    const speaker = this.speakers.get(room);
    if (speaker === undefined) throw new Error(`there is no room ${room}`);
    return speaker;
  }

  groupsBody(): Json {
    const away = new Set(
      [...this.speakers.keys()].filter((room) => !this.parties.some((party) => party.members.includes(room))),
    );
    return {
      partial: this.partial,
      groups: this.parties.map(({ id, members }) => ({
        id,
        name: members.join(' + '),
        coordinatorId: playerOf(members[0] ?? ''),
        playerIds: members.map(playerOf),
      })),
      players: [...this.speakers]
        .filter(([room]) => !away.has(room))
        .map(([room, { name, capabilities }]) => ({
          ...{ id: playerOf(room), name, capabilities },
          softwareVersion: '96.1-79270',
          devices: [{ id: playerOf(room), model: 'S13', modelDisplayName: 'One' }],
        })),
    };
  }

  /** The body that a namespace has for a target; null when there is no such target. */
  body(namespace: string, target: string): Json | null {
    const party = this.parties.find(({ id }) => id === target);
    const room = [...this.speakers].find(([name]) => playerOf(name) === target)?.[1];
    switch (namespace) {
      case 'groups':
        return this.groupsBody();
      case 'favorites':
        return { version: this.version, items: this.favorites };
      case 'playlists':
        return { version: this.version, playlists: this.playlists };
      case 'playback':
        return party ? { playbackState: party.state, itemId: party.itemId, positionMillis: 0 } : null;
      case 'playbackMetadata':
        return party
          ? { container: { name: party.container }, currentItem: { id: party.itemId, track: { name: 'T' } } }
          : null;
      case 'groupVolume':
        return party ? { volume: party.volume, muted: false, fixed: false } : null;
      case 'playerVolume':
        return room ? { volume: room.volume, muted: room.muted, fixed: room.fixed } : null;
      case 'homeTheater':
        return room?.capabilities.includes('HT_PLAYBACK')
          ? { nightMode: room.nightMode, enhanceDialog: room.dialog }
          : null;
      case 'settings':
        return room?.factor == null
          ? null
          : { volumeMode: room.fixed ? 'FIXED' : 'VARIABLE', volumeScalingFactor: room.factor };
      default:
        return null;
    }
  }
}

/** What a test may decide about a house. */
export interface TestOptions {
  readonly groups?: readonly (readonly string[])[];
  readonly settings?: Partial<BridgeSettings>;
  readonly book?: AddressBook;
  readonly marks?: MarksRecord;
  readonly announcements?: AnnouncementsRecord;
  readonly schedules?: SchedulesRecord;
  readonly timers?: TimersRecord;
  readonly presets?: PresetsRecord;
  readonly ports?: Partial<BridgePorts>;
}

export const DAY_MS = 86_400_000;

const SETTINGS: BridgeSettings = {
  confirmMs: 8_000,
  reconcileMs: 600_000,
  pollMs: 15_000,
  readsPerMinute: 300,
  forgetMs: 30 * DAY_MS,
  aliases: new Map(),
  announcements: OPEN,
  schedules: [],
  ceilings: [],
  presets: new Map(),
};

/** Numbers that look like chance and are the same every time. */
export function createFakeRandom(seed = 1): Random {
  let state = seed;
  let count = 0;
  return {
    id() {
      count += 1;
      return `made-${count}`.padEnd(22, '-');
    },
    fraction() {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      return state / 2_147_483_648;
    },
  };
}

/** What was answered, to whom. */
export interface Answered {
  readonly ask: Ask;
  readonly reply: Reply;
}

type Level = keyof Log;

/** A real bridge in a scripted house, with everything that it said and did. */
export interface TestBridge {
  readonly bridge: Bridge;
  readonly clock: FakeClock;
  readonly sonos: FakeSonos;
  readonly world: World;
  readonly answers: Answered[];
  /** What was shown, saved and cleared, in order. */
  readonly diary: ({ readonly kind: 'show'; readonly household: Household } | Saved | Cleared)[];
  readonly happenings: { readonly room: string; readonly happening: Happening }[];
  readonly lines: { readonly level: Level; readonly message: string; readonly fields: unknown }[];
  readonly marks: () => MarksRecord;
  readonly sounds: FakeSounds;
  readonly queueSupply: FakeQueueSupply;
  /** What was kept last of announcements. */
  readonly kept: () => AnnouncementsRecord;
  /** What was kept last of schedules, and of timers. */
  readonly schedules: () => SchedulesRecord;
  readonly timers: () => TimersRecord;
  /** Makes the disk refuse the announcements, or wait. */
  keep: () => Promise<void>;
  /** What was kept last of presets. */
  readonly keptPresets: () => PresetsRecord;
  /** Makes the disk refuse the presets, or wait. */
  keepPresets: () => Promise<void>;
  /** The lists of presets that were shown, in order. */
  readonly presetLists: (readonly PresetItem[])[];
  /** Why no call can be made; null when one can. */
  obstacle: CommandError | null;
  /** Makes the disk refuse, or wait. */
  save: (book: AddressBook) => Promise<void>;
  clear: (addresses: readonly string[]) => Promise<void>;
  /** Takes the household in, and lets everything be read. */
  start(): Promise<void>;
  /** An event from Sonos: the body that the world has, unless one is given. */
  tell(namespace: string, target: string, options?: TellOptions): EventOutcome;
  /** A command for a room; the payload is text, or something that becomes JSON. */
  command(room: string, command: string | null, payload?: unknown, more?: Partial<CommandRequest>): void;
  /** The statuses that one id got, in order. */
  statuses(id: string): Status[];
  /** The last answer to one id. */
  last(id: string): Reply;
  /** A room's state as it is shown now. */
  picture(room: string): { readonly [key: string]: Json };
  household(): Household;
}

export interface TellOptions {
  readonly body?: Json;
  readonly type?: string;
  readonly sequence?: string;
  readonly household?: string;
}

interface Saved {
  readonly kind: 'save';
  readonly book: AddressBook;
}
interface Cleared {
  readonly kind: 'clear';
  readonly addresses: readonly string[];
}

/** Bytes of a payload as a client would send it. */
export const bytes = (payload: unknown): Uint8Array =>
  new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload));

function scriptWorld(sonos: FakeSonos, world: World): void {
  const missing = {
    ok: false,
    error: {
      kind: 'group_gone',
      status: 410,
      errorCode: 'ERROR_RESOURCE_GONE',
      reason: null,
      retry: 'after_regroup',
      effect: 'none',
      retryAfterMs: null,
    },
  } as const;
  sonos.on(/^GET \/(households|groups|players)\//, ({ path }) => {
    const [, , target = '', namespace = ''] = path.split('/').map(decodeURIComponent);
    const body = world.body(namespace, target);
    return body === null ? missing : ok(body);
  });
  sonos.on(/^POST \/(groups|players)\//, ({ path }) => {
    const [, kind, target = ''] = path.split('/').map(decodeURIComponent);
    return world.body(kind === 'groups' ? 'playback' : 'playerVolume', target) === null ? missing : null;
  });
}

/** The reply itself, whose error must say something; what an empty one would teach is nothing. */
export function teaching(reply: Reply): Reply {
  const { message, advice } = reply.error ?? {};
  if (message === '' || advice === '') throw new Error(`an error without words: ${JSON.stringify(reply)}`);
  return reply;
}

/** Opens a bridge in a house of some groups of rooms; the first room of each coordinates. */
export function createTestBridge(options: TestOptions = {}): TestBridge {
  const clock = createFakeClock();
  const sonos = createFakeSonos(clock);
  const world = new World(options.groups ?? [['kitchen', 'bath'], ['office']]);
  scriptWorld(sonos, world);
  const sequences = new Map<string, number>();
  let marks: Marks = new Map();
  let kept = options.announcements ?? noAnnouncements;
  let schedules = options.schedules ?? {};
  let timers = options.timers ?? noTimers;
  let presets = options.presets ?? noPresets;
  const sounds = createFakeSounds();
  const queueSupply = createFakeQueueSupply();
  const say =
    (level: Level) =>
    (message: string, fields?: unknown): void => {
      house.lines.push({ level, message, fields });
    };
  const ports: BridgePorts = {
    clock,
    random: createFakeRandom(),
    log: { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') },
    send: sonos.send,
    policy: urlPolicy(null),
    sounds,
    queueSupply,
    answer: (ask, reply) => house.answers.push({ ask, reply: teaching(reply) }),
    obstacle: () => house.obstacle,
    show: (household) => house.diary.push({ kind: 'show', household }),
    clear: (addresses) => {
      house.diary.push({ kind: 'clear', addresses });
      return house.clear(addresses);
    },
    happened: (_household, room, happening) => house.happenings.push({ room: room.address, happening }),
    saveBook: (book) => {
      house.diary.push({ kind: 'save', book });
      return house.save(book);
    },
    saveMarks: (all) => {
      marks = all;
    },
    saveAnnouncements: (record) => {
      // As it would stand in a file.
      kept = announcementsSchema.parse(JSON.parse(JSON.stringify(record)));
      return house.keep();
    },
    saveTimers: (record) => {
      timers = timersSchema.parse(JSON.parse(JSON.stringify(record)));
      return house.keep();
    },
    saveSchedules: (record) => {
      schedules = schedulesSchema.parse(JSON.parse(JSON.stringify(record)));
      return house.keep();
    },
    savePresets: (record) => {
      presets = presetsSchema.parse(JSON.parse(JSON.stringify(record)));
      return house.keepPresets();
    },
    showPresets: (items) => house.presetLists.push(items),
    settings: { ...SETTINGS, ...options.settings },
    ...options.ports,
  };
  const bridge = new Bridge(ports, {
    book: options.book ?? emptyAddressBook,
    marks: options.marks ?? {},
    announcements: kept,
    schedules,
    timers,
    presets,
  });

  const house: TestBridge = {
    bridge,
    clock,
    sonos,
    world,
    answers: [],
    diary: [],
    happenings: [],
    lines: [],
    marks: () => marksRecord(marks),
    sounds,
    queueSupply,
    kept: () => kept,
    schedules: () => schedules,
    timers: () => timers,
    keep: () => Promise.resolve(),
    keptPresets: () => presets,
    keepPresets: () => Promise.resolve(),
    presetLists: [],
    obstacle: null,
    save: () => Promise.resolve(),
    clear: () => Promise.resolve(),
    async start() {
      bridge.start();
      bridge.setHouseholds([{ id: HOME, name: null }]);
      await clock.advance(1_000);
    },
    tell(namespace, target, { body, type, sequence, household = HOME } = {}) {
      const row = namespaceOf(namespace);
      const eventType = type ?? row?.snapshot?.type ?? '';
      const spec = row?.events[eventType];
      if (spec === undefined) throw new Error(`no event ${namespace}/${eventType} in the table`);
      const key = `${household} ${namespace} ${target}`;
      sequences.set(key, (sequences.get(key) ?? 100) + 1);
      return bridge.accept({
        household,
        namespace,
        type: eventType,
        target,
        sequence: sequence ?? String(sequences.get(key)),
        body: spec.schema.parse(body ?? world.body(namespace, target)),
        at: clock.now(),
      });
    },
    command(room, command, payload = '', more = {}) {
      bridge.take({
        household: 'home',
        room,
        command,
        payload: bytes(payload),
        retained: false,
        responseTo: null,
        expirySeconds: null,
        ...more,
      });
    },
    statuses: (id) => house.answers.filter(({ reply }) => reply.id === id).map(({ reply }) => reply.status),
    last(id) {
      const reply = house.answers.findLast((answered) => answered.reply.id === id)?.reply;
      if (reply === undefined) throw new Error(`nothing was answered to ${id}`);
      return reply;
    },
    picture(room) {
      const household = house.household();
      const found = [...household.rooms.values()].find(({ address }) => address === room);
      const picture = found === undefined ? null : roomPicture(household, found);
      if (picture === null) throw new Error(`there is no picture of ${room}`);
      return picture;
    },
    household() {
      const household = bridge.household(HOME);
      if (household === undefined) throw new Error('the household is not there');
      return household;
    },
  };
  return house;
}
