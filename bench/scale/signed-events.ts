import { BODIES } from '../events/bodies.ts';
import { EVENT_WORDS, type Kind, MIX } from '../events/markers.ts';
import { type Credentials, FIRST_SEQUENCE, signedHeaders } from '../harness/signed-request.ts';
import type { Place } from './place.ts';

/** The key of the integration. */
export const KEY = {
  clientId: 'bench-key',
  clientSecret: 'bench-secret-0123456789',
  redirectUri: 'http://127.0.0.1/oauth/callback',
};

/** An event as it comes in at the public listener. */
export interface SignedEvent {
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

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
export function createEventMaker(key: Credentials = KEY): (place: Place) => SignedEvent {
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
    const ofPlayer = { targetType: 'playerId', target: player } as const;
    const ofGroup = { targetType: 'groupId', target: group } as const;
    const whom = kind === 'playerVolume' ? ofPlayer : ofGroup;
    const event = { household, sequence: FIRST_SEQUENCE + made, ...EVENT_WORDS[kind], ...whom };
    return { rawHeaders: signedHeaders(event, key), body: BODIES[kind](turn.counts[kind]) };
  };
}
