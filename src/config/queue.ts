import { z } from 'zod';
import { about, text } from './parts.ts';

/** `queue`: lists of audio files that players get from the bridge, and the files themselves. */
export const queue = z.strictObject({
  folder: about(text.exactOptional(), {
    description:
      'The folder with the music that `queue` may play; without it, nothing of the disk is played or served.',
    expected: 'the path of a folder',
    example: '/srv/music',
  }),
  listener: about(z.literal(['clip', 'public']).default('clip'), {
    description:
      'Where players ask for queues and their files: `clip` is the listener of announcements at home, `public` the public listener, under `callback.public_url`.',
  }),
  max_items: about(z.int().min(1).max(10_000).default(1_000), {
    description: 'How many items a queue may have.',
  }),
});
