import { z } from 'zod';
import { clipBody } from '../audio-clips.ts';
import { oneOf, optionalText, optionalWhole, text } from '../parameters.ts';
import { globalError } from '../refusal.ts';
import { acknowledge, answer, type PlayerRoutes, present, withParameters } from './route.ts';

const schema = z.object({
  name: text(64),
  appId: text(127),
  priority: oneOf(['LOW', 'HIGH']),
  clipType: oneOf(['CHIME', 'CUSTOM', 'VOICE_ASSISTANT']),
  streamUrl: optionalText(1024),
  httpAuthorization: optionalText(512),
  volume: optionalWhole(0, 100),
  clipLEDBehavior: oneOf(['NONE', 'WHITE_LED_QUICK_BREATHING']),
});

/** Documentation namespace "audioClip". 200 means that the player has it, not that it is heard. */
export const audioClipRoutes: PlayerRoutes = {
  'POST audioClip': withParameters(schema, ({ target }, order) => {
    const { name, appId, priority = 'LOW', streamUrl, httpAuthorization, volume } = order;
    const clipType = order.clipType ?? (streamUrl === undefined ? 'CHIME' : 'CUSTOM');
    if (clipType === 'CUSTOM' && streamUrl === undefined) {
      return globalError(400, 'ERROR_MISSING_PARAMETERS', 'Missing required value:[1].streamUrl');
    }
    const more = present({ streamUrl, httpAuthorization, volume });
    const result = target.clips.load({ name, appId, priority, clipType, ...more });
    return 'refusal' in result ? result.refusal : answer('audioClip', clipBody(result.clip));
  }),
  'DELETE audioClip/{}': ({ target, item }) => acknowledge(target.clips.cancel(item)),
};
