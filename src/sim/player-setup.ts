import type { Clock } from '../bridge/ports.ts';
import { ClipDeck, type FetchClip } from './audio-clips.ts';
import type { Knobs } from './knobs.ts';
import type { PlayerModel, PlayerSpec } from './model.ts';
import type { Player } from './player.ts';
import { PLAYER_MODELS } from './player-models.ts';
import type { Chance } from './random.ts';

/** What a player needs from outside. */
export interface PlayerPorts {
  readonly clock: Clock;
  readonly chance: Chance;
  readonly knobs: Knobs;
  readonly fetchClip?: FetchClip;
}

const BOXES_PER_ROOM = 8;

/** `RINCON_` + 12 hex digits + `01400`, following from the place in the house. */
function boxId(place: number, part: number): string {
  const digits = (place * BOXES_PER_ROOM + part + 1).toString(16).toUpperCase().padStart(4, '0');
  return `RINCON_A0B0C0${digits}${digits.slice(2)}01400`;
}

function modelOf(spec: PlayerSpec): PlayerModel {
  const model = PLAYER_MODELS.get(spec.model ?? 'one');
  if (model === undefined) {
    throw new Error(`No such speaker: ${spec.model}. Known: ${[...PLAYER_MODELS.keys()].join(', ')}.`);
  }
  if (spec.fixed && !model.capabilities.includes('FIXED_VOLUME')) {
    throw new Error(`${spec.name} cannot have a fixed volume.`);
  }
  return model;
}

/** Unpacks a speaker; `place` is its number in the whole world, `clipsChanged` hears of its clips. */
export function createPlayer(
  spec: PlayerSpec,
  place: number,
  { clock, chance, knobs, fetchClip }: PlayerPorts,
  clipsChanged: (playerId: string) => void,
): Player {
  const id = spec.id ?? boxId(place, 0);
  const others = Array.from({ length: spec.bonded ?? 0 }, (_, part) => boxId(place, part + 1));
  const fixed = spec.fixed ?? false;
  return {
    id,
    name: spec.name,
    model: modelOf(spec),
    deviceIds: [id, ...others],
    volume: fixed ? 100 : (spec.volume ?? 20),
    muted: false,
    fixed,
    online: true,
    reachable: true,
    ducking: null,
    clips: new ClipDeck(clock, chance, knobs, () => clipsChanged(id), fetchClip),
    theater: { nightMode: false, enhanceDialog: false, tvPower: 'STANDBY' },
    settings: {
      volumeMode: fixed ? 'FIXED' : 'VARIABLE',
      volumeScalingFactor: 1,
      monoMode: false,
      wifiDisable: false,
    },
  };
}
