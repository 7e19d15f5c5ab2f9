import type { Cancel } from '../bridge/ports.ts';
import type { Home, HouseholdPorts } from './home.ts';
import { Shelf } from './library.ts';
import type { FavoriteSpec, HouseholdSpec, JsonObject, PlayerSpec, PlaylistSpec } from './model.ts';
import { metadataBody, playbackStatusBody } from './playback-bodies.ts';
import type { Player } from './player.ts';
import { createPlayer } from './player-setup.ts';
import { sessionErrorBody, sessionInfoBody } from './sessions.ts';
import { type Group, groupFates, Topology } from './topology.ts';
import { Transport } from './transport.ts';
import { Voice } from './voice.ts';

/** Sonos allows 32 rooms in a household. */
const MOST_ROOMS = 32;

/** From a shutdown until Sonos removes the player's subscriptions. */
const LOST_AFTER_MS = 30_000;

/** One Sonos system: its rooms, their grouping, music, volumes, favorites and playlists. */
export class Household implements Home {
  readonly id: string;
  readonly name: string | null;
  readonly favorites: Shelf<FavoriteSpec>;
  readonly playlists: Shelf<PlaylistSpec>;
  readonly topology: Topology;
  readonly voice: Voice;
  readonly ports: HouseholdPorts;
  readonly #players = new Map<string, Player>();
  readonly #usedGroupIds = new Set<string>();
  readonly #absences = new Map<string, Cancel>();
  /** Work under way that will still change something (volumes that settle). */
  unsettled = 0;

