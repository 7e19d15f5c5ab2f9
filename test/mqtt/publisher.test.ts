import { describe, expect, it } from 'vitest';
import type { Ask, Reply } from '../../src/bridge/replies.ts';
import type { OneOff, Outbox } from '../../src/mqtt/outbox.ts';
import { createPublisher } from '../../src/mqtt/publisher.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { house, room, withEvent } from '../support/house.ts';
import { recordingLog } from './link-fixtures.ts';

/** An outbox that only writes down what it was handed; `order` has all of it as it came. */
function notebook(): Pick<Outbox, 'retain' | 'clear' | 'send' | 'whenRoom'> & {
  retained: [string, string][];
  cleared: string[];
  sent: OneOff[];
  order: string[];
  /** The broker has no room, and this waits for it. */
  isBehind: boolean;
  behind: (() => void)[];
} {
  const retained: [string, string][] = [];
  const cleared: string[] = [];
  const sent: OneOff[] = [];
  const order: string[] = [];
  return {
    ...{ retained, cleared, sent, order },
    retain(topic, payload) {
      order.push(topic);
      retained.push([topic, payload]);
    },
    async clear(topics) {
      order.push('clear');
      cleared.push(...topics);
    },
    send(message) {
      order.push(message.topic);
      sent.push(message);
    },
    whenRoom(work) {
      if (this.isBehind) this.behind.push(work);
      else work();
    },
    isBehind: false,
    behind: [],
  };
}

/** What is shown is drawn at the end of the turn. */
const turn = (): Promise<void> => Promise.resolve();

function setUp() {
  const outbox = notebook();
  const log = recordingLog();
  return {
    outbox,
    log,
    publisher: createPublisher({ topics: topicsOf('sonos'), outbox, log, clean: (text) => text }),
  };
}

const ask: Ask = {
  id: 'c-1',
  idIsSenders: true,
  command: 'volume',
  household: 'home',
  room: 'kitchen',
  responseTo: null,
  expiresAt: null,
  lifeMs: Number.POSITIVE_INFINITY,
  since: 0,
};
const reply: Reply = { id: 'c-1', command: 'volume', room: 'kitchen', status: 'confirmed', elapsed_ms: 12 };
const json = { contentType: 'application/json' };

describe('a household that is shown', () => {
  it('is retained whole at first, then only where it changed', async () => {
    const { outbox, publisher } = setUp();
    const home = house(['Kitchen'], ['Den']);
    publisher.show(home);
    await turn();
    expect(outbox.retained.map(([topic]) => topic)).toContain('sonos/home/den/availability');
    outbox.retained.length = 0;
    publisher.show(withEvent(home, 'Kitchen', 'playerVolume', 'playerVolume', { volume: 9 }));
    await turn();
    expect(outbox.retained).toContainEqual(['sonos/home/kitchen/volume', '9']);
    expect(outbox.retained.filter(([topic]) => topic.startsWith('sonos/home/den'))).toEqual([]);
    expect(outbox.sent).toEqual([]);
  });

  it('often in one turn is drawn once, as it was last; two households do not get in each other’s way', async () => {
    const { outbox, publisher } = setUp();
    const home = house(['Kitchen']);
    const other = { ...house(['Den']), id: 'Sonos_other', alias: 'home-2' };
    for (let volume = 1; volume <= 50; volume += 1)
      publisher.show(withEvent(home, 'Kitchen', 'playerVolume', 'playerVolume', { volume }));
    publisher.show(other);
    expect(outbox.order).toEqual([]);
    await turn();
    const volumes = outbox.retained.filter(([topic]) => topic === 'sonos/home/kitchen/volume');
    expect(volumes).toEqual([['sonos/home/kitchen/volume', '50']]);
    expect(outbox.order).toContain('sonos/home-2/den/availability');
  });

  it('often while the broker is behind is drawn once, as it was last, when there is room', async () => {
    const { outbox, publisher } = setUp();
    const home = house(['Kitchen']);
    outbox.isBehind = true;
    for (let volume = 1; volume <= 5; volume += 1) {
      publisher.show(withEvent(home, 'Kitchen', 'playerVolume', 'playerVolume', { volume }));
      await turn();
    }
    expect(outbox.order).toEqual([]);
    for (const draw of outbox.behind) draw();
    const volumes = outbox.retained.filter(([topic]) => topic === 'sonos/home/kitchen/volume');
    expect(volumes).toEqual([['sonos/home/kitchen/volume', '5']]);
  });

  it('is there before anything is said about it', () => {
    const home = house(['Kitchen']);
    const said: readonly ((publisher: ReturnType<typeof setUp>['publisher']) => unknown)[] = [
      (publisher) => publisher.answer(ask, reply),
      (publisher) => publisher.happened(home, room(home, 'Kitchen'), { event_type: 'clip' }),
      (publisher) => publisher.clear(['home/den']),
    ];
    for (const say of said) {
      const { outbox, publisher } = setUp();
      publisher.show(home);
      say(publisher);
      expect(outbox.order[0]).toMatch(/^sonos\/home/);
      expect(outbox.order.at(-1)).toMatch(/reply|event|clear/);
    }
  });

  it('is drawn anew under an alias that was cleared', async () => {
    const { outbox, publisher } = setUp();
    const home = house(['Kitchen']);
    publisher.show(home);
    await publisher.clear(['home', 'home/kitchen']);
    expect(outbox.cleared).toContain('sonos/home');
    expect(outbox.cleared).toContain('sonos/home/kitchen/volume');
    outbox.retained.length = 0;
    publisher.show(home);
    await turn();
    expect(outbox.retained.map(([topic]) => topic)).toContain('sonos/home/kitchen');
  });
});

