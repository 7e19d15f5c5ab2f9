import { sign } from '../../src/sim/signature.ts';
import { BODIES } from '../events/bodies.ts';
import { type Kind, MIX } from '../events/markers.ts';
import type { Place } from './place.ts';

/** The key of the integration. */
export const KEY = {
  clientId: 'bench-key',
  clientSecret: 'bench-secret-0123456789',
  redirectUri: 'http://127.0.0.1/oauth/callback',
};

/** Whose key signs. */
interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** An event as it comes in at the public listener. */
export interface SignedEvent {
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** Higher than any number that a simulated house has given. */
const FIRST_SEQUENCE = 100_000_000_000;

const WORDS: Readonly<Record<Kind, readonly [namespace: string, type: string]>> = {
  metadata: ['playbackMetadata', 'metadataStatus'],
  playback: ['playback', 'playbackStatus'],
  playerVolume: ['playerVolume', 'playerVolume'],
  groupVolume: ['groupVolume', 'groupVolume'],
};

/** How far a household is: what it was told so far, by kind, and altogether. */
interface Turn {
  readonly counts: Record<Kind, number>;
  told: number;
}

const firstTurn = (): Turn => ({
  counts: { metadata: 0, playback: 0, playerVolume: 0, groupVolume: 0 },
  told: 0,
});

/** Makes events of given places, each of which changes the state, in the proportions of `MIX`. */
export function createEventMaker({
  clientId,
  clientSecret,
}: Credentials = KEY): (place: Place) => SignedEvent {
  const turns = new Map<string, Turn>();
  let made = 0;
  return ({ index, household, player, group }) => {
    made += 1;
    const turn = turns.get(household) ?? firstTurn();
    turns.set(household, turn);
    // Households begin at different points of the mix, so that all kinds come also when each gets one event.
    const kind = MIX[(index + turn.told) % MIX.length] ?? 'playback';
    turn.told += 1;
    turn.counts[kind] += 1;
    const [namespace, type] = WORDS[kind];
    const isPlayers = kind === 'playerVolume';
    const [targetType, target] = isPlayers ? ['playerId', player] : ['groupId', group];
    const sequence = String(FIRST_SEQUENCE + made);
    const signature = sign({ sequence, namespace, type, targetType, target }, clientId, clientSecret);
    const headers = {
      ...{ Host: '127.0.0.1', 'Content-Type': 'application/json', 'X-Sonos-Household-Id': household },
      ...{ 'X-Sonos-Namespace': namespace, 'X-Sonos-Type': type, 'X-Sonos-Target-Type': targetType },
      ...{ 'X-Sonos-Target-Value': target, 'X-Sonos-Event-Seq-Id': sequence },
      'X-Sonos-Event-Signature': signature,
    };
    return { rawHeaders: Object.entries(headers).flat(), body: BODIES[kind](turn.counts[kind]) };
  };
}
