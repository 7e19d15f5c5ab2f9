import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import type { Household } from '../../bridge/state.ts';
import type { DoorReading, FamiliarDoor } from '../further-picture.ts';
import type { Topics } from '../topics.ts';
import { type Meant, readPlayMedia } from './play-media.ts';
import { PLAYER, TRANSLATED, type Translated } from './player-topics.ts';

/** More than any of these commands needs. */
const LARGEST = 16_384;

const misread = (message: string, advice: string): { readonly ok: false; readonly error: CommandError } =>
  err(commandError('invalid_payload', message, advice));

type Read = (text: string, household: Household | undefined) => Result<Meant, CommandError>;

function readVolume(text: string): Result<Meant, CommandError> {
  const level = /^\d+(\.\d+)?([eE]-\d+)?$/.test(text) ? Number(text) : Number.NaN;
  // A NaN is in no range.
  if (level >= 0 && level <= 1) return ok({ command: 'volume', payload: { value: Math.round(level * 100) } });
  return misread('That is no volume level.', 'Volume levels of media players go from 0.0 to 1.0.');
}

const MUTES: Readonly<Record<string, boolean>> = { mute: true, unmute: false };

function readMute(text: string): Result<Meant, CommandError> {
  const word = text.toLowerCase();
  const value = Object.hasOwn(MUTES, word) ? MUTES[word] : undefined;
  if (value === undefined) return misread('That is neither mute nor unmute.', 'Send mute or unmute.');
  return ok({ command: 'mute', payload: { value } });
}

const READERS: Readonly<Record<Translated, Read>> = {
  volume: readVolume,
  mute: readMute,
  play_media: readPlayMedia,
};

const isTranslated = (word: string): word is Translated => TRANSLATED.some((each) => each === word);

/** The text of a payload; null when it is none, or too much of it. */
function textOf(payload: Uint8Array): string | null {
  if (payload.length > LARGEST) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload).trim();
  } catch {
    return null;
  }
}

/** Where media players send what the contract has in another shape. */
const mediaPlayerFilters = (base: string): readonly string[] => [`${base}/+/+/${PLAYER}/set/+`];

/** Takes volumes from 0.0 to 1.0, `mute` and `unmute`, and media to play, as the custom integration sends them. */
export function createMediaPlayerDoor(topics: Topics): FamiliarDoor {
  const { base } = topics;

  function refused(household: string, room: string, command: string, error: CommandError): DoorReading {
    // It came without an id, and nobody waits for one.
    const reply = { id: PLAYER, command, room, status: 'failed', elapsed_ms: 0, error };
    return {
      commands: [],
      answers: [{ topic: topics.room(household, room, 'reply'), payload: JSON.stringify(reply) }],
    };
  }

  return {
    filters: mediaPlayerFilters(base),
    read({ topic, payload }, households) {
      if (!topic.startsWith(`${base}/`)) return null;
      const levels = topic.slice(base.length + 1).split('/');
      const [household = '', room = '', player, set, what = ''] = levels;
      if (levels.length !== 5 || player !== PLAYER || set !== 'set' || household === 'bridge') return null;
      if (!isTranslated(what)) {
        const advice = `There are ${TRANSLATED.join(', ')}.`;
        const error = commandError('unknown_command', 'Media players have no such command.', advice);
        return refused(household, room, PLAYER, error);
      }
      const text = textOf(payload);
      const meant =
        text === null
          ? misread('The payload is not UTF-8 text, or too long.', `At most ${LARGEST} bytes are read.`)
          : READERS[what](
              text,
              households.find(({ alias }) => alias === household),
            );
      if (!meant.ok) return refused(household, room, what, meant.error);
      const bytes = new TextEncoder().encode(JSON.stringify(meant.value.payload));
      return {
        commands: [{ household, room, command: meant.value.command, payload: bytes }],
        answers: [],
      };
    },
  };
}
