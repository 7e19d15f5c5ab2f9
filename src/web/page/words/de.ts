import type { Words } from './en.ts';

/** The page in German. */
export const de: Words = {
  'nav.house': 'Haus',
  'nav.say': 'Ansage',
  'nav.health': 'Zustand',
  'nav.setup': 'Einrichten',
  'nav.access': 'Zugang',
  'nav.label': 'Teile dieser Seite',
  'nav.skip': 'Zum Inhalt',
  'house.choose': 'Haushalt',
  'live.lost': 'Die Bridge antwortet nicht. Neuer Versuch …',
  'live.waiting': 'Einen Moment …',
  'refused.network': 'Die Bridge antwortet nicht. Läuft sie?',
  'refused.unknown': 'Das ging nicht (HTTP {status}).',
};
