import { later } from '../later.tsx';

/** Who may do what: sessions of people, tokens of scripts. */
export const Access = later(() => import('../access/access.tsx').then((part) => part.Access));
