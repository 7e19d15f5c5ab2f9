import { z } from 'zod';
import type { ClipDeck } from '../audio-clips.ts';
import { clipBody } from '../clip.ts';
import { oneOf, optionalText, optionalWhole, text } from '../parameters.ts';
import type { Player } from '../player.ts';
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

/** A single box of a pair or a home theatre plays for itself. */
const deckOf = ({ boxes, clips }: Player, id: string): ClipDeck =>
  boxes.find((box) => box.id === id)?.clips ?? clips;

/** Documentation namespace "audioClip". 200 means that the player has it, not that it is heard. */
export const audioClipRoutes: PlayerRoutes = {
  'POST audioClip': withParameters(schema, ({ target, id }, order) => {
    const { name, appId, priority = 'LOW', streamUrl, httpAuthorization, volume } = order;
    const clipType = order.clipType ?? (streamUrl === undefined ? 'CHIME' : 'CUSTOM');
    if (clipType === 'CUSTOM' && streamUrl === undefined) {
      return globalError(400, 'ERROR_MISSING_PARAMETERS', 'Missing required value:[1].streamUrl');
    }
    const more = present({ streamUrl, httpAuthorization, volume });
    const result = deckOf(target, id).load({ name, appId, priority, clipType, ...more });
    return 'refusal' in result ? result.refusal : answer('audioClip', clipBody(result.clip));
  }),
  'DELETE audioClip/{}': ({ target, id, item }) => acknowledge(deckOf(target, id).cancel(item)),
};
