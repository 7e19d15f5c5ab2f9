import { later } from '../later.tsx';

/** Where something is said in the house. */
export const Say = later(() => import('../say/say.tsx').then((part) => part.Say));
