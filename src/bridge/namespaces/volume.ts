import { z } from 'zod';
import { maybe, sonosNumber } from '../lenient.ts';

/** The body of `groupVolume` and `playerVolume` events and reads (docs.sonos.com, "groupVolume", "playerVolume"). */
export const volumeBody = z.object({
  volume: maybe(sonosNumber),
  muted: maybe(z.boolean()),
  fixed: maybe(z.boolean()),
});

/** A volume as it is remembered: 0 to 100; `fixed` is a line-out whose volume cannot be set. */
export interface Volume {
  readonly volume: number | null;
  readonly muted: boolean | null;
  readonly fixed: boolean | null;
}

/** The next volume. A field that a body leaves out stays as it was. */
export const rememberVolume = (body: z.output<typeof volumeBody>, earlier: Volume | null): Volume => ({
  volume:
    body.volume === null ? (earlier?.volume ?? null) : Math.min(100, Math.max(0, Math.round(body.volume))),
  muted: body.muted ?? earlier?.muted ?? null,
  fixed: body.fixed ?? earlier?.fixed ?? null,
});
