/** What stands in the form of an announcement. */
export interface SayForm {
  readonly text: string;
  readonly language: string;
  readonly voice: string;
  /** Null: as loud as the settings say. */
  readonly volume: number | null;
  readonly chimeBefore: boolean;
  readonly isUrgent: boolean;
}

export const EMPTY: SayForm = {
  ...{ text: '', language: '', voice: '' },
  ...{ volume: null, chimeBefore: false, isUrgent: false },
};

/** Speech is for sentences; a longer text is a mistake more often than a wish. */
export const LONGEST_TEXT = 500;

/** Where an announcement goes: the command's address, and the further rooms that it names. */
export interface Destination {
  readonly room: string;
  readonly rooms: readonly string[];
}

/** The contract takes this many further rooms. */
const MOST_FURTHER = 64;

/** Rooms as a command names them: `all` when they are all that there are; null without any. */
export function destinationOf(chosen: readonly string[], everyRoom: readonly string[]): Destination | null {
  const [room, ...rooms] = chosen;
  if (room === undefined) return null;
  const isAll = chosen.length > 1 && everyRoom.every((each) => chosen.includes(each));
  return isAll || rooms.length > MOST_FURTHER ? { room: 'all', rooms: [] } : { room, rooms };
}

/** What `announce` takes; without a text it is the chime alone. */
export function announceOf(
  form: SayForm,
  what: 'text' | 'chime',
  id: string,
  rooms: readonly string[],
): object {
  const { language, voice } = form;
  const isText = what === 'text';
  return {
    id,
    ...(isText ? { text: form.text.trim() } : { chime: true }),
    ...(isText && language.trim() !== '' ? { language: language.trim() } : {}),
    ...(isText && voice.trim() !== '' ? { voice: voice.trim() } : {}),
    ...(isText && form.chimeBefore ? { before: true } : {}),
    ...(form.volume === null ? {} : { volume: form.volume }),
    ...(form.isUrgent ? { priority: 'high' } : {}),
    ...(rooms.length > 0 ? { rooms } : {}),
  };
}

/** An id from random bytes, since browsers make UUIDs only for pages over https. */
export const idFrom = (bytes: Uint8Array): string =>
  `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;

/** What is wrong with a language tag; empty is none. */
export const isLanguage = (tag: string): boolean =>
  tag.trim() === '' || /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/.test(tag.trim());
