import { z } from 'zod';
import { defineNamespace, on } from './define.ts';

const groupCoordinatorChangedBody = z.object({ groupStatus: z.string() });

/**
 * What Sonos tells every subscriber of a group without being asked: that the group is gone, has moved to another
 * coordinator, or was changed. The id is still good only in the last case (docs.sonos.com, "groupCoordinatorChanged").
 */
export const global = defineNamespace<never>({
  name: 'global',
  target: 'group',
  subscribes: () => false,
  events: {
    groupCoordinatorChanged: on<never, typeof groupCoordinatorChangedBody>(
      groupCoordinatorChangedBody,
      () => null,
    ),
  },
  doubts: (body) => {
    const status = groupCoordinatorChangedBody.safeParse(body).data?.groupStatus;
    return status === 'GROUP_STATUS_UPDATED' ? 'topology' : 'subscriptions';
  },
});
