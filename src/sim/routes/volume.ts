import { z } from 'zod';
import { groupVolumeBody } from '../household-bodies.ts';
import { flag, optionalFlag, optionalWhole, whole } from '../parameters.ts';
import { playerVolumeBody } from '../player.ts';
import * as commands from '../volume-commands.ts';
import { shifted } from '../volumes.ts';
import { acknowledge, answer, type GroupRoutes, type PlayerRoutes, withParameters } from './route.ts';

const DUCK_DEFAULT_MS = 3000;
const DUCK_LONGEST_MS = 60_000;

/** Documentation namespace "groupVolume". */
export const groupVolumeRoutes: GroupRoutes = {
  'GET groupVolume': ({ home, target }) => answer('groupVolume', groupVolumeBody(home, target)),
  'POST groupVolume': withParameters(z.object({ volume: whole(0, 100) }), ({ home, target }, { volume }) =>
    acknowledge(commands.setGroupVolume(home, target, volume)),
  ),
  'POST groupVolume/relative': withParameters(
    z.object({ volumeDelta: whole(-100, 100) }),
    ({ home, target }, { volumeDelta }) => acknowledge(commands.shiftGroupVolume(home, target, volumeDelta)),
  ),
  'POST groupVolume/mute': withParameters(z.object({ muted: flag }), ({ home, target }, { muted }) =>
    acknowledge(commands.setGroupMute(home, target, muted)),
  ),
};

/** Documentation namespace "playerVolume". */
export const playerVolumeRoutes: PlayerRoutes = {
  'GET playerVolume': ({ target }) => answer('playerVolume', playerVolumeBody(target)),
  'POST playerVolume': withParameters(
    z.object({ volume: optionalWhole(0, 100), muted: optionalFlag }),
    ({ home, target }, { volume, muted }) => {
      const unmuted = muted ?? (volume === undefined ? target.muted : false);
      return acknowledge(commands.setPlayerVolume(home, target, volume ?? target.volume, unmuted));
    },
  ),
  'POST playerVolume/relative': withParameters(
    z.object({ volumeDelta: optionalWhole(-100, 100), muted: optionalFlag }),
    ({ home, target }, { volumeDelta, muted }) => {
      const unmuted = muted ?? (volumeDelta === undefined ? target.muted : false);
      return acknowledge(
        commands.setPlayerVolume(home, target, shifted(target.volume, volumeDelta ?? 0), unmuted),
      );
    },
  ),
  'POST playerVolume/mute': withParameters(z.object({ muted: flag }), ({ home, target }, { muted }) =>
    acknowledge(commands.setPlayerMute(home, target, muted)),
  ),
  'POST playerVolume/duck': withParameters(
    z.object({ durationMillis: optionalWhole(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER) }),
    ({ home, target }, { durationMillis = DUCK_DEFAULT_MS }) => {
      commands.duck(home, target, Math.min(DUCK_LONGEST_MS, Math.max(0, durationMillis)));
      return acknowledge();
    },
  ),
  'POST playerVolume/unduck': ({ target }) => {
    commands.unduck(target);
    return acknowledge();
  },
};
