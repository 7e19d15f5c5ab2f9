import type { z } from 'zod';
import type { commandErrorSchema, errorCodeSchema } from './contract/command-error.ts';
import type { SonosError } from './sonos.ts';

/** Why a command was not carried out, as the contract names it. */
export type ErrorCode = z.output<typeof errorCodeSchema>;

/** A failed command's error: what was seen, and what to do about it. */
export type CommandError = Readonly<z.output<typeof commandErrorSchema>>;

/** An error in words. */
export const commandError = (code: ErrorCode, message: string, advice?: string): CommandError => ({
  code,
  message,
  ...(advice === undefined ? {} : { advice }),
});

/** The room is away. */
export const offline = commandError(
  'not_capable',
  'The room is offline.',
  'Sonos does not list its player; is it powered and in the network?',
);

const ADVICE: Readonly<Record<string, string>> = {
  ERROR_PLAYBACK_NO_CONTENT: 'Nothing is loaded. Load a favorite or a playlist first.',
  ERROR_NO_CONTENT: 'Nothing is loaded. Load a favorite or a playlist first.',
  ERROR_SKIP_LIMIT_REACHED: 'The music service allows no more skips for now.',
  ERROR_DISALLOWED_BY_POLICY: 'The source does not allow it; see "actions" in the room\'s state.',
  ERROR_COMMAND_FAILED: 'The player refused. A fixed line-out refuses volumes, for example.',
  ERROR_UNSUPPORTED_NAMESPACE: 'The player knows no such thing; its software may be too old for it.',
  ERROR_UNSUPPORTED_COMMAND: 'The player knows no such thing; its software may be too old for it.',
};

/** What a failed call means for the command that caused it. */
export function fromSonos(error: SonosError): CommandError {
  const { status, errorCode, reason } = error;
  switch (error.kind) {
    case 'login_needed':
      return commandError(
        'not_linked',
        'Sonos asks for a new login.',
        'Open the login address in bridge/state.',
      );
    case 'rate_limited':
      return commandError(
        'rate_limited',
        'The request budget is spent.',
        'Send fewer commands, or try again in a minute.',
      );
    case 'timeout':
      return commandError(
        'timeout',
        'Sonos did not answer in time; the command may have been carried out.',
        'Look at the room before you send it again.',
      );
    default: {
      const said = [errorCode, reason].filter((word) => word !== null).join(': ');
      const advice = errorCode !== null && Object.hasOwn(ADVICE, errorCode) ? ADVICE[errorCode] : undefined;
      const message = said === '' ? `Sonos could not do it (${error.kind}).` : `Sonos answered ${said}.`;
      return {
        ...commandError('sonos_error', message, advice),
        sonos: { status, error_code: errorCode, reason },
      };
    }
  }
}
