import { later } from '../later.tsx';

/** The guided path from an empty bridge to playing rooms. */
export const SetUp = later(() => import('../setup/set-up.tsx').then((part) => part.SetUp));
