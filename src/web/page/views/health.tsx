import { later } from '../later.tsx';

/** How the bridge is, and what it did. */
export const Health = later(() => import('../health/health.tsx').then((part) => part.Health));
