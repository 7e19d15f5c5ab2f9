import { z } from 'zod';
import { listOf, maybe, targetId } from '../lenient.ts';
import { addressesOf } from '../state.ts';
import { defineNamespace, householdTopic, on } from './define.ts';

/** What `GET /households` answers; a household's name is often null (docs.sonos.com, "households"). */
export const householdsBody = z.object({
  households: listOf(z.object({ id: targetId, name: maybe(z.string()) })),
});

const householdSchema = z.object({ id: z.string(), name: z.string().nullable(), rooms: z.array(z.string()) });

/** The households that a login can see. There are no events; the list is read. */
export const households = defineNamespace<never>({
  name: 'households',
  target: 'account',
  subscribes: () => false,
  events: { households: on<never, typeof householdsBody>(householdsBody, () => null) },
  snapshot: { path: () => '/households', type: 'households' },
  topics: {
    '': householdTopic(
      householdSchema,
      (_slice, household) => ({
        id: household.id,
        name: household.name,
        rooms: addressesOf(household.rooms, [...household.rooms.keys()]),
      }),
      (_slice, { rooms, name }) => [rooms, name],
    ),
  },
});
