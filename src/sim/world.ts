import { ClipWorld } from './clip-world.ts';
import * as groups from './group-commands.ts';
import type { Household } from './household.ts';
import { playlistSource } from './library.ts';
import type { FavoriteSpec, PlaylistSpec, Source, StationMoment } from './model.ts';
import type { PlayModes } from './playback-types.ts';
import { isCapable } from './player.ts';
import type { Refusal } from './refusal.ts';
import * as setups from './settings-commands.ts';
import * as sources from './source-commands.ts';
import type { Group } from './topology.ts';
import * as volumes from './volume-commands.ts';

/** A person cannot be refused by HTTP; the story stops where it makes no sense. */
function done(refusal: Refusal | null): void {
  if (refusal !== null) throw new Error(`The speaker refuses: ${JSON.stringify(refusal.body)}`);
}

/**
 * Every household there is, and what people do in them with the Sonos app, the remote and their hands.
 * A room is named by its name or by its player id. What cannot be done throws.
 */
export class World extends ClipWorld {
  setVolume(room: string, volume: number): void {
    const { home, player } = this.find(room);
    done(volumes.setPlayerVolume(home, player, volume));
  }

  mute(room: string, muted = true): void {
    const { home, player } = this.find(room);
    done(volumes.setPlayerMute(home, player, muted));
  }

  setGroupVolume(room: string, volume: number): void {
    const { home, group } = this.#group(room);
    done(volumes.setGroupVolume(home, group, volume));
  }

