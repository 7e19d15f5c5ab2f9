import { withoutCapability } from './capability.ts';
import type { Failure, Stage } from './clip-turn.ts';
import { type CommandError, commandError } from './command-error.ts';
import type { Seat } from './state.ts';

const REACH =
  'The speakers must reach that address: open the port in the firewall of this machine, or set speech.clip_url.';

/** Whether a room can play clips; the error names those that can. */
export const clipObstacle = (seat: Seat): CommandError | null =>
  withoutCapability(seat, 'AUDIO_CLIP', `"${seat.room.address}" cannot play audio clips.`);

/** What the sender is told of an announcement that was not heard, or not for certain. */
export function failureWords(
  stage: Stage,
  failure: Failure | undefined,
  room: string,
  from: string,
): CommandError {
  if (stage === 'expired')
    return commandError('expired', 'It waited longer than it was worth.', 'Nothing was said.');
  if (stage === 'cancelled') return commandError('expired', 'It was cancelled before it was heard.');
  if (failure === undefined)
    return commandError('sonos_error', 'Somebody dismissed it at the speaker before it was heard.');
  if (failure.kind === 'displaced') {
    const seen = `Too many announcements wait in "${room}".`;
    return commandError('rate_limited', seen, 'Send fewer, or allow more with announcements.max_queue.');
  }
  if (failure.kind !== 'player') {
    const seen = `The speaker of "${room}" did not come for the sound at ${from} in time.`;
    return commandError('timeout', seen, REACH);
  }
  const code = failure.errorCode ?? 'ERROR';
  if (!failure.wasFetched)
    return commandError('sonos_error', `The speaker of "${room}" could not reach ${from}: ${code}.`, REACH);
  const advice = 'Speakers play MP3 and WAV that they can fetch themselves.';
  return commandError(
    'sonos_error',
    `The speaker of "${room}" could not play the sound from ${from}: ${code}.`,
    advice,
  );
}
