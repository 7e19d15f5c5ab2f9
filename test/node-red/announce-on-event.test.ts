import { expect, it } from 'vitest';
import { eventually } from '../e2e/house.ts';
import { onStage, type Stage } from './stage.ts';

const DEVICE = 'house/washing-machine';
const LIFE = 'house/washing-machine/announcement';
const COMMAND = 'sonos/home/kitchen/set/announce';
const HEARD = ['queued', 'sent', 'playing', 'done'];

/** What the flow told of a room, in the order it did. */
const lifeIn = ({ told }: Stage, id: unknown, room: string) =>
  told(LIFE).filter((step) => step.id === id && step.room === room);

async function ends(stage: Stage, id: unknown, room: string): Promise<Record<string, unknown>[]> {
  await eventually(
    () => (/done|failed/.test(String(lifeIn(stage, id, room).at(-1)?.status)) ? true : undefined),
    `the end of ${id} in the ${room}`,
    () => stage.told(LIFE),
    20_000,
  );
  return lifeIn(stage, id, room);
}

// When it starts, the broker holds an old "done".
const options = { needsSpeech: true, old: [DEVICE, 'done'] } as const;

onStage(['announce-on-event'], options, (stage) => {
  it('is heard in its rooms when the device says so, and followed to its end', async () => {
    const { house, observer, told, tells } = stage();
    // Neither the message of before the start nor the same once more is news; running is not done.
    for (const word of ['done', 'running', 'done', 'done']) await observer.send(DEVICE, word);
    const [command] = await tells(COMMAND, 1);
    expect(command).toEqual({
      text: 'The washing machine has finished.',
      before: 'soft',
      volume: 30,
      rooms: ['office'],
      id: expect.stringMatching(/^washing-machine-\d+$/),
    });
    for (const room of ['kitchen', 'office']) {
      const life = await ends(stage(), command?.id, room);
      expect(life).toEqual(HEARD.map((status) => ({ id: command?.id, room, status })));
    }
    expect(told(COMMAND)).toHaveLength(1);
    const { heard } = house.sonos;
    expect(heard.map(({ room, volume, outcome }) => `${room} ${volume} ${outcome}`).sort()).toEqual([
      'Kitchen 30 DONE',
      'Office 30 DONE',
    ]);
  });

  it('tells once, and why, when a room does not hear it', async () => {
    const { house, nodeRed, observer, told, tells } = stage();
    const since = house.sonos.heard.length;
    house.sonos.world.unplug('Office');
    await observer.holds('sonos/home/office/availability', 'offline');
    for (const word of ['running', 'done']) await observer.send(DEVICE, word);
    const command = (await tells(COMMAND, 2)).at(-1);
    const office = await ends(stage(), command?.id, 'office');
    expect(office).toEqual([
      { id: command?.id, room: 'office', status: 'failed', why: expect.stringContaining('offline') },
    ]);
    const kitchen = await ends(stage(), command?.id, 'kitchen');
    expect(kitchen.map(({ status }) => status)).toEqual(HEARD);
    expect(lifeIn(stage(), command?.id, 'office')).toHaveLength(1);
    expect(house.sonos.heard.slice(since).map(({ room }) => room)).toEqual(['Kitchen']);
    expect(nodeRed.saidBy('not heard')).toBe(1);
    // What is announced by others is not its business.
    await observer.send('sonos/home/bedroom/set/announce', JSON.stringify({ chime: true, id: 'other' }));
    await observer.until(
      ({ topic, payload }) => topic === 'sonos/home/bedroom/event' && payload.includes('"done"'),
      'the end of the other one',
    );
    expect(told(LIFE).filter(({ room }) => room === 'bedroom')).toEqual([]);
  });

  it('tells once, too, what the bridge tells twice: as an event and as the answer', async () => {
    const { house, nodeRed, observer, told, tells } = stage();
    const before = nodeRed.saidBy('not heard');
    house.sonos.failNext({
      match: /audioClip$/,
      answer: { status: 499, body: { errorCode: 'ERROR_NO_MOOD' } },
    });
    for (const word of ['running', 'done']) await observer.send(DEVICE, word);
    const command = (await tells(COMMAND, 3)).at(-1);
    const isRefusal = ({ id, status }: Record<string, unknown>) => id === command?.id && status === 'failed';
    await eventually(
      () =>
        ['event', 'reply'].every((part) => told(`sonos/home/kitchen/${part}`).some(isRefusal))
          ? true
          : undefined,
      'both',
      () => told(/kitchen\/(event|reply)$/),
    );
    // What is told to a flow later is behind it.
    await observer.send('sonos/home/kitchen/set/announce', JSON.stringify({ chime: true, id: 'last' }));
    await observer.until(
      ({ topic, payload }) => topic === 'sonos/home/kitchen/event' && /"last".*"done"/.test(payload),
      'the end of another one',
    );
    const life = await ends(stage(), command?.id, 'kitchen');
    expect(life.filter(({ status }) => status === 'failed')).toHaveLength(1);
    expect(life.at(-1)).toMatchObject({ status: 'failed', why: expect.stringMatching(/\S/) });
    // The office is still away.
    expect(nodeRed.saidBy('not heard')).toBe(before + 2);
  });
});
