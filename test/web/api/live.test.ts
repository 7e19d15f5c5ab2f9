import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/system.ts';
import { type LiveOptions, type LiveViewer, livePart } from '../../../src/web/api/live.ts';
import type { LiveMessage } from '../../../src/web/api/messages.ts';
import { eventually } from '../../e2e/house.ts';
import { readLive } from '../../support/live-reader.ts';
import { basic, openHouse, PASSWORD } from '../house.ts';

const HEADERS = { Authorization: basic(PASSWORD) };
const GONE: LiveMessage = { kind: 'gone', room: 'kitchen' };

/** The listener with a stream whose words are ours. */
async function open(different: Partial<LiveOptions> = {}, listener: Parameters<typeof openHouse>[0] = {}) {
  const viewers: (LiveViewer & { readonly household: string | null })[] = [];
  const left: number[] = [];
  const live: LiveOptions['live'] = {
    open(household, viewer) {
      const at = viewers.push({ household, ...viewer });
      return () => left.push(at);
    },
  };
  const part = livePart({ live, clock: systemClock, ...different });
  const house = await openHouse({ api: [part], ...listener });
  return { ...house, viewers, left, read: (query = '') => readLive(house.port, query, HEADERS) };
}

describe('the live stream', () => {
  it('says each message as one event, through proxies that would gather them', async () => {
    const { read, viewers, left } = await open();
    const reader = await read('?household=h%C3%BCtte');
    expect(reader.status).toBe(200);
    expect(reader.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect(viewers[0]?.household).toBe('hütte');
    viewers[0]?.say({ kind: 'gone', room: 'a\nevent: b\r\n\ndata: c' });
    expect(await reader.until('gone')).toEqual({ kind: 'gone', room: 'a\nevent: b\r\n\ndata: c' });
    reader.close();
    await eventually(
      () => (left.length === 1 ? true : undefined),
      'the viewer gone',
      () => left,
    );
  });

  it('asks for the first household when none is named', async () => {
    const { read, viewers } = await open();
    const reader = await read();
    expect(viewers[0]?.household).toBeNull();
    reader.close();
  });

  it('is kept while nothing is said, beyond the time after which others are cut off', async () => {
    const { read, viewers } = await open({}, { stalledMs: 100 });
    const reader = await read();
    await wait(400);
    expect(reader.isOver()).toBe(false);
    viewers[0]?.say(GONE);
    await reader.until('gone');
    reader.close();
  });

  it('beats every 15 s, so that nothing in between takes it for dead', async () => {
    const beats: (() => void)[] = [];
    const clock = {
      ...systemClock,
      after: (milliseconds: number, work: () => void) => {
        if (milliseconds !== 15_000) return systemClock.after(milliseconds, work);
        beats.push(work);
        return () => {};
      },
    };
    const { port, viewers } = await open({ clock });
    const socket = connect(port, '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8').on('data', (piece: string) => {
      heard += piece;
    });
    socket.write(
      `GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${HEADERS.Authorization}\r\n\r\n`,
    );
    await eventually(
      () => viewers[0],
      'a viewer',
      () => viewers,
    );
    beats[0]?.();
    beats[1]?.();
    await eventually(
      () => (heard.split(':\n\n').length === 3 ? true : undefined),
      'two beats',
      () => heard,
    );
    // What comes after the end is not said, and breaks nothing.
    viewers[0]?.end();
    viewers[0]?.say(GONE);
    beats[2]?.();
    await eventually(
      () => (heard.endsWith('0\r\n\r\n') ? true : undefined),
      'an end',
      () => heard,
    );
    expect(heard).not.toContain('gone');
    socket.destroy();
  });

  it('is for 32 at once; the next one is told when to come again, and comes in when one has left', async () => {
    const { read, left } = await open();
    const readers = await Promise.all(Array.from({ length: 32 }, () => read()));
    expect(readers.map(({ status }) => status)).toEqual(Array.from({ length: 32 }, () => 200));
    const late = await read();
    expect([late.status, late.headers['retry-after']]).toEqual([503, '5']);
    readers[0]?.close();
    await eventually(
      () => (left.length === 1 ? true : undefined),
      'one gone',
      () => left,
    );
    const next = await read();
    expect(next.status).toBe(200);
    for (const reader of [...readers, next]) reader.close();
  });

  it('cuts off who does not read', async () => {
    const { port, viewers, left } = await open();
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    socket.write(
      `GET /api/live HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${HEADERS.Authorization}\r\n\r\n`,
    );
    await eventually(
      () => viewers[0],
      'a viewer',
      () => viewers,
    );
    const long: LiveMessage = { kind: 'gone', room: 'x'.repeat(100_000) };
    let said = 0;
    for (; said < 1_000 && left.length === 0; said += 1) {
      viewers[0]?.say(long);
      await wait(1);
    }
    // What the kernel takes for him, and a megabyte.
    expect(said).toBeLessThan(300);
    expect(left).toEqual([1]);
    socket.destroy();
  });

  it('ends when the house closes, and is not opened again', async () => {
    const { read, viewers } = await open();
    const reader = await read();
    viewers[0]?.end();
    await eventually(
      () => (reader.isOver() ? true : undefined),
      'an end',
      () => reader.messages,
    );
    const closing = await open({ live: { open: () => null } });
    const late = await closing.read();
    await eventually(
      () => (late.isOver() ? true : undefined),
      'an end',
      () => late.messages,
    );
  });

  it('takes GET alone', async () => {
    const { visit } = await open();
    for (const method of ['HEAD', 'POST', 'DELETE']) {
      const answer = await visit('/api/live', { method });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET']);
    }
  });
});
