import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Entity, told } from '../support/home-assistant/entity.ts';
import { HomeAssistant } from '../support/home-assistant/home-assistant.ts';
import { houseFaults } from '../support/home-assistant/house-rules.ts';
import { Jinja, jinjaIsInstalled } from '../support/home-assistant/jinja.ts';
import { findProgram } from '../support/programs.ts';
import { actionFor, CALLS, commandsAt, isSaid, stateAfterAction } from './entity-deeds.ts';
import { householdOf, isAllThere, of, shows } from './home-assistant-house.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const canSpeak = findProgram('espeak-ng') !== null;
const ALBUM = 'Salt and Rope';
/** Rooms of every kind: a speaker, a home theatre, one with line-in, one of fixed volume, one without clips. */
const ROOMS = ['Kitchen', 'Living Room', 'Office', 'Hi-Fi', 'Hall'];

/** Commands that call nothing at Sonos here. */
const WITHOUT_CALL = new Set([
  // Nothing is being announced.
  'cancel',
]);

/** What a command is answered where Sonos does not do it, and who knows that only when it is asked. */
const REFUSED: Readonly<Record<string, string>> = {
  // Its level is fixed in the Sonos app, which can be changed at any time; so its sliders stay.
  'Hi-Fi volume': 'not_capable',
  'Hi-Fi mute': 'not_capable',
  'Hi-Fi group_volume': 'not_capable',
  'Hi-Fi group_mute': 'not_capable',
  'Hi-Fi volume_limit': 'not_capable',
  // A speaker of the first generation has no settings; Sonos says so when they are asked for.
  'Hall volume_limit': 'accepted,sonos_error',
  'Hall mono': 'accepted,sonos_error',
};

interface Reply {
  readonly command: string;
  readonly status: string;
  readonly error?: { readonly code: string };
}

const slug = (room: string): string => room.toLowerCase().replaceAll(' ', '-');

