import { z } from 'zod';
import * as formats from './formats.ts';
import { about } from './parts.ts';

/** How events come from relays to bridges; both sides read it. */
export const relay = z.strictObject({
  topic: about(z.string().refine(formats.isBaseTopic).exactOptional(), {
    description:
      'The topic under which relays publish events, one topic for each household; without it, `mqtt.base_topic` with `-relay` behind it.',
    expected:
      'at most 64 characters without + and #, not starting with $, without a slash at either end or two in a row',
    example: 'sonos-relay',
  }),
  expiry_seconds: about(z.int().min(5).max(3600).default(120), {
    description:
      'After how many seconds an event is worth nothing: the broker drops it (MQTT 5), and so does the bridge.',
  }),
  health_path: about(z.string().refine(formats.isCallbackPath).default('/health'), {
    description:
      'Where a load balancer asks a relay whether it can take events: 200 or 503, without a word. Keep it from the internet.',
    expected: 'a path such as /health, of letters, digits and . _ ~ -, without a slash at the end',
  }),
});
