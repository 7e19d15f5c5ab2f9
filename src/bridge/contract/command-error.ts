import { z } from 'zod';

/** Why a command was not carried out. */
export const errorCodeSchema = z.enum([
  'invalid_payload',
  'unknown_command',
  'unknown_room',
  'unknown_favorite',
  'unknown_playlist',
  'ambiguous_name',
  'not_capable',
  'not_linked',
  'rate_limited',
  'expired',
  'retained',
  'blocked',
  'sonos_error',
  'timeout',
  'internal',
]);

/** What each code means, in a sentence for the documentation. */
export const errorMeanings: Readonly<Record<z.output<typeof errorCodeSchema>, string>> = {
  invalid_payload: 'The payload cannot be read, or is no value of this command.',
  unknown_command: 'There is no such command; the advice names the nearest one.',
  unknown_room: 'There is no such room or household; the advice names the nearest one.',
  unknown_favorite: 'No favorite has this name or id.',
  unknown_playlist: 'No playlist has this name or id.',
  ambiguous_name: 'More than one name begins like this; the advice lists them.',
  not_capable: 'The room cannot do it, or is offline.',
  not_linked: 'Sonos wants a new login; `login_url` in `bridge/state` is where.',
  rate_limited: 'Too many commands at once, or the request budget is spent.',
  expired:
    'It came after its expiry, waited for longer than it was worth, or was cancelled. Nothing was done.',
  retained: 'It came with the retained flag. Such a command is never carried out.',
  blocked: 'A rule of the settings forbids it: `rule` names it; without one, the URL is not allowed.',
  sonos_error: 'Sonos refused, or could not do it; `sonos` is what it said.',
  timeout: 'No answer came in time; look at the room before you send it again.',
  internal: 'The bridge could not do it; the message says why.',
};

/** The rules that can block an announcement. */
const ruleSchema = z.enum(['quiet_hours', 'tv', 'repeat']);

/** The error of a failed command: what was seen, and what to do about it. */
export const commandErrorSchema = z.object({
  code: errorCodeSchema,
  message: z.string().min(1).describe('What was seen, in a sentence for people.'),
  advice: z.string().min(1).exactOptional().describe('What to do about it.'),
  rule: ruleSchema.exactOptional().describe('The rule that blocked an announcement.'),
  sonos: z
    .object({
      status: z.int().nullable().describe('The HTTP status.'),
      error_code: z.string().nullable(),
      reason: z.string().nullable(),
    })
    .exactOptional()
    .describe('What Sonos said.'),
});
