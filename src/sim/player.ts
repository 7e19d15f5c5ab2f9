import type { Cancel } from '../bridge/ports.ts';
import type { ClipDeck } from './audio-clips.ts';
import type { ClipTrouble } from './clip.ts';
import type { JsonObject, PlayerModel } from './model.ts';

/** Sonos' playerSettings, as far as the documentation promises them. */
export interface PlayerSettings {
  volumeMode: 'VARIABLE' | 'FIXED' | 'PASS_THROUGH';
  volumeScalingFactor: number;
  monoMode: boolean;
  wifiDisable: boolean;
}

/** One box: a speaker on its own, or a part of a stereo pair or a home theatre. */
export interface Box {
  readonly id: string;
  readonly model: PlayerModel;
  /** Empty for a speaker on its own. */
  readonly channels: readonly string[];
  readonly clips: ClipDeck;
}

/** A room: one speaker, a stereo pair or a home theatre. */
export interface Player {
  readonly id: string;
  name: string;
  readonly model: PlayerModel;
  /** The primary one first. */
  readonly boxes: readonly Box[];
  readonly deviceIds: readonly string[];
  volume: number;
  muted: boolean;
  /** Line-out at a fixed level: volume commands are refused. */
  fixed: boolean;
  /** False: unplugged; in no list and no group. */
  online: boolean;
  /** False: still listed, but no command gets through. */
  reachable: boolean;
  /** Ends the ducking; null while nothing is ducked. */
  ducking: Cancel | null;
  /** Of the primary box; the only ones of which events tell. */
  readonly clips: ClipDeck;
  readonly clipTrouble: ClipTrouble;
  readonly theater: { nightMode: boolean; enhanceDialog: boolean; tvPower: 'ON' | 'STANDBY' };
  readonly settings: PlayerSettings;
  softwareVersion: string;
}

const API = { apiVersion: '1.53.1', minApiVersion: '1.1.0' };
/** The firmware that every box comes with. */
export const SOFTWARE = '96.1-79270';

/** Whether the player says it can do this. */
export const isCapable = (player: Player, capability: string): boolean =>
  player.model.capabilities.includes(capability);

/** The player's address on the local network; in a range that is kept for documentation. */
export function websocketUrl(player: Player): string {
  const host = Number.parseInt(player.id.slice(15, 19), 16) % 250;
  return `wss://192.0.2.${host + 1}:1443/websocket/api`;
}

function device(player: Player, { id, model: kind }: Box): JsonObject {
  const { model, displayName, capabilities } = kind;
  return {
    _objectType: 'deviceInfo',
    id,
    ...(id === player.id ? {} : { primaryDeviceId: player.id }),
    serialNumber: `${id.slice(7, 19).replace(/(..)(?=.)/g, '$1-')}:0`,
    deviceId: id.slice(7, 19),
    model,
    modelDisplayName: displayName,
    color: 'White',
    capabilities,
    ...API,
    name: player.name,
    websocketUrl: websocketUrl(player),
    softwareVersion: player.softwareVersion,
    hwVersion: '1.21.1.8-2.1',
    swGen: 2,
    versions: {
      _objectType: 'sdkVersions',
      controlAPI: ['1.53.1', '3.6.0'],
      trueplaySDK: ['6'],
      audioTxProtocol: [3],
      htAudioTxProtocol: [7],
    },
    quarantineReasons: [],
  };
}

function zone(player: Player): JsonObject {
  const members = player.boxes.map(({ id, channels }) => ({
    _objectType: 'activeZoneMember',
    id,
    channelMap: channels,
    state: { _objectType: 'zoneMemberState', disconnected: false },
  }));
  return { _objectType: 'activeZone', name: player.name, members };
}

/** Sonos' player object; `devices[]` only where it was asked for. */
export function playerBody(player: Player, withDevices: boolean): JsonObject {
  return {
    _objectType: 'player',
    id: player.id,
    name: player.name,
    websocketUrl: websocketUrl(player),
    softwareVersion: player.softwareVersion,
    ...API,
    isUnregistered: false,
    capabilities: player.model.capabilities,
    zoneInfo: zone(player),
    deviceIds: player.deviceIds,
    ...(withDevices ? { devices: player.boxes.map((box) => device(player, box)) } : {}),
  };
}

/** Sonos' playerVolume object. */
export const playerVolumeBody = (player: Player): JsonObject => ({
  _objectType: 'playerVolume',
  volume: player.volume,
  muted: player.muted,
  fixed: player.fixed,
});
