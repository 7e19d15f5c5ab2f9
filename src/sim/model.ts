/** The nouns of the simulated house, as Sonos' documentation names them ("Control API objects"). */

/** A JSON object on its way out. */
export type JsonObject = { readonly [key: string]: unknown };

/** Sonos' universalMusicObjectId. */
export interface ObjectId {
  readonly objectId: string;
  readonly serviceId?: string;
  readonly accountId?: string;
}

/** A music service; AirPlay's has a name and no id. */
export interface MusicService {
  readonly name: string;
  readonly id?: string;
}

/** A piece of music, an episode, a chapter. */
export interface Track {
  readonly name: string;
  readonly artist?: string;
  readonly album?: string;
  readonly imageUrl?: string;
  readonly durationMillis?: number;
  /** Of cloud queues alone, as the next two. */
  readonly itemId?: string;
  readonly mediaUrl?: string;
  readonly contentType?: string;
  readonly id?: ObjectId;
  readonly service?: MusicService;
}

/** What the sound comes from: a playlist, an album, a station, an input. Any field may be missing. */
export interface Container {
  readonly name?: string;
  readonly type?: string;
  readonly id?: ObjectId;
  readonly service?: MusicService;
  readonly imageUrl?: string;
  readonly htInputFormat?: {
    readonly numGroundChannels: number;
    readonly numLFEChannels: number;
    readonly numHeightChannels: number;
    readonly streamDescription: string;
  };
}

/** Who holds the music: an app, Spotify Connect, AirPlay. */
export interface DirectControl {
  readonly clientId: string;
  readonly isSuspended: boolean;
  readonly accountId: string;
}

/** What a station says at one moment: free text, a track, or nothing. */
export interface StationMoment {
  readonly streamInfo?: string;
  readonly track?: Track;
}

/** Music that can be skipped, sought and resumed. */
export interface QueueSource {
  readonly kind: 'queue';
  readonly container: Container;
  readonly tracks: readonly Track[];
  readonly session?: DirectControl;
  /** Spotify Connect: opens with an almost empty metadata event, never shows item ids, cannot crossfade. */
  readonly connect?: boolean;
  /** A cloud queue: something that no other has, and its version. */
  readonly cloud?: string;
  readonly queueVersion?: string;
  /** How many skips the service still allows; absent means any number. */
  readonly skipsLeft?: number;
  /** What the service forbids. */
  readonly forbids?: readonly ('skip' | 'seek')[];
  /** Loads, and fails when it should sound. */
  readonly broken?: boolean;
}

/** Sound that only runs: it cannot be skipped, sought or resumed; pausing it ends in IDLE. */
export interface LiveSource {
  readonly kind: 'station' | 'stream' | 'tv' | 'line_in' | 'airplay' | 'alarm';
  readonly container: Container;
  /** What it says about itself, one moment after the other; empty for TV and line-in. */
  readonly programme: readonly StationMoment[];
  readonly itemId?: string;
  readonly session?: DirectControl;
  /** The device whose input it is. */
  readonly deviceId?: string;
  readonly broken?: boolean;
}

/** Anything a group can play. */
export type Source = QueueSource | LiveSource;

/** A kind of speaker. */
export interface PlayerModel {
  readonly model: string;
  readonly displayName: string;
  readonly capabilities: readonly string[];
  /** Namespaces that its software, which gets no updates any more, does not know. */
  readonly lacks?: readonly string[];
}

/** A box that is bonded to a room's primary one. */
export interface BondedSpec {
  /** Key of `PLAYER_MODELS`; the primary one's when absent. */
  readonly model?: string;
  /** What it plays: `RF`, `LR`, `RR`, `SW` … */
  readonly channels: readonly string[];
}

/** A room as a builder asks for it. */
export interface PlayerSpec {
  readonly name: string;
  /** Key of `PLAYER_MODELS`; `one` when absent. */
  readonly model?: string;
  /** `RINCON_` + 12 hex digits + `01400`; made from the order when absent. */
  readonly id?: string;
  readonly volume?: number;
  readonly fixed?: boolean;
  /** The further boxes; 1 makes a stereo pair. */
  readonly bonded?: 1 | readonly BondedSpec[];
}

/** Something a Sonos favorite leads to. */
export interface FavoriteSpec {
  readonly id?: string;
  readonly name: string;
  readonly description?: string;
  readonly imageUrl?: string;
  readonly service?: MusicService;
  /** `resource.type`: STREAM, PLAYLIST, ALBUM, TRACK, PROGRAM …; some favorites have none. */
  readonly resourceType?: string;
  readonly source: Source;
  /** Amazon Music behaves so: loads and stays silent. */
  readonly ignoresPlayOnCompletion?: boolean;
}

/** A Sonos playlist. */
export interface PlaylistSpec {
  readonly id?: string;
  readonly name: string;
  readonly tracks: readonly Track[];
}

/** A household as a builder asks for it. */
export interface HouseholdSpec {
  readonly id: string;
  readonly name?: string | null;
  readonly players: readonly PlayerSpec[];
  /** Rooms that start together, coordinator first; the others stand alone. */
  readonly groups?: readonly (readonly string[])[];
  readonly favorites?: readonly FavoriteSpec[];
  readonly playlists?: readonly PlaylistSpec[];
}

/** A person's Sonos account and the households it owns. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly households: readonly string[];
}

/** What Sonos tells a subscriber about one target. */
export interface SonosSays {
  readonly household: string;
  readonly namespace: string;
  /** `X-Sonos-Type`. */
  readonly type: string;
  readonly targetType: 'householdId' | 'groupId' | 'playerId' | 'sessionId';
  readonly target: string;
  readonly body: JsonObject;
}
