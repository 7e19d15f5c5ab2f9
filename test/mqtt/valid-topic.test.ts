import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TopicFault } from '../../src/mqtt/valid-topic.ts';
import { expectedOfTopic, LONGEST_TOPIC_BYTES, readTopic } from '../../src/mqtt/valid-topic.ts';

describe('a topic', () => {
  it.each([
    'sonos/home/kitchen',
    'sonos/home/living-room/set/volume',
    '/starts/with/a/slash',
    'a//b',
    'küche/日本/🎵',
    'with space',
    'price/$5',
    `${'x/'.repeat(99)}x`,
    'x'.repeat(LONGEST_TOPIC_BYTES),
  ])('is fine when every broker takes it: %j', (topic) => {
    expect(readTopic(topic)).toEqual({ ok: true, value: topic });
  });

  it.each<[string, TopicFault]>([
    ['', 'empty'],
    ['$SYS/broker', 'reserved'],
    ['$share/group/topic', 'reserved'],
    ['home/+/x', 'wildcard'],
    ['home/a+b', 'wildcard'],
    ['home/#', 'wildcard'],
    ['nul\u0000', 'control_character'],
    ['line\nbreak', 'control_character'],
    ['delete\u007f', 'control_character'],
    ['c1\u009f', 'control_character'],
    ['half \ud83c', 'not_unicode'],
    ['\udfb5 half', 'not_unicode'],
    ['no character \uffff', 'not_unicode'],
    ['no character \ufdd0', 'not_unicode'],
    ['no character \u{1fffe}', 'not_unicode'],
    ['x'.repeat(LONGEST_TOPIC_BYTES + 1), 'too_long'],
    ['ü'.repeat(513), 'too_long'],
    ['x'.repeat(70_000), 'too_long'],
    [`${'x/'.repeat(100)}x`, 'too_deep'],
  ])('is refused with its reason: %j is %s', (topic, fault) => {
    expect(readTopic(topic)).toEqual({ ok: false, error: fault });
    expect(expectedOfTopic(fault)).toMatch(/\w/);
  });

  it('that is accepted survives the way to UTF-8 and back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        const read = readTopic(text);
        if (!read.ok) return;
        expect(Buffer.from(read.value).toString()).toBe(text);
        expect(read.value).not.toMatch(/[+#\p{Cc}]/u);
      }),
      { numRuns: 2000 },
    );
  });
});
