import { signatureOf } from '../../events/signature.ts';
import type { Key } from '../sonos-side.ts';

/** What the event path answers to a GET. */
export const GREETING = 'takes events from Sonos';

/** Signed like an event of Sonos, for a group and a household that do not exist: it is answered and has no effect. */
export function probeHeaders(key: Key): Record<string, string> {
  const fields = {
    ...{ sequence: '1', namespace: 'groupVolume', type: 'groupVolume' },
    ...{ targetType: 'groupId', target: 'RINCON_DOCTOR:1' },
  };
  return {
    'Content-Type': 'application/json',
    'X-Sonos-Household-Id': 'Sonos_doctor',
    'X-Sonos-Namespace': fields.namespace,
    'X-Sonos-Type': fields.type,
    'X-Sonos-Target-Type': fields.targetType,
    'X-Sonos-Target-Value': fields.target,
    'X-Sonos-Event-Seq-Id': fields.sequence,
    'X-Sonos-Event-Signature': signatureOf(fields, key),
  };
}
