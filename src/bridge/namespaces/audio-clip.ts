import { z } from 'zod';
import { APP_ID, type Clip, type Clips, clip as clipReader } from '../clip.ts';
import { commandError } from '../command-error.ts';
import { defineCommand, type Evidence, type Witness } from '../command-spec.ts';
import { itemsOf, maybe } from '../lenient.ts';
import { playerPath } from '../paths.ts';
import { err, ok } from '../result.ts';
import type { Seat } from '../state.ts';
import { defineNamespace, type Happening, on, roomPart } from './define.ts';

const text = maybe(z.string());

const clipBody = z.object({ id: z.string(), name: text, appId: text, status: text, errorCode: text });

/** The body of an `audioClipStatus` event: at most three clips of all apps (docs.sonos.com, "audioClip objects"). */
const audioClipStatusBody = z.object({ audioClips: itemsOf(clipBody) });

/** Clips of other apps that are new or have another status: a doorbell, a voice assistant. */
function foreign(body: z.output<typeof audioClipStatusBody>, earlier: Clips | null): Happening[] {
  return body.audioClips
    .filter((clip) => clip.appId !== APP_ID)
    .filter((clip) => earlier?.clips.find((known) => known.id === clip.id)?.status !== clip.status)
    .map((clip) => ({
      event_type: 'clip',
      id: clip.id,
      name: clip.name,
      app_id: clip.appId,
      status: clip.status?.toLowerCase() ?? null,
      error_code: clip.errorCode,
    }));
}

const canPlayClips = (seat: Seat): boolean => seat.player.capabilities.includes('AUDIO_CLIP');

const answerSchema = z.object({ id: z.string() });

function evidence({ now, answer }: Witness<Clip>): Evidence {
  const id = answerSchema.safeParse(answer).data?.id;
  const clips = audioClip.slice(now.household.players.get(now.player.id))?.clips ?? [];
  const status = clips.find((each) => each.id === id);
  if (status?.status === 'ERROR') {
    const said = status.errorCode ?? 'ERROR';
    return commandError(
      'sonos_error',
      `The player could not play the clip: ${said}.`,
      'The player fetches the URL itself: it must be reachable from there, and be MP3 or WAV.',
    );
  }
  return status !== undefined && ['ACTIVE', 'DONE', 'INTERRUPTED', 'DISMISSED'].includes(status.status ?? '')
    ? 'seen'
    : 'not_yet';
}

/** Short sounds over the music, player by player (docs.sonos.com, "audioClip"). */
export const audioClip = defineNamespace<Clips>({
  name: 'audioClip',
  target: 'player',
  subscribes: (player) => player?.capabilities.includes('AUDIO_CLIP') ?? false,
  events: {
    audioClipStatus: on<Clips, typeof audioClipStatusBody>(
      audioClipStatusBody,
      (body) => ({ clips: body.audioClips }),
      foreign,
    ),
  },
  room: roomPart(z.object({ announcing: z.string().nullable() }), () => ({ announcing: null })),
  commands: {
    clip: defineCommand<Clip>({
      describe: 'Plays one Sonos audio clip, as it is, over the music of the room.',
      value: clipReader,
      aim: 'player',
      priority: 'announcement',
      reads: [],
      repeatable: () => false,
      urls: (value) => (value.url === null ? [] : [value.url]),
      plan: (value, seat) =>
        canPlayClips(seat)
          ? ok({ method: 'POST', path: `${playerPath(seat.player.id)}/audioClip`, body: value.body })
          : err(
              commandError(
                'not_capable',
                `"${seat.room.address}" cannot play audio clips.`,
                'See "capabilities" in the states of the rooms.',
              ),
            ),
      seen: evidence,
    }),
  },
});