  play(room: string): void {
    done(this.#group(room).group.transport.play());
  }

  pause(room: string): void {
    done(this.#group(room).group.transport.pause());
  }

  next(room: string): void {
    done(this.#group(room).group.transport.next());
  }

  previous(room: string): void {
    done(this.#group(room).group.transport.previousTrack());
  }

  seek(room: string, positionMillis: number): void {
    done(this.#group(room).group.transport.seek(positionMillis));
  }

  setModes(room: string, modes: Partial<PlayModes>): void {
    done(this.#group(room).group.transport.setModes(modes));
  }

  /** Anything at all, by hand: a builder's source. */
  load(room: string, source: Source, play = true): void {
    this.#group(room).group.transport.load(source, play);
  }

  playFavorite(room: string, idOrName: string): void {
    const { home, group } = this.#group(room);
    const favorite = home.favorites.find(idOrName);
    if (favorite === undefined) throw new Error(`There is no favorite ${idOrName}.`);
    done(sources.loadFavorite(group, favorite, { action: 'REPLACE', play: true }));
  }

  playPlaylist(room: string, idOrName: string): void {
    const { home, group } = this.#group(room);
    const playlist = home.playlists.find(idOrName);
    if (playlist === undefined) throw new Error(`There is no playlist ${idOrName}.`);
    done(sources.loadSource(group, playlistSource(playlist), { action: 'REPLACE', play: true }));
  }

  /** The station says something else now. */
  stationSays(room: string, moment: StationMoment): void {
    this.#group(room).group.transport.say(moment);
  }

  /** The music breaks off. */
  failPlayback(room: string, errorCode = 'ERROR_PLAYBACK_FAILED'): void {
    this.#group(room).group.transport.fail(errorCode);
  }

  /** The rooms join the first one's group. */
  group(room: string, ...others: readonly string[]): void {
    const { home, group } = this.#group(room);
    const ids = others.map((other) => this.find(other).player.id);
    this.#must(groups.modifyMembers(home, group, ids, []));
  }

  /** The room becomes a group of its own. */
  ungroup(room: string): void {
    const { home, player } = this.find(room);
    this.#must(groups.modifyMembers(home, home.groupOf(player), [], [player.id]));
  }

  rename(room: string, name: string): void {
    const { home, player } = this.find(room);
    home.rename(player, name);
  }

  /** The speaker has other software now. */
  update(room: string, softwareVersion: string): void {
    const { home, player } = this.find(room);
    player.softwareVersion = softwareVersion;
    home.voice.groups();
  }

  /** Pulls the plug. */
  unplug(room: string): void {
    const { home, player } = this.find(room);
    home.unplug(player);
  }

  plugIn(room: string): void {
    const { home, player } = this.find(room);
    home.plugIn(player);
  }

  /** Still listed, but commands do not get through (or do again). */
  setReachable(room: string, reachable: boolean): void {
    this.find(room).player.reachable = reachable;
  }

  /** Someone switches the TV on; a grouped soundbar that is not the coordinator leaves its group for it. */
  tvOn(room: string): void {
    const { home, player } = this.find(room);
    if (!isCapable(player, 'HT_PLAYBACK')) throw new Error(`${room} has no TV.`);
    player.theater.tvPower = 'ON';
    if (home.groupOf(player).coordinatorId !== player.id) this.ungroup(room);
    sources.loadTv(home, player);
  }

  /** The set goes dark; the input stays selected and shows silence. */
  tvOff(room: string): void {
    const { home, player } = this.find(room);
    player.theater.tvPower = 'STANDBY';
    const { transport } = home.groupOf(player);
    if (transport.source?.kind === 'tv') transport.retitle(sources.tvContainer(false));
  }

  /** Someone changes the sound of the TV in the Sonos app. */
  setTheaterOptions(room: string, options: setups.TheaterOptions): void {
    const { player } = this.find(room);
    if (!isCapable(player, 'HT_PLAYBACK')) throw new Error(`${room} has no TV.`);
    setups.setTheaterOptions(player, options);
  }

  /** Someone sets a speaker up in the Sonos app. */
  setUp(room: string, settings: setups.WantedSettings): void {
    const { home, player } = this.find(room);
    done(setups.setPlayerSettings(home, player, settings));
  }

  lineIn(room: string, from: string = room): void {
    const { home, group } = this.#group(room);
    done(sources.loadLineIn(home, group, this.find(from).player.id, true));
  }

  /** The cable is pulled: the group leaves the source. */
  unplugLineIn(room: string): void {
    const { home, player } = this.find(room);
    for (const { transport } of home.topology.all()) {
      const { source } = transport;
      if (source?.kind === 'line_in' && player.deviceIds.includes(source.deviceId ?? '')) {
        transport.empty({ name: player.name, type: 'item' });
      }
    }
  }

  addFavorite(favorite: FavoriteSpec, household?: string): string {
    const home = this.household(household);
    const { id } = home.favorites.add(favorite);
    home.voice.version('favorites');
    return id;
  }

  removeFavorite(idOrName: string, household?: string): void {
    const home = this.household(household);
    home.favorites.remove(home.favorites.find(idOrName)?.id ?? idOrName);
    home.voice.version('favorites');
  }

  renameFavorite(idOrName: string, name: string, household?: string): void {
    const home = this.household(household);
    home.favorites.rename(home.favorites.find(idOrName)?.id ?? idOrName, name);
    home.voice.version('favorites');
  }

  addPlaylist(playlist: PlaylistSpec, household?: string): string {
    const home = this.household(household);
    const { id } = home.playlists.add(playlist);
    home.voice.version('playlists');
    return id;
  }

  removePlaylist(idOrName: string, household?: string): void {
    const home = this.household(household);
    home.playlists.remove(home.playlists.find(idOrName)?.id ?? idOrName);
    home.voice.version('playlists');
  }

  /** Another app takes the group over, and plays nothing yet. */
  evictSession(room: string): void {
    const { home, group } = this.#group(room);
    home.evict(group, 'Another user joined the session.');
  }

  #group(room: string): { home: Household; group: Group } {
    const { home, player } = this.find(room);
    return { home, group: home.groupOf(player) };
  }

  #must(grouping: groups.Grouping): void {
    if ('refusal' in grouping) done(grouping.refusal);
  }
}
