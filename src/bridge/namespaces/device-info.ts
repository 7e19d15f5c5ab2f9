import { z } from 'zod';
import { deviceFields, type Hardware, hardwareAt } from '../hardware.ts';
import { itemsOf, targetId } from '../lenient.ts';
import { householdPath } from '../paths.ts';
import { defineNamespace, on, roomPart } from './define.ts';

/** What `GET …/groups?includeDeviceInfo=true` answers, as far as it is about devices; whatever it is, it is an answer. */
const devicesBody = z.object({ players: itemsOf(z.object({ id: targetId, ...deviceFields })) });

const text = z.string().nullable();
const roomSchema = z.object({
  device: z
    .object({
      model: text.describe('As people call it: `One`, `Arc`.'),
      model_number: text,
      software_version: text,
      hardware_version: text,
      generation: z.number().nullable().describe('1 for S1, 2 for S2.'),
    })
    .nullable()
    .describe(
      "What the room's player is; that of the first one where several are one room. Null while nothing is known.",
    ),
});

const shown = (device: Hardware | null): z.output<typeof roomSchema> => ({ device: device && { ...device } });

/** The read that tells models; a refusal does no harm. Its answer is not taken for who plays with whom: it may be an old one. */
export const modelsRead = (household: string) => ({
  path: `${householdPath(household)}/groups?includeDeviceInfo=true`,
  type: 'devices',
});

/**
 * Which speakers there are and which software they have. Events and reads of `groups` tell of it in passing, so it has no slice of
 * its own, and is asked for only when they do not: once for each player, then with the slow read-back (see `wanted`).
 */
export const deviceInfo = defineNamespace<never>({
  name: 'deviceInfo',
  target: 'household',
  subscribes: () => false,
  reads: () => false,
  events: { devices: on<never, typeof devicesBody>(devicesBody, () => null) },
  // The body always comes from the schema above.
  devices: (body) => ({ players: (body as z.output<typeof devicesBody>).players, wasAsked: true }),
  room: roomPart(
    roomSchema,
    (_slice, seat) => shown(hardwareAt(seat)),
    (_slice, seat) => [hardwareAt(seat)],
  ),
});
