import type { Clock } from '../bridge/ports.ts';
import { ClipDeck } from './audio-clips.ts';
import type { ClipTrouble, FetchClip } from './clip.ts';
import type { HouseholdListener } from './home.ts';
import type { Knobs } from './knobs.ts';
import type { BondedSpec, PlayerModel, PlayerSpec } from './model.ts';
import { type Box, type Player, SOFTWARE } from './player.ts';
import { PLAYER_MODELS } from './player-models.ts';
import type { Chance } from './random.ts';

/** What a player needs from outside. */
export interface PlayerPorts {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly knobs: Knobs;
  readonly fetchClip?: FetchClip;
  readonly listener: HouseholdListener;
  /** The clips of the primary box are others now. */
  clipsChanged(playerId: string): void;
}

const BOXES_PER_ROOM = 8;

/** `RINCON_` + 12 hex digits + `01400`, following from the place in the house. */
function boxId(place: number, part: number): string {
  const digits = (place * BOXES_PER_ROOM + part + 1).toString(16).toUpperCase().padStart(4, '0');
  return `RINCON_A0B0C0${digits}${digits.slice(2)}01400`;
}

function modelNamed(name: string): PlayerModel {
  const model = PLAYER_MODELS.get(name);
  if (model !== undefined) return model;
  throw new Error(`No such speaker: ${name}. Known: ${[...PLAYER_MODELS.keys()].join(', ')}.`);
}

/** What the room's spec says of each box, the primary one first. */
function partsOf({ name, model = 'one', fixed, bonded = [] }: PlayerSpec): Required<BondedSpec>[] {
  if (fixed && !modelNamed(model).capabilities.includes('FIXED_VOLUME')) {
    throw new Error(`${name} cannot have a fixed volume.`);
  }
  const others = bonded === 1 ? [{ channels: ['RF'] }] : bonded;
  const taken = new Set(others.flatMap(({ channels }) => channels));
  const left = others.length === 0 ? [] : ['LF', 'RF'].filter((channel) => !taken.has(channel));
  return [{ channels: left }, ...others].map((part) => ({ model, ...part }));
}

interface Room {
  readonly name: string;
  readonly volume: number;
}

function createBox(
  id: string,
  isPrimary: boolean,
  part: Required<BondedSpec>,
  ports: PlayerPorts & { readonly trouble: ClipTrouble },
  room: () => Room,
): Box {
  const model = modelNamed(part.model);
  const clips = new ClipDeck({
    ...ports,
    userAgent: `Linux UPnP/1.0 Sonos/${SOFTWARE} (ZP${model.model})`,
    place: () => ({ room: room().name, deviceId: id, volume: room().volume }),
    // Nobody documents events of the other boxes.
    changed: () => {
      if (isPrimary) ports.clipsChanged(id);
    },
    sounds: (clip) => ports.listener.sounds?.(clip),
  });
  return { id, model, channels: part.channels, clips };
}

/** Unpacks a speaker; `place` is its number in the whole world. */
export function createPlayer(spec: PlayerSpec, place: number, ports: PlayerPorts): Player {
  const clipTrouble: ClipTrouble = { jammed: false, refuses: null, losesDone: false };
  const fixed = spec.fixed ?? false;
  const createPart = (part: Required<BondedSpec>, index: number): Box => {
    const id = index === 0 && spec.id !== undefined ? spec.id : boxId(place, index);
    return createBox(id, index === 0, part, { ...ports, trouble: clipTrouble }, () => player);
  };
  const [primary, ...others] = partsOf(spec).map(createPart);
  if (primary === undefined) throw new Error(`${spec.name} has no speaker.`);
  const player: Player = {
    id: primary.id,
    name: spec.name,
    model: primary.model,
    boxes: [primary, ...others],
    deviceIds: [primary, ...others].map(({ id }) => id),
    volume: fixed ? 100 : (spec.volume ?? 20),
    muted: false,
    fixed,
    online: true,
    reachable: true,
    ducking: null,
    clips: primary.clips,
    clipTrouble,
    softwareVersion: SOFTWARE,
    theater: { nightMode: false, enhanceDialog: false, tvPower: 'STANDBY' },
    settings: {
      volumeMode: fixed ? 'FIXED' : 'VARIABLE',
      volumeScalingFactor: 1,
      monoMode: false,
      wifiDisable: false,
    },
  };
  return player;
}
