import { z } from 'zod';
import { oneOf, optionalFlag, optionalNumber } from '../parameters.ts';
import { isCapable, type Player } from '../player.ts';
import { globalError } from '../refusal.ts';
import { setPlayerSettings, setTheaterOptions } from '../settings-commands.ts';
import { loadTv, tvContainer } from '../source-commands.ts';
import { acknowledge, answer, type PlayerRoutes, type Reply, withParameters } from './route.ts';

const options = (player: Player): Reply => {
  const { nightMode, enhanceDialog } = player.theater;
  return answer('homeTheaterOptions', { _objectType: 'homeTheaterOptions', nightMode, enhanceDialog });
};

/** Documentation namespace "homeTheater"; capability HT_PLAYBACK is checked before. */
export const homeTheaterRoutes: PlayerRoutes = {
  'POST homeTheater': ({ home, target }) => {
    loadTv(home, target);
    return acknowledge();
  },
  'GET homeTheater/options': ({ target }) => options(target),
  'POST homeTheater/options': withParameters(
    z.object({ nightMode: optionalFlag, enhanceDialog: optionalFlag }),
    ({ target }, wanted) => {
      setTheaterOptions(target, wanted);
      return options(target);
    },
  ),
  'POST homeTheater/tvPowerState': withParameters(
    z.object({ tvPowerState: oneOf(['ON', 'STANDBY']) }),
    ({ home, target }, { tvPowerState }) => {
      if (tvPowerState === undefined)
        return globalError(400, 'ERROR_MISSING_PARAMETERS', 'Missing required value:[1].tvPowerState');
      if (!isCapable(target, 'HT_POWER_STATE')) return globalError(404, 'ERROR_UNSUPPORTED_COMMAND');
      target.theater.tvPower = tvPowerState;
      const { transport } = home.groupOf(target);
      if (transport.source?.kind === 'tv') transport.retitle(tvContainer(tvPowerState === 'ON'));
      return acknowledge();
    },
  ),
};

/** Documentation namespace "settings". */
export const settingsRoutes: PlayerRoutes = {
  'GET settings/player': ({ target }) =>
    answer('playerSettings', { _objectType: 'playerSettings', ...target.settings }),
  'POST settings/player': withParameters(
    z.object({
      volumeMode: oneOf(['VARIABLE', 'FIXED', 'PASS_THROUGH']),
      volumeScalingFactor: optionalNumber(0.01, 1),
      monoMode: optionalFlag,
      wifiDisable: optionalFlag,
    }),
    ({ home, target }, wanted) => acknowledge(setPlayerSettings(home, target, wanted)),
  ),
};
