import { describe, expect, it } from 'vitest';
import type { Household } from '../../src/bridge/state.ts';
import type { FurtherPicture } from '../../src/mqtt/further-picture.ts';
import { FurtherPictures, type FurtherTopics } from '../../src/mqtt/further-pictures.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { house, regrouped } from '../support/house.ts';

/** A broker that acknowledges a clearing when it is told to. */
function brokerSide() {
  const kept = new Map<string, string>();
  const said: string[] = [];
  let acknowledge: (() => void)[] = [];
  return {
    kept,
    said,
    retain(topic: string, payload: string): void {
      said.push(`${topic}=${payload}`);
      kept.set(topic, payload);
    },
    async clear(topics: Iterable<string>): Promise<void> {
      const all = [...topics];
      await new Promise<void>((resolve) => acknowledge.push(resolve));
      for (const topic of all) kept.delete(topic);
    },
    async acknowledges(): Promise<void> {
      for (const done of acknowledge.splice(0)) done();
      acknowledge = [];
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A picture with one topic for each room, by name, and one for nobody. */
const namesPicture = (delayMs: number): FurtherPicture => ({
  name: 'names',
  delayMs,
  grounds: (household) => [household.rooms],
  draw: ({ rooms, alias }) =>
    new Map([...rooms.values()].map((room) => [`names/${alias}/${room.address}`, room.name])),
  fixed: () => new Map([['names', 'ours']]),
});

function setUp({ delayMs = 0, remembered = {}, isOn = true } = {}) {
  const clock = createFakeClock();
  const broker = brokerSide();
  const saved: FurtherTopics[] = [];
  const homes = new Map<string, Household>();
  const pictures = new FurtherPictures({
    ...{ clock, remembered, outbox: broker, save: (topics) => saved.push(topics) },
    pictures: isOn ? [namesPicture(delayMs)] : [],
    households: () => [...homes.values()],
  });
  pictures.start();
  const show = (home: Household): void => {
    homes.set(home.alias, home);
    pictures.show(home);
  };
  return { clock, broker, saved, pictures, show, homes, last: () => saved.at(-1) };
}

describe('a further picture of the house', () => {
  it('says what belongs to no household at once, and is remembered', () => {
    const { broker, last } = setUp();
    expect(broker.said).toEqual(['names=ours']);
    expect(last()).toEqual({ names: ['names'] });
  });

  it('is drawn when a household is known, and again only when its grounds are others', () => {
    const { broker, show } = setUp();
    const home = house(['Kitchen'], ['Den']);
    show({ ...home, topology: null });
    expect(broker.said).toEqual(['names=ours']);
    show(home);
    show({ ...home, stale: true });
    expect(broker.said).toHaveLength(3);
    expect(new Set(broker.said)).toEqual(
      new Set(['names=ours', 'names/home/kitchen=Kitchen', 'names/home/den=Den']),
    );
  });

  it('gathers changes for as long as it asks, so that nothing is said twice in a row', async () => {
    const { broker, clock, show } = setUp({ delayMs: 3_000 });
    show(house(['Kitchen']));
    await clock.advance(2_900);
    show(regrouped(house(['Kitchen']), [['Kitchen'], ['Den']]));
    expect(broker.said).toHaveLength(1);
    await clock.advance(100);
    expect(broker.said.slice(1).sort()).toEqual(['names/home/den=Den', 'names/home/kitchen=Kitchen']);
    show(house(['Kitchen']));
    await clock.advance(2_999);
    expect(broker.said).toHaveLength(3);
    await clock.advance(1);
    expect(broker.said).toHaveLength(4);
  });

  it('has no topic any more of what has no meaning any more, and forgets it once the broker has cleared it', async () => {
    const { broker, show, last } = setUp();
    show(house(['Kitchen'], ['Den']));
    const { rooms, ...rest } = house(['Kitchen'], ['Den']);
    const left = new Map([...rooms].filter(([, { address }]) => address !== 'den'));
    show({ ...rest, rooms: left });
    expect(last()?.names).toContain('names/home/den');
    await broker.acknowledges();
    expect([...broker.kept.keys()]).toEqual(['names', 'names/home/kitchen']);
    expect(last()?.names).toEqual(['names', 'names/home/kitchen']);
  });

  it('goes with its household', async () => {
    const { broker, show, pictures, last } = setUp();
    show(house(['Kitchen']));
    expect(pictures.has('names/home/kitchen')).toBe(true);
    pictures.drop('home');
    pictures.drop('nobody');
    await broker.acknowledges();
    expect([...broker.kept.keys()]).toEqual(['names']);
    expect(pictures.has('names/home/kitchen')).toBe(false);
    expect(last()).toEqual({ names: ['names'] });
  });

  it('that was dropped while it waited is never drawn', async () => {
    const { broker, clock, show, pictures } = setUp({ delayMs: 1_000 });
    show(house(['Kitchen']));
    pictures.drop('home');
    await clock.advance(1_000);
    expect(broker.said).toEqual(['names=ours']);
  });

  it('clears what an earlier run left behind, when every household is drawn and not before', async () => {
    const { broker, show, homes, last } = setUp({
      remembered: { names: ['names', 'names/home/attic', 'names/home-2/den'] },
    });
    homes.set('home-2', { ...house(['Den']), alias: 'home-2' });
    show(house(['Kitchen']));
    await broker.acknowledges();
    expect(last()?.names).toContain('names/home/attic');
    show({ ...house(['Den']), alias: 'home-2' });
    await broker.acknowledges();
    expect(last()?.names).toEqual(['names', 'names/home-2/den', 'names/home/kitchen']);
  });

  it('keeps a topic that is wanted again before the broker has cleared it', async () => {
    const { broker, show, pictures, last } = setUp();
    show(house(['Kitchen']));
    pictures.drop('home');
    show(house(['Kitchen']));
    await broker.acknowledges();
    expect(last()?.names).toContain('names/home/kitchen');
  });

  it('that is switched off is cleared, and forgotten then', async () => {
    const { broker, last } = setUp({ remembered: { names: ['names', 'names/home/den'] }, isOn: false });
    expect(last()).toBeUndefined();
    await broker.acknowledges();
    expect(last()).toEqual({});
  });

  it('draws nothing after the stop', async () => {
    const { broker, clock, show, pictures } = setUp({ delayMs: 1_000 });
    show(house(['Kitchen']));
    pictures.stop();
    await clock.advance(5_000);
    expect(broker.said).toEqual(['names=ours']);
  });
});
