import { z } from 'zod';
import type { Random } from '../bridge/ports.ts';
import type { Store } from '../store/store.ts';

const generatedSchema = z.object({
  callback_secret: z.string().regex(/^[A-Za-z0-9_-]{16,}$/),
  mqtt_client: z.string().regex(/^[A-Za-z0-9_-]{4,}$/),
  /** Absent in folders of earlier versions. */
  clip_secret: z
    .string()
    .regex(/^[A-Za-z0-9_-]{16,}$/)
    .exactOptional(),
});

/** What the bridge makes up once and keeps: the secret part of the callback path, its name at the broker, the secret of clips' names. */
export type Generated = Required<z.output<typeof generatedSchema>>;

/** Opens what was made up before, or makes it up now; throws `StoreError` when it cannot be kept. */
export async function openGenerated(store: Store, random: Random): Promise<Generated> {
  const fresh = {
    callback_secret: random.id(),
    mqtt_client: random.id().slice(0, 8),
    clip_secret: random.id(),
  };
  const document = await store.document('generated', generatedSchema, fresh);
  const generated = { ...fresh, ...document.value };
  // Kept before it is used: a path that a restart forgets would be registered at Sonos in vain.
  await document.save(generated);
  return generated;
}
