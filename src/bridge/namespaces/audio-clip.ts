import { z } from 'zod';
import { clipObstacle } from '../announcement-words.ts';
import { APP_ID, type Clip, type Clips, clip as clipReader } from '../clip.ts';
import { commandError } from '../command-error.ts';
import { defineCommand, type Evidence, type Witness } from '../command-spec.ts';
import { itemsOf, maybe } from '../lenient.ts';
import { playerPath } from '../paths.ts';
import { err, ok } from '../result.ts';
import type { Household } from '../state.ts';
import { defineNamespace, on, roomPart } from './define.ts';

const text = maybe(z.string());

const clipBody = z.object({ id: z.string(), name: text, appId: text, status: text, errorCode: text });

/** The body of an `audioClipStatus` event: at most three clips of all apps (docs.sonos.com, "audioClip objects"). */
const audioClipStatusBody = z.object({ audioClips: itemsOf(clipBody) });

const roomSchema = z.object({
  announcing: z.string().nullable().describe('The id of the announcement that is heard there now.'),
});

const clipHappening = z
  .object({
    event_type: z.literal('clip'),
    id: z.string(),
    name: z.string().nullable(),
    app_id: z.string().nullable(),
    status: z.string().nullable().describe("Sonos' word for it, in lower case: `active`, `done`, …"),
    error_code: z.string().nullable(),
  })
  .describe(
    'A clip of another app on the player is new or has another status: a doorbell, a voice assistant.',
  )
  .meta({
    examples: [
      {
        ...{ event_type: 'clip', id: '26', name: 'Ding', app_id: 'com.example.doorbell' },
        ...{ status: 'active', error_code: null },
      },
    ],
  });

/** Clips of other apps that are new or have another status. */
function foreign(
  body: z.output<typeof audioClipStatusBody>,
  earlier: Clips | null,
): z.output<typeof clipHappening>[] {
  return body.audioClips
    .filter((clip) => clip.appId !== APP_ID)
    .filter((clip) => earlier?.clips.find((known) => known.id === clip.id)?.status !== clip.status)
    .map((clip) => ({
      event_type: 'clip' as const,
      id: clip.id,
      name: clip.name,
      app_id: clip.appId,
      status: clip.status?.toLowerCase() ?? null,
      error_code: clip.errorCode,
    }));
}

const answerSchema = z.object({ id: z.string() });

function evidence({ now, answer }: Witness<Clip>): Evidence {
  const id = answerSchema.safeParse(answer).data?.id;
  const { clips } = clipsOf(now.household, now.player.id);
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
      (body, earlier) => ({ clips: body.audioClips, announcing: earlier?.announcing ?? null }),
      foreign,
    ),
  },
  room: roomPart(roomSchema, (slice) => ({
    announcing: slice?.announcing ?? null,
  })),
  happenings: { clip: clipHappening },
  commands: {
    clip: defineCommand<Clip>({
      describe: 'Plays one Sonos audio clip, as it is, over the music of the room.',
      value: clipReader,
      aim: 'player',
      priority: 'announcement',
      reads: [],
      repeatable: () => false,
      urls: (value) => (value.url === null ? [] : [value.url]),
      plan: (value, seat) => {
        const error = clipObstacle(seat);
        const path = `${playerPath(seat.player.id)}/audioClip`;
        return error === null ? ok({ method: 'POST', path, body: value.body }) : err(error);
      },
      seen: evidence,
    }),
  },
});

/** The clips of a player, as it last told of them. */
export const clipsOf = (household: Household, playerId: string): Clips =>
  audioClip.slice(household.players.get(playerId)) ?? { clips: [], announcing: null };

/** The household in which a player says an announcement, or no longer any. */
export function withAnnouncing(household: Household, playerId: string, id: string | null): Household {
  if (household.topology?.players.has(playerId) !== true) return household;
  const players = household.players.with(playerId, {
    ...household.players.get(playerId),
    [audioClip.name]: { ...clipsOf(household, playerId), announcing: id },
  });
  return { ...household, players };
}