describe('a secret in what senders and Sonos say', () => {
  const SECRET = 'c4nary-0123456789';
  const clean = (text: string): string => text.replaceAll(SECRET, '[secret]');

  function careful() {
    const outbox = notebook();
    const log = recordingLog();
    return { outbox, log, publisher: createPublisher({ topics: topicsOf('sonos'), outbox, log, clean }) };
  }

  it('is not in the answer, whatever part of it it stands in', () => {
    const { outbox, publisher } = careful();
    const error = {
      code: 'sonos_error',
      message: `Sonos answered ${SECRET}.`,
      sonos: { status: 499, error_code: SECRET, reason: `{"token":"${SECRET}"}` },
    } as const;
    publisher.answer({ ...ask, id: SECRET }, { ...reply, id: SECRET, command: SECRET, room: SECRET, error });
    expect(outbox.sent).toHaveLength(1);
    expect(outbox.sent[0]?.payload).not.toContain(SECRET);
    expect(JSON.parse(outbox.sent[0]?.payload ?? '')).toMatchObject({
      ...{ id: '[secret]', command: '[secret]', room: '[secret]', elapsed_ms: 12 },
      error: { sonos: { status: 499, error_code: '[secret]' } },
    });
  });

  it('is not in the topic of the answer, which stays where it was', () => {
    const { outbox, publisher } = careful();
    publisher.answer({ ...ask, room: SECRET }, reply);
    publisher.answer({ ...ask, household: SECRET }, reply);
    expect(outbox.sent.map(({ topic }) => topic)).toEqual([
      'sonos/home/[secret]/reply',
      'sonos/[secret]/kitchen/reply',
    ]);
  });

  it('makes a response topic one that is not allowed', () => {
    const { outbox, log, publisher } = careful();
    publisher.answer({ ...ask, responseTo: { topic: `x/${SECRET}`, correlationData: null } }, reply);
    expect(outbox.sent.map(({ topic }) => topic)).toEqual(['sonos/home/kitchen/reply']);
    expect(JSON.stringify(log.lines)).toContain('not allowed');
    expect(JSON.stringify(log.lines)).not.toContain(SECRET);
  });

  it('is not in what happened', () => {
    const { outbox, publisher } = careful();
    const home = house(['Kitchen']);
    publisher.happened(home, room(home, 'Kitchen'), { event_type: 'playback_error', reason: SECRET });
    expect(outbox.sent[0]?.payload).toBe('{"event_type":"playback_error","reason":"[secret]"}');
  });
});

describe('an answer', () => {
  it('goes to the room’s reply topic, or to the bridge’s', () => {
    const { outbox, publisher } = setUp();
    publisher.answer(ask, reply);
    publisher.answer({ ...ask, household: 'bridge', room: null }, reply);
    const payload = JSON.stringify(reply);
    expect(outbox.sent).toEqual([
      { topic: 'sonos/home/kitchen/reply', payload, ...json },
      { topic: 'sonos/bridge/reply', payload, ...json },
    ]);
    expect(outbox.retained).toEqual([]);
  });

  it('goes to the response topic as well, with its correlation data', () => {
    const { outbox, log, publisher } = setUp();
    const correlationData = new Uint8Array([1, 2]);
    publisher.answer({ ...ask, responseTo: { topic: 'node-red/answers', correlationData } }, reply);
    const payload = JSON.stringify(reply);
    expect(outbox.sent).toEqual([
      { topic: 'sonos/home/kitchen/reply', payload, ...json },
      { topic: 'node-red/answers', payload, correlationData, ...json },
    ]);
    expect(log.lines).toEqual([]);
  });

  it.each([
    '',
    'sonos',
    'sonos/home/kitchen/volume',
    'sonos/bridge/set/forget',
    '$SYS/x',
    'a/+/b',
    'a/#',
    'a\u0000',
  ])('never goes to %j', (topic) => {
    const { outbox, log, publisher } = setUp();
    publisher.answer({ ...ask, responseTo: { topic, correlationData: null } }, reply);
    expect(outbox.sent.map((message) => message.topic)).toEqual(['sonos/home/kitchen/reply']);
    expect(log.said()).toHaveLength(1);
  });

  it('may go to a topic that only looks like ours', () => {
    const { outbox, publisher } = setUp();
    publisher.answer({ ...ask, responseTo: { topic: 'sonosphere/x', correlationData: null } }, reply);
    expect(outbox.sent.map((message) => message.topic)).toContain('sonosphere/x');
  });
});

it('what happens, the bridge’s state and its log go where the contract says, and only the state is retained', () => {
  const { outbox, publisher } = setUp();
  const home = house(['Kitchen']);
  publisher.happened(home, room(home, 'Kitchen'), { event_type: 'clip', id: 'x' });
  publisher.log({ level: 'warn', message: 'Look.' });
  publisher.bridgeState({ version: '1' });
  publisher.showPresets([{ name: 'dinner', household: null, from: 'settings' }]);
  expect(outbox.sent).toEqual([
    { topic: 'sonos/home/kitchen/event', payload: '{"event_type":"clip","id":"x"}', ...json },
    { topic: 'sonos/bridge/log', payload: '{"level":"warn","message":"Look."}', ...json },
  ]);
  expect(outbox.retained).toEqual([
    ['sonos/bridge/state', '{"version":"1"}'],
    ['sonos/bridge/presets', '{"items":[{"name":"dinner","household":null,"from":"settings"}]}'],
  ]);
});
