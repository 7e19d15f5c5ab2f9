/**
 * What goes between the page and the bridge. Types alone, since both sides import them; all of it is JSON, times are
 * ISO 8601, durations and positions seconds, as in the MQTT contract.
 */
import type { Reply } from '../../bridge/replies.ts';

/** What a room plays or will play. */
export interface TrackView {
  readonly title: string | null;
  readonly artist: string | null;
  readonly album: string | null;
  /** Where the page finds the picture, relative to itself; null when there is none. */
  readonly image: string | null;
  readonly duration: number | null;
}

/** A room's whole state (contract §2), with pictures at addresses of ours. */
export interface RoomView {
  readonly id: string;
  readonly name: string;
  readonly online: boolean;
  readonly stale: boolean;
  readonly state: 'playing' | 'paused' | 'idle' | 'buffering' | null;
  readonly volume: number | null;
  readonly muted: boolean | null;
  readonly fixed: boolean | null;
  readonly group: {
    readonly name: string;
    /** Addresses of rooms, as are the members. */
    readonly coordinator: string | null;
    readonly members: readonly string[];
    readonly volume: number | null;
    readonly muted: boolean | null;
  } | null;
  readonly source: {
    readonly kind: string;
    readonly name: string | null;
    readonly service: string | null;
    readonly image: string | null;
  } | null;
  readonly track: TrackView | null;
  readonly next: TrackView | null;
  /** Where the track was at a moment; while it plays, it goes on by itself. */
  readonly position: { readonly seconds: number; readonly at: string } | null;
  readonly play_modes: {
    readonly shuffle: boolean | null;
    readonly repeat: 'off' | 'all' | 'one' | null;
    readonly crossfade: boolean | null;
  } | null;
  readonly actions: readonly string[] | null;
  readonly capabilities: readonly string[];
  readonly announcing: string | null;
  readonly home_theater: { readonly night_mode: boolean | null; readonly dialog: boolean | null } | null;
  readonly volume_limit: number | null;
}

/** A favorite of the household. */
export interface FavoriteView {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly image: string | null;
  readonly service: string | null;
  readonly kind: string | null;
}

/** A playlist that was made in the Sonos app. */
export interface PlaylistView {
  readonly id: string;
  readonly name: string;
  readonly track_count: number | null;
}

/** One household, without its rooms' states. */
export interface HouseView {
  readonly alias: string;
  readonly name: string | null;
  /** Null until they were read. */
  readonly favorites: readonly FavoriteView[] | null;
  readonly playlists: readonly PlaylistView[] | null;
}

/** How long ago what Sonos holds for us was made or renewed. */
export interface SubscriptionView {
  /** The household's alias. */
  readonly household: string;
  /** The namespace, such as `playback`. */
  readonly namespace: string;
  /** Names of rooms or the household, for people. */
  readonly target: string;
  /** Null while Sonos does not hold it. */
  readonly renewed_at: string | null;
  /** The last event of it; null when none came since the start. */
  readonly event_at: string | null;
}

/** The state of the bridge as its health page shows it. */
export interface BridgeView {
  readonly version: string;
  readonly started_at: string;
  /** Why it is not ready, in sentences; empty when it is. */
  readonly not_ready: readonly string[];
  readonly account: {
    readonly status: 'unlinked' | 'linked' | 'needs_login' | 'unreachable';
    readonly token_expires_at: string | null;
  };
  readonly accounts: readonly {
    readonly id: string;
    readonly status: string;
    readonly households: readonly string[];
  }[];
  readonly broker: {
    readonly connected: boolean;
    /** 5, or 4 for MQTT 3.1.1; null while it is not connected. */
    readonly protocol: 4 | 5 | null;
    /** Where it is, without user and password; `embedded` when it runs inside. */
    readonly address: string;
  };
  readonly callback: {
    readonly last_event_at: string | null;
    readonly accepted: number;
    readonly rejected: number;
  };
  readonly subscriptions: {
    readonly wanted: number;
    readonly held: number;
    readonly each: readonly SubscriptionView[];
  };
  readonly reconcile: { readonly last_at: string | null; readonly corrections: number };
  readonly requests: { readonly budget_per_minute: number; readonly used_last_minute: number };
}

/** What was counted in one minute, which may still run. */
export interface MinuteView {
  /** The minute's beginning. */
  readonly at: string;
  readonly events: number;
  readonly rejected: number;
  readonly commands: number;
  readonly failed: number;
  readonly calls: number;
  readonly corrections: number;
}

