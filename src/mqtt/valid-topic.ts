import type { Result } from '../bridge/result.ts';
import { err, ok } from '../bridge/result.ts';

/** Why a topic must not be published to, as a closed set. */
export type TopicFault =
  | 'empty'
  | 'reserved' // starts with `$`, which belongs to the broker
  | 'wildcard' // `+` or `#`: filters, never topics
  | 'control_character' // U+0000–001F, U+007F–009F
  | 'not_unicode' // half a surrogate pair, or a code point that is no character
  | 'too_long'
  | 'too_deep';

/** The longest topic we publish to, in bytes of UTF-8; MQTT itself ends at 65,535. */
export const LONGEST_TOPIC_BYTES = 1024;

/** The most levels a topic may have; some brokers drop the connection at 101. */
const MOST_TOPIC_LEVELS = 100;

const WILDCARD = /[+#]/;
const CONTROL = /\p{Cc}/u;
const NOT_UNICODE = /\p{Cs}|\p{Noncharacter_Code_Point}/u;

/**
 * A topic that every broker takes (MQTT 5, sections 1.5.4 and 4.7), or why it is none. A wrong one costs the
 * whole connection: brokers answer it by hanging up.
 */
export function readTopic(topic: string): Result<string, TopicFault> {
  if (topic.length === 0) return err('empty');
  if (topic.length > LONGEST_TOPIC_BYTES || Buffer.byteLength(topic) > LONGEST_TOPIC_BYTES) {
    return err('too_long');
  }
  if (topic.startsWith('$')) return err('reserved');
  if (WILDCARD.test(topic)) return err('wildcard');
  if (CONTROL.test(topic)) return err('control_character');
  if (NOT_UNICODE.test(topic)) return err('not_unicode');
  if (topic.split('/').length > MOST_TOPIC_LEVELS) return err('too_deep');
  return ok(topic);
}

const EXPECTED: Readonly<Record<TopicFault, string>> = {
  empty: 'at least one character',
  reserved: 'a topic that does not start with "$", which is the broker\'s own',
  wildcard: 'a topic without "+" and "#"',
  control_character: 'no control characters',
  not_unicode: 'well-formed Unicode characters',
  too_long: `at most ${LONGEST_TOPIC_BYTES} bytes`,
  too_deep: `at most ${MOST_TOPIC_LEVELS} levels`,
};

/** What was expected of a topic with that fault, as the end of a sentence. */
export const expectedOfTopic = (fault: TopicFault): string => EXPECTED[fault];