  constructor(spec: HouseholdSpec, index: number, ports: HouseholdPorts) {
    this.id = spec.id;
    this.name = spec.name ?? null;
    this.ports = ports;
    this.voice = new Voice(this, ports.listener);
    this.topology = new Topology((playerId) => this.#freshGroup(playerId));
    spec.players.forEach((player, place) => {
      this.#settle(player, index * MOST_ROOMS + place);
    });
    const owner = [...this.#players.keys()][0] ?? 'RINCON_00000000000001400';
    this.favorites = new Shelf(owner, spec.favorites ?? []);
    this.playlists = new Shelf(owner, spec.playlists ?? []);
    for (const rooms of spec.groups ?? []) this.#startTogether(rooms);
  }

  /** Every room, unplugged ones too, in the order they were set up. */
  players(): Player[] {
    return [...this.#players.values()];
  }

  /** By id, or by the id of one of its boxes when `orDevice`. */
  player(id: string, orDevice = false): Player | undefined {
    const exact = this.#players.get(id);
    if (exact !== undefined || !orDevice) return exact;
    return this.players().find((player) => player.deviceIds.includes(id));
  }

  group(id: string): Group | undefined {
    return this.topology.get(id);
  }

  /** True when the id once named a group of this house. */
  knewGroup(id: string): boolean {
    return this.#usedGroupIds.has(id);
  }

  groupOf(player: Player): Group {
    const group = this.topology.groupOf(player.id);
    if (group === undefined)
      throw new Error(`${player.name} is unplugged and so in no group; plug it in first.`);
    return group;
  }

  members(group: Group): Player[] {
    return group.playerIds.flatMap((id) => this.#players.get(id) ?? []);
  }

  /** Does a change of grouping and tells everyone what came of it. */
  regroup<T>(change: () => T): T {
    const before = this.topology.pictures();
    const result = change();
    const after = this.topology.pictures();
    const fates = groupFates(before, after);
    if (fates.length === 0 && after.length === before.length) return result;
    for (const fate of fates) this.voice.fate(fate);
    this.voice.groups();
    for (const group of fates.flatMap(({ id }) => this.topology.get(id) ?? [])) this.voice.groupVolume(group);
    return result;
  }

  rename(player: Player, name: string): void {
    player.name = name;
    const group = this.topology.groupOf(player.id);
    if (group?.coordinatorId === player.id) this.voice.fate({ id: group.id, fate: 'UPDATED' });
    this.voice.groups();
  }

  /** Gives the group this music, and the group that had it an empty player. */
  takeMusic(from: Group, to: Group): void {
    to.transport.dispose();
    to.transport = from.transport;
    from.transport = this.#freshTransport(from.coordinatorId);
    this.adopt(to);
    this.adopt(from);
  }

  /** The group hears of its transport's changes. */
  adopt(group: Group): void {
    group.transport.listener = {
      status: () => {
        this.#wake(group);
        this.voice.ofGroup(group, 'playback', 'playbackStatus', this.statusBody(group));
        group.session?.queue?.changed();
      },
      metadata: () =>
        this.voice.ofGroup(group, 'playbackMetadata', 'metadataStatus', metadataBody(group.transport)),
      failed: (body) => this.voice.ofGroup(group, 'playback', 'playbackError', body),
      replaced: () => this.#evictOther(group),
    };
  }

  statusBody(group: Group): JsonObject {
    return playbackStatusBody(
      group.transport,
      this.members(group).some((member) => member.ducking !== null),
    );
  }

  /** The app that held the group is told that it does so no more. */
  evict(group: Group, reason: string): void {
    const { session } = group;
    group.session = null;
    if (session === null) return;
    session.queue?.stop();
    this.voice.ofSession(session, 'sessionError', sessionErrorBody('ERROR_SESSION_EVICTED', reason));
  }

  /** The plug is pulled: the room is gone at once, its subscriptions half a minute later. */
  unplug(player: Player): void {
    if (!player.online) return;
    const { coordinatorId, id } = this.groupOf(player);
    this.regroup(() => {
      player.online = false;
      for (const { clips } of player.boxes) clips.dispose();
      this.topology.detach(player.id);
    });
    const heirs = this.group(id);
    if (heirs !== undefined && coordinatorId === player.id) {
      heirs.transport.empty({ name: this.player(heirs.coordinatorId)?.name ?? '', type: 'item' });
    }
    const lost = (): void => this.ports.listener.lost(this.id, player.id);
    this.#absences.set(player.id, this.ports.clock.after(LOST_AFTER_MS, lost));
  }

  /** The room comes back: alone, silent, in a new group. */
  plugIn(player: Player): void {
    if (player.online) return;
    this.#absences.get(player.id)?.();
    this.regroup(() => {
      player.online = true;
      this.topology.standAlone(player.id);
    });
  }

  /** Ends everything that moves by itself. */
  stop(): void {
    for (const group of this.topology.all()) {
      group.session?.queue?.stop();
      group.transport.dispose();
    }
    for (const player of this.players()) {
      player.ducking?.();
      for (const { clips } of player.boxes) clips.dispose();
    }
    for (const cancel of this.#absences.values()) cancel();
  }

  /** A session that rests goes on when somebody presses play. */
  #wake({ session, transport }: Group): void {
    const plays = ['PLAYBACK_STATE_PLAYING', 'PLAYBACK_STATE_BUFFERING'].includes(transport.state);
    if (session?.suspended !== true || !plays) return;
    session.suspended = false;
    this.voice.ofSession(session, 'sessionInfo', sessionInfoBody(session));
  }

  #evictOther(group: Group): void {
    if (group.session === null) return;
    if (group.transport.source?.session?.clientId === group.session.appId) return;
    this.evict(group, 'Another source was chosen.');
  }

  #freshTransport(playerId: string): Transport {
    const { clock, chance, knobs } = this.ports;
    return new Transport(clock, chance, knobs, this.#players.get(playerId)?.name ?? '');
  }

  #freshGroup(playerId: string): Group {
    let id: string;
    do id = `${playerId}:${this.ports.chance.integer(1, 2_147_483_647)}`;
    while (this.#usedGroupIds.has(id));
    this.#usedGroupIds.add(id);
    const transport = this.#freshTransport(playerId);
    const group: Group = { id, coordinatorId: playerId, playerIds: [playerId], transport, session: null };
    this.adopt(group);
    return group;
  }

  #settle(spec: PlayerSpec, place: number): void {
    const player = createPlayer(spec, place, { ...this.ports, clipsChanged: (id) => this.voice.clips(id) });
    this.#players.set(player.id, player);
    this.topology.standAlone(player.id);
  }

  #startTogether(rooms: readonly string[]): void {
    const [first, ...others] = rooms.map((room) => {
      const player = this.players().find(({ name }) => name === room);
      if (player === undefined) throw new Error(`${this.id} has no room called ${room} to group.`);
      return player;
    });
    if (first === undefined) return;
    const group = this.groupOf(first);
    for (const other of others) this.topology.join(other.id, group);
  }
}