/** One thing that happened, for the trace; without anything secret. */
export interface TraceEntry {
  /** Rises by one. */
  readonly seq: number;
  readonly at: string;
  /** `player`: a player asked us for a queue, or a file of it. */
  readonly kind: 'event' | 'command' | 'call' | 'player';
  /** Alias of the household; null when it is none of ours. */
  readonly household: string | null;
  /** Address or addresses of rooms; null when it concerns the whole household. */
  readonly room: string | null;
  /** `playback playbackStatus`, `volume`, `POST /groups/{groupId}/playback/play`. */
  readonly what: string;
  /** `applied`, `unchanged`, `duplicate`, …; a command's status; a call's HTTP status or the reason that it has none. */
  readonly outcome: string;
  /** An event: until it was handed to the broker's queue; a command: until its last word; a call: until its answer. */
  readonly ms: number | null;
  /** The error's code and message, the command's id, …; null when there is nothing to add. */
  readonly detail: string | null;
}

/** A step of an announcement in a room, or anything else that happens there (contract §6). */
export interface HappeningView {
  readonly room: string;
  readonly event_type: string;
  readonly [key: string]: unknown;
}

/** What the stream `api/live` says, each as one server-sent event whose name is its `kind`. */
export type LiveMessage =
  | {
      /** First, and again whenever the household is another one; replaces everything. */
      readonly kind: 'whole';
      readonly bridge: BridgeView;
      /** All households; the page lets choose when there is more than one. */
      readonly households: readonly { readonly alias: string; readonly name: string | null }[];
      /** The one that this stream shows; null while there is none. */
      readonly house: HouseView | null;
      readonly rooms: Readonly<Record<string, RoomView>>;
      /** Oldest first. */
      readonly trace: readonly TraceEntry[];
      readonly minutes: readonly MinuteView[];
    }
  | { readonly kind: 'bridge'; readonly bridge: BridgeView }
  | { readonly kind: 'house'; readonly house: HouseView }
  | { readonly kind: 'room'; readonly room: string; readonly state: RoomView }
  | { readonly kind: 'gone'; readonly room: string }
  | { readonly kind: 'reply'; readonly reply: Reply }
  | { readonly kind: 'happening'; readonly happening: HappeningView }
  | { readonly kind: 'trace'; readonly entry: TraceEntry }
  | { readonly kind: 'minute'; readonly minute: MinuteView };

/** What `POST api/rooms/<room>/<command>` answers; for `all`, every room's reply. */
export type CommandAnswer = Reply | { readonly replies: readonly Reply[] };

/** What `GET api/session` answers, to anybody: how the page is entered. */
export interface SessionView {
  /** Whether the page may be used now. */
  readonly open: boolean;
  /** Whether a password is what opens it. */
  readonly needs_password: boolean;
  /** Whether it is shown inside Home Assistant. */
  readonly ingress: boolean;
  /** `setup` while no key is there and nothing but the set-up can be done. */
  readonly mode: 'setup' | 'house';
}

/** What `POST api/login/paste` answers when the account is linked. */
export interface LinkedView {
  readonly households: readonly string[];
  /** Whether it was linked before. */
  readonly known: boolean;
}

/** What `POST api/tokens` answers: the token, this once. */
export interface NewTokenView {
  readonly token: string;
  readonly view: ApiTokenView;
}

/** An API token, without itself. */
export interface ApiTokenView {
  readonly id: string;
  readonly name: string;
  readonly created_at: string;
  readonly used_at: string | null;
}

/** Where a setting of the set-up has its value from. */
export type SettingOrigin = 'settings' | 'page' | 'default' | null;

/** What `GET api/setup` answers. */
export interface SetupView {
  readonly client_id: { readonly value: string | null; readonly from: SettingOrigin };
  /** The secret itself is never shown. */
  readonly client_secret: { readonly is_set: boolean; readonly from: SettingOrigin };
  readonly redirect_uri: { readonly value: string | null; readonly from: SettingOrigin };
  readonly public_url: { readonly value: string | null; readonly from: SettingOrigin };
  /** The whole address to register; null while no public address is known. */
  readonly callback_url: string | null;
  /** The secret path, which stands behind the public address. */
  readonly callback_path: string;
  /** The port of the public listener, to which a reverse proxy or a tunnel leads. */
  readonly callback_port: number;
  /** Whether this is Home Assistant's add-on, where the options stand there. */
  readonly is_addon: boolean;
}

/** What `POST api/setup` takes; what is left out stays. */
export interface SetupWish {
  readonly client_id?: string;
  readonly client_secret?: string;
  readonly redirect_uri?: string;
  readonly public_url?: string;
}

/** One line of `GET api/checks`, which answers JSON lines as the checks end: the findings of `doctor`. */
export interface FindingView {
  /** Stable name of the check: `settings`, `broker`, `events`, … */
  readonly check: string;
  readonly title: string;
  readonly verdict: 'well' | 'wrong' | 'note';
  readonly seen: string;
  readonly advice: string | null;
}

/** What any route of `api/` answers when it refuses: what was seen, and what to do. */
export interface Refusal {
  readonly error: { readonly code: string; readonly message: string; readonly advice?: string };
}
