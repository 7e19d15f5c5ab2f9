import { isIP } from 'node:net';
import { z } from 'zod';
import * as formats from './formats.ts';
import { about } from './parts.ts';

const TOPIC =
  'at most 64 characters without + and #, not starting with $, without a slash at either end or two in a row';

const topic = z.string().refine(formats.isBaseTopic);

/** How Home Assistant finds the house. */
export const homeAssistant = z.strictObject({
  discovery: about(z.boolean().default(true), {
    description: 'Whether Home Assistant is told of every room by MQTT discovery.',
  }),
  prefix: about(topic.default('homeassistant'), {
    description: "The topic under which Home Assistant's MQTT integration looks for devices.",
    expected: TOPIC,
  }),
  status_topic: about(topic.default('homeassistant/status'), {
    description: 'Where Home Assistant says `online` when it starts; everything is then published again.',
    expected: TOPIC,
  }),
  media_player: about(z.literal(['none', 'mqtt_media_player']).default('none'), {
    description:
      'The custom integration for which a media player of every room is published: `mqtt_media_player`, or `none`.',
  }),
  ingress_from: about(
    z
      .string()
      .refine((address) => isIP(address) !== 0)
      .exactOptional(),
    {
      description:
        "The address from which Home Assistant's ingress comes, for the add-on: the private listener then answers nobody else, and needs no `web.password`.",
      expected: 'an IP address',
      example: '172.30.32.2',
    },
  ),
});

/** Doors that people know from other bridges. */
export const compat = z.strictObject({
  sonos2mqtt: about(z.boolean().default(false), {
    description: "Whether rooms are shown, and commands taken, in sonos2mqtt's way too.",
  }),
  http_api: about(z.boolean().default(false), {
    description: "Whether the private listener answers to node-sonos-http-api's addresses too.",
  }),
});
