import { z } from 'zod';

const rate = z.number().min(0).max(1);
const millis = z.number().int().min(0);

/**
 * Everything about the simulated cloud that can be turned while it runs. Sources disagree on some of it
 * (status of a dead group, rotation of refresh tokens), and a bridge has to live with each position.
 */
export const knobsSchema = z.object({
  /** Which of the three 401 bodies an invalid token gets. */
  unauthorizedShape: z.enum(['access_denied', 'token_expired', 'invalid_token']),
  /** Status for a group or player id that is no more. */
  deadGroupStatus: z.union([z.literal(410), z.literal(404), z.literal(499)]),
  /** Whether bodies carry `_objectType`; older cloud bodies lack it. */
  objectTypes: z.boolean(),
  /** `partial: true` in groups bodies, the last room left out. */
  partialGroups: z.boolean(),
  quotaPerMinute: z.number().int().min(1),
  spikePerSecond: z.number().int().min(1),
  /** How long an answer takes over the socket. */
  replyDelayMs: millis,
  subscriptionSeconds: z.number().positive(),
  /** Whether the current state follows a subscribe call. */
  snapshotOnSubscribe: z.boolean(),

  /** From a play command until the music is heard. */
  bufferMs: millis,
  /** How long a station says the same. */
  stationMomentMs: millis,
  /** How long Spotify Connect shows its empty opening. */
  connectOpeningMs: millis,
  /** Between one member's volume and the next one's when a group's volume is set; 0 does all at once. */
  volumeSettleMs: millis,
  /** A createGroup without music context may extend the first player's own group instead of making a new one. */
  createGroupExtends: z.boolean(),
  /** How often a player asks a cloud queue for its version; nowhere documented. */
  queueVersionMs: millis,
  chimeMs: millis,
  clipMs: millis,
  /** What a LOW clip does while a HIGH one plays. */
  lowDuringHigh: z.enum(['wait', 'refuse']),
  /** Whether players really fetch the URL of a clip; needs a `fetchClip` port. */
  fetchClips: z.boolean(),
  /** What becomes of a fetched clip that is neither MP3 nor WAV; players are known to be done with it in silence. */
  unsupportedMedia: z.enum(['error', 'silence']),

  /** False: nothing is delivered, every event is lost. */
  deliver: z.boolean(),
  deliveryDelayMs: z.tuple([millis, millis]),
  dropRate: rate,
  duplicateRate: rate,
  /** Share of events that are held back and overtaken by later ones of the same target. */
  reorderRate: rate,
  reorderMs: millis,
  /** Share of events whose body is altered on the way; the signature does not cover it. */
  corruptRate: rate,
  /** How long Sonos waits for the callback's answer. */
  answerMs: millis,
  retryMs: millis,
  retries: z.number().int().min(0),

  accessTokenSeconds: z.number().int().min(1),
  refreshTokens: z.enum(['stable', 'rotating']),
  /** With rotation: how long the former refresh token still works. */
  rotationGraceSeconds: z.number().min(0),
  omitRefreshToken: z.boolean(),
  tokenEndpoint: z.enum(['normal', 'unavailable', 'hang']),
  /** `error` of a refused grant; documentation and practice disagree. */
  grantError: z.enum(['invalid_request', 'invalid_grant']),
  /** The login page allows at once, as this account; null asks the person. */
  autoApprove: z.string().nullable(),
});

/** See `knobsSchema`. Change the fields in place; the next request or event follows them. */
export type Knobs = z.infer<typeof knobsSchema>;

const DAY_SECONDS = 86_400;

/** The knobs as the real cloud most likely stands. */
export function defaultKnobs(): Knobs {
  return {
    unauthorizedShape: 'access_denied',
    deadGroupStatus: 410,
    objectTypes: true,
    partialGroups: false,
    quotaPerMinute: 1000,
    spikePerSecond: 100,
    replyDelayMs: 0,
    subscriptionSeconds: 3 * DAY_SECONDS,
    snapshotOnSubscribe: true,
    bufferMs: 300,
    stationMomentMs: 180_000,
    connectOpeningMs: 150,
    volumeSettleMs: 0,
    createGroupExtends: false,
    queueVersionMs: 20_000,
    chimeMs: 2000,
    clipMs: 4000,
    lowDuringHigh: 'wait',
    fetchClips: false,
    unsupportedMedia: 'error',
    deliver: true,
    deliveryDelayMs: [0, 0],
    dropRate: 0,
    duplicateRate: 0,
    reorderRate: 0,
    reorderMs: 1500,
    corruptRate: 0,
    answerMs: 1000,
    retryMs: 1000,
    retries: 3,
    accessTokenSeconds: DAY_SECONDS - 1,
    refreshTokens: 'stable',
    rotationGraceSeconds: 0,
    omitRefreshToken: false,
    tokenEndpoint: 'normal',
    grantError: 'invalid_request',
    autoApprove: null,
  };
}
