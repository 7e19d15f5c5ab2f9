/** Every text of the page. What stands in braces is filled in. Other languages have the same keys, which their type sees to. */
export const en = {
  'nav.house': 'House',
  'nav.say': 'Say',
  'nav.health': 'Health',
  'nav.setup': 'Set up',
  'nav.access': 'Access',
  'nav.label': 'Parts of this page',
  'nav.skip': 'To the content',
  'house.choose': 'Household',
  'live.lost': 'The bridge does not answer. Trying again …',
  'live.waiting': 'One moment …',
  'refused.network': 'The bridge does not answer. Is it running?',
  'refused.unknown': 'This did not work (HTTP {status}).',
} as const;

/** The name of a text. */
export type Word = keyof typeof en;

/** All texts of one language. */
export type Words = Readonly<Record<Word, string>>;
