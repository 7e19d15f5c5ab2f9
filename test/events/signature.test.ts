import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isGenuine, type SignedFields, signatureOf } from '../../src/events/signature.ts';
import { KEY, sign, signed } from './house.ts';

const vectors: readonly [SignedFields, typeof KEY, string][] = [
  [
    {
      sequence: 'event-seq-id',
      namespace: 'namespace',
      type: 'type',
      targetType: 'target-type',
      target: 'target-value',
    },
    { clientId: 'sonos', clientSecret: 'secret' },
    'n9V0MCdGYaOPy_dJb_nUPqw5dHiBSd_g0NOQTe4IaVI',
  ],
  [
    {
      sequence: '1234',
      namespace: 'groupVolume',
      type: 'groupVolume',
      targetType: 'groupId',
      target: 'RINCON_00012345678001400:0',
    },
    KEY,
    '3ZIhybrLRS4toiKOuhrcbMwRSqA0v_nt7QDtJ-AFrSw',
  ],
  [
    {
      sequence: '98',
      namespace: 'playbackMetadata',
      type: 'metadataStatus',
      targetType: 'groupId',
      target: 'RINCON_A0B0C000222201400:620674909',
    },
    KEY,
    'ibkHpXQPu4_C3oUpcHraMqv3f53U-3u10DViO8wsjlQ',
  ],
  [
    {
      sequence: '7',
      namespace: 'groups',
      type: 'groups',
      targetType: 'householdId',
      target: 'Sonos_Example01Household.Example01Location',
    },
    KEY,
    'YP3aDnX5ZzMKcQucSsFqlzVzNG2F27Nw9Y9bxgfNUAc',
  ],
];

describe('the signature of an event', () => {
  it.each(vectors)('of %o is the documented one', (fields, key, signature) => {
    expect(signatureOf(fields, key)).toBe(signature);
    expect(isGenuine(fields, signature, key)).toBe(true);
  });

  it('agrees with a second telling of it for any text, also outside ASCII', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    const fields = fc.record({ sequence: text, namespace: text, type: text, targetType: text, target: text });
    const key = fc.record({ clientId: text, clientSecret: text });
    fc.assert(
      fc.property(fields, key, (some, credentials) => {
        expect(signatureOf(some, credentials)).toBe(sign(some, credentials));
      }),
    );
  });

  it.each([
    ['none', ''],
    ['half of it', '3ZIhybrLRS4toiKOuhrcb'],
    ['one with padding', '3ZIhybrLRS4toiKOuhrcbMwRSqA0v_nt7QDtJ-AFrSw='],
    ['the other alphabet', '3ZIhybrLRS4toiKOuhrcbMwRSqA0v/nt7QDtJ+AFrSw'],
    ['another spelling of the same bytes', '3ZIhybrLRS4toiKOuhrcbMwRSqA0v_nt7QDtJ-AFrSx'],
    ['one with a space', '3ZIhybrLRS4toiKOuhrcbMwRSqA0v_nt7QDtJ-AFrSw '],
    ['43 characters outside ASCII', 'é'.repeat(43)],
  ])('is not %s', (_what, signature) => {
    expect(isGenuine(signed(), signature, KEY)).toBe(false);
  });

  it('is another with any other key', () => {
    const { signature, ...fields } = signed();
    expect(isGenuine(fields, signature, { ...KEY, clientSecret: `${KEY.clientSecret}1` })).toBe(false);
    expect(isGenuine(fields, signature, { ...KEY, clientId: KEY.clientId.replace('a', 'b') })).toBe(false);
  });
});
