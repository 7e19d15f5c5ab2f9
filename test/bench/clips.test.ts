import { describe, expect, it } from 'vitest';
import { createSpeakers } from '../../bench/clips/speakers.ts';
import type { HeardClip } from '../../src/sim/index.ts';
import { eventually, printOf, soundOf, startServer } from '../speech/clip-house.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const heardAt = (startedAt: number, endedAt: number | null = null): HeardClip => ({
  ...{ room: 'Kitchen', deviceId: 'a', clipId: 'c', name: 'Announcement', appId: 'b', url: null },
  ...{ priority: 'LOW', volume: 20, startedAt, endedAt, outcome: endedAt === null ? null : 'DONE' },
});

/** The real clip server with a sound for two speakers; it would hold the first one for a minute. */
async function house() {
  const { base, server, store } = await startServer({ waitMs: 60_000 });
  const sound = soundOf(50_000);
  const clip = await store.put('doorbell', sound);
  const asked: number[] = [];
  const urls = server.ticketsFor(clip, 2, (device) => asked.push(device)).map((path) => `${base}${path}`);
  return { urls, asked, sound };
}

/** A speaker fetches; what it has got so far, and whether that is all. */
function fetchBy(speakers: ReturnType<typeof createSpeakers>, url: string) {
  const got = { bytes: Buffer.alloc(0), isWhole: null as boolean | null };
  const hangUp = speakers.fetchClip(
    url,
    {},
    {
      came: (bytes) => {
        got.bytes = Buffer.concat([got.bytes, bytes]);
      },
      ended: (isWhole) => {
        got.isWhole = isWhole;
      },
    },
  );
  return { got, hangUp };
}

describe('the speakers of the bench', () => {
  it('are held by the clip server until all have asked', async () => {
    const { urls, asked, sound } = await house();
    const clock = createFakeClock();
    const speakers = createSpeakers(clock);
    void speakers.listen({ late: [0, 0], isHeld: true });
    const [first = '', second = ''] = urls;
    const one = fetchBy(speakers, first);
    await clock.advance(0);
    await eventually(() => asked.length === 1);
    expect(one.got).toMatchObject({ bytes: Buffer.alloc(0), isWhole: null });
    const other = fetchBy(speakers, second);
    await clock.advance(0);
    await eventually(() => one.got.isWhole !== null && other.got.isWhole !== null);
    expect(asked).toEqual([0, 1]);
    for (const { got } of [one, other]) expect(printOf(got.bytes)).toBe(printOf(sound.bytes));
  });

  it('get the very same sound at once where they are not to be held', async () => {
    const { urls, asked, sound } = await house();
    const clock = createFakeClock();
    const speakers = createSpeakers(clock);
    void speakers.listen({ late: [0, 0], isHeld: false });
    const { got } = fetchBy(speakers, urls[0] ?? '');
    await clock.advance(0);
    await eventually(() => got.isWhole !== null);
    expect(printOf(got.bytes)).toBe(printOf(sound.bytes));
    // The clip server knows nothing of who that was.
    expect(asked).toEqual([]);
  });

  it('ask as late as they are told, one after another, and not at all when they are stopped before', async () => {
    const { urls, asked } = await house();
    const clock = createFakeClock();
    const speakers = createSpeakers(clock);
    const hearing = speakers.listen({ late: [200, 30], isHeld: true });
    const [first = '', second = ''] = urls;
    const started = clock.elapsed();
    fetchBy(speakers, first);
    fetchBy(speakers, second);
    const third = fetchBy(speakers, 'http://127.0.0.1:9/nobody.wav');
    third.hangUp();
    await clock.advance(30);
    await eventually(() => asked.length === 1);
    expect(asked).toEqual([1]);
    await clock.advance(170);
    await eventually(() => asked.length === 2);
    speakers.onClip(heardAt(7));
    speakers.onClip(heardAt(7, 9));
    speakers.onClip(heardAt(8));
    expect(await hearing).toEqual({ asked: [started + 30, started + 200], began: [7, 8] });
  });

  it('are not waited for when one of them stays silent', async () => {
    const clock = createFakeClock();
    const speakers = createSpeakers(clock);
    const refused = expect(speakers.listen({ late: [0, 0], isHeld: true })).rejects.toThrow(
      '1 of 2 speakers began within 10 s',
    );
    speakers.onClip(heardAt(1));
    await clock.advance(10_000);
    await refused;
  });
});
