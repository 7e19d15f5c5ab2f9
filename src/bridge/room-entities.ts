import type { Entities } from './entity.ts';
import { namespaces } from './namespaces/index.ts';

/** A text field of Home Assistant holds no more. */
const LONGEST_TEXT = 255;

/** The entities of commands that the house carries out itself. */
const own: Entities = {
  announce: {
    platform: 'notify',
    name: 'Announce',
    icon: 'mdi:bullhorn',
    needs: 'audio_clip',
    command: 'announce',
  },
  say: {
    platform: 'text',
    name: 'Say',
    icon: 'mdi:text-to-speech',
    needs: 'audio_clip',
    command: 'announce',
    max: LONGEST_TEXT,
  },
  cancel: {
    platform: 'button',
    name: 'Cancel announcements',
    icon: 'mdi:bullhorn-outline',
    needs: 'audio_clip',
    command: 'cancel',
  },
  refresh: {
    platform: 'button',
    name: 'Refresh',
    icon: 'mdi:refresh',
    category: 'diagnostic',
    command: 'refresh',
  },
};

/** Every entity that a room can have in Home Assistant, by its key: those of the table's rows, and those of the house's own commands. */
export const roomEntities: Entities = Object.assign({}, ...namespaces.map((row) => row.entities), own);