describe.skipIf(!jinjaIsInstalled)('Home Assistant', () => {
  const jinja = new Jinja();
  let house: RunningHouse;
  let observer: Observer;
  let home: HomeAssistant;

  beforeAll(async () => {
    house = await startHouse({
      sonos: { households: [householdOf(ROOMS)], knobs: { bufferMs: 5, clipMs: 30, chimeMs: 30 } },
    });
    observer = await Observer.connect(house.brokerPort, {}, '#');
    home = await HomeAssistant.connect(house.brokerPort, jinja);
    await flowing(house);
    await shows(
      home,
      (all) => ROOMS.every((room) => all.some(({ device }) => device === room)),
      'every room',
    );
  });

  afterAll(async () => {
    await Promise.all([home?.stop(), observer?.end()]);
    await house?.stop();
    await jinja.stop();
  });

  it('takes every message, and has a device for every room and one for the bridge', async () => {
    expect(await houseFaults(home.configs, jinja)).toEqual([]);
    const all = await shows(home, (them) => isAllThere(home, them), 'all there');
    expect([...new Set(all.map(({ device }) => device))]).toHaveLength(ROOMS.length + 1);
    expect(home.log).toEqual([]);
  });

  it('shows what is so', async () => {
    const { world } = house.sonos;
    for (const name of ROOMS) world.playFavorite(name, ALBUM);
    world.mute('Kitchen', true);
    const all = await shows(
      home,
      (them) => {
        const playing = them.filter(({ state }) => state === 'playing');
        const covers = them.filter((it) => it.platform === 'image' && home.isAvailable(it));
        const muted = of(them, 'Kitchen').filter((it) => it.platform === 'switch' && it.state === 'on');
        return playing.length === ROOMS.length && covers.length === ROOMS.length && muted.length > 0;
      },
      'music and covers everywhere',
    );
    for (const it of all) {
      const topic = told(it.spec, 'command_topic') ?? '';
      const room = world.rooms().find(({ name }) => name === it.device);
      if (topic.endsWith('/volume')) expect(it.state).toBe(String(room?.volume));
      if (topic.endsWith('/mute')) expect(it.state).toBe(room?.muted ? 'on' : 'off');
    }
    expect(of(all, 'Office').map(({ state }) => state)).toEqual(
      expect.arrayContaining([ALBUM, 'Mattis Ekholm']),
    );
    world.mute('Kitchen', false);
  });

  /** The group plays the album, so that every command has something to do. */
  async function music(room: string): Promise<void> {
    const { source, state } = house.sonos.world.room(room);
    const named = source !== null && 'container' in source ? source.container?.name : null;
    if (named !== ALBUM || state !== 'PLAYBACK_STATE_PLAYING') house.sonos.world.playFavorite(room, ALBUM);
    await observer.holds(`sonos/home/${slug(room)}/source`, ALBUM);
    await observer.holds(`sonos/home/${slug(room)}/state`, 'playing');
  }

  async function settled(topic: string, command: string, since: number): Promise<readonly Reply[]> {
    const replies = (): Reply[] =>
      observer.messages
        .slice(since)
        .filter((seen) => seen.topic === topic)
        .map(({ payload }) => JSON.parse(payload))
        .filter((reply) => reply.command === command);
    await eventually(
      () => (replies().some(({ status }) => status !== 'accepted') ? true : undefined),
      `an answer to ${command} on ${topic}`,
      replies,
    );
    return replies();
  }

  /** Does something with an entity as a person would; gives what went wrong. */
  async function use(entity: Entity): Promise<string[]> {
    const action = actionFor(entity);
    if (action === null) return [`${entity.entityId} can do nothing`];
    const since = { messages: observer.messages.length, requests: house.sonos.requests.length };
    const { topic, payload } = await home.call(entity, action);
    const { address, commands } = commandsAt(topic, payload);
    const [command = '', ...others] = commands;
    if (others.length > 0) return [`${entity.entityId} sends several: ${commands}`];
    if (!isSaid(entity, action, payload)) return [`${entity.entityId} says ${payload}`];
    if (command === 'announce' && !canSpeak) return [];
    const replies = await settled(`${address}/reply`, command, since.messages);
    const statuses = String(replies.map(({ status, error }) => error?.code ?? status));
    const refusal = REFUSED[`${entity.device} ${command}`];
    if (refusal !== undefined && statuses === refusal) return [];
    if (statuses !== 'accepted,confirmed')
      return [`${entity.entityId}: ${payload} at ${topic} was answered ${JSON.stringify(replies.at(-1))}`];
    const { id } = house.sonos.world.rooms().find(({ name }) => name === entity.device) ?? { id: '' };
    const calls = () =>
      house.sonos.requests
        .slice(since.requests)
        .map(({ method, path }) => `${method} ${decodeURIComponent(path)}`)
        .filter(
          (call) => /^(group|join|leave)$/.test(command) || !/\/RINCON/.test(call) || call.includes(id),
        );
    if (!WITHOUT_CALL.has(command))
      await eventually(
        () => calls().find((call) => CALLS[command]?.test(call)),
        `a call for ${command}`,
        calls,
      );
    const state = stateAfterAction(entity, action);
    if (state !== null) await shows(home, () => entity.state === state, `${entity.entityId} to be ${state}`);
    return [];
  }

  const canAnnounce = (entities: readonly Entity[]): boolean =>
    entities.some(({ platform }) => platform === 'siren');
  const WRITABLE = ['button', 'number', 'notify', 'select', 'siren', 'switch', 'text'];

  it('does with each entity what the entity is for, and sees it done', { timeout: 60_000 }, async () => {
    const writable = (await home.look()).filter(({ platform }) => WRITABLE.includes(platform));
    expect(new Set(writable.map(({ platform }) => platform))).toEqual(new Set(WRITABLE));
    const faults: string[] = [];
    const work = async (entities: readonly Entity[]): Promise<void> => {
      for (const entity of entities) {
        if (ROOMS.includes(entity.device)) await music(entity.device);
        await home.look();
        faults.push(...(await use(entity)));
      }
    };
    // What changes the groups is done by itself; otherwise the rooms are used at the same time.
    const isGrouping = ({ entityId }: Entity): boolean => /_(group|join|leave)$/.test(entityId);
    const devices = [...new Set(writable.map(({ device }) => device))];
    await Promise.all(
      devices.map((device) => work(of(writable, device).filter((entity) => !isGrouping(entity)))),
    );
    await work(writable.filter(isGrouping));
    expect(faults).toEqual([]);
    // What was announced above is told by the event of its room, and set off its triggers.
    for (const room of ROOMS.filter((name) => canAnnounce(of(writable, name)))) {
      const heard = of(await home.look(), room).flatMap(({ platform, happened }) =>
        happened.map(({ type }) => `${platform} ${type}`),
      );
      expect(heard).toEqual(expect.arrayContaining(['event queued', 'event playing', 'event done']));
      expect(heard.some((each) => each.startsWith('device_automation '))).toBe(true);
    }
    expect(home.log).toEqual([]);
  });
});
