import { z } from 'zod';
import * as formats from './formats.ts';
import { about, PASSWORD, password, text } from './parts.ts';

const RESERVED_ALIASES = ['bridge', 'set', 'get', 'cmd'];
const alias = z
  .string()
  .max(48)
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .refine((name) => !RESERVED_ALIASES.includes(name));

/** What may be said about one household. */
export const household = z.strictObject({
  alias: about(alias.exactOptional(), {
    description: 'The name of the household in topics, instead of `home`, `home-2` and so on.',
    expected: `at most 48 of a–z, 0–9 and single hyphens between them, not ${RESERVED_ALIASES.join(', ')}`,
    example: 'home',
  }),
  ignore: about(z.boolean().default(false), {
    description: 'Whether the bridge leaves this household alone.',
  }),
});

const filters = (verb: string) =>
  about(
    z
      .array(
        about(z.string().refine(formats.isTopicFilter), {
          description: 'A topic filter.',
          expected: 'an MQTT topic filter such as sonos/+/+/set/#',
        }),
      )
      .default([]),
    { description: `The topic filters that the user may ${verb}.`, expected: 'a list of topic filters' },
  );

/** Somebody who may use the embedded broker. */
export const user = z.strictObject({
  username: about(text, { description: 'The name to log in with.' }),
  password: about(password, {
    description: 'The password to log in with.',
    expected: PASSWORD,
    secret: true,
  }),
  publish: filters('publish to'),
  subscribe: filters('subscribe to'),
});
