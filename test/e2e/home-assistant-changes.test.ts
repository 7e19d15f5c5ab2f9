import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { list, track } from '../../src/sim/index.ts';
import { builtProgram } from '../support/built-program.ts';
import { type Entity, told } from '../support/home-assistant/entity.ts';
import { HomeAssistant } from '../support/home-assistant/home-assistant.ts';
import { houseFaults } from '../support/home-assistant/house-rules.ts';
import { Jinja, jinjaIsInstalled } from '../support/home-assistant/jinja.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { linkInBrowser, openPlace } from './daemon.ts';
import { householdOf, isAllThere, of, shows } from './home-assistant-house.ts';
import { cleared, eventually, flowing, isPassing, Observer, type RunningHouse, startHouse } from './house.ts';

const BUILT_WITHIN_MS = 150_000;
const ALBUM = 'Salt and Rope';
const ROOMS = ['Kitchen', 'Bathroom', 'Office'];
/** Home Assistant has this long for its birth message to be answered. */
const BIRTH_MS = 20_000;
/** So many seconds of the bridge pass in one of the test. */
const HURRY = 5;
/** A name that means something in JSON, in templates and in topics. */
const ODD = `Bö/s "Stu'b\\e" {{ 1 }} %} # +`;

const tune = track('Tide Table', 'Mattis Ekholm', ALBUM, 198);

const ids = (all: readonly Entity[]): string[] =>
  all.map(({ uniqueId, entityId }) => `${uniqueId} ${entityId}`).sort();
/** A trigger of a device is always there. */
const isEntity = ({ platform }: Entity): boolean => platform !== 'device_automation';
const topicsOf = (all: readonly Entity[]): string[] => all.flatMap((it) => it.topics());

describe.skipIf(!jinjaIsInstalled || !mosquittoIsInstalled)('a house that changes, in Home Assistant', () => {
  const clock = createHurriedClock();
  const jinja = new Jinja();
  let mosquitto: Mosquitto;
  let house: RunningHouse;
  let observer: Observer;
  let home: HomeAssistant;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    house = await startHouse({
      clock,
      brokerPort: mosquitto.port,
      // As long as it is for everybody, on the clock of this house.
      settings: { commands: { confirm_seconds: 8 * HURRY } },
      sonos: { households: [householdOf(ROOMS)] },
    });
    observer = await Observer.connect(mosquitto.port, {}, '#');
    home = await HomeAssistant.connect(mosquitto.port, jinja);
    await flowing(house);
    await shows(home, (all) => ROOMS.every((room) => of(all, room).length > 0), 'every room');
    await shows(home, (all) => isAllThere(home, all), 'everything there');
    // Changes are gathered for a while before devices are told again.
    clock.rate(HURRY);
  });

  afterAll(async () => {
    await Promise.all([home?.stop(), observer?.end()]);
    await house?.stop();
    await Promise.all([mosquitto?.stop(), jinja.stop()]);
  });

  // Each test is about what happens in it.
  beforeEach(() => {
    home.log.length = 0;
  });

  const discovered = (): string[] => [...observer.topics.keys()].filter((each) => each.endsWith('/config'));

  it('is told again when Home Assistant comes up, devices first and then states', async () => {
    const since = observer.messages.length;
    const before = clock.elapsed();
    const topics = new Set([...observer.topics.keys()].filter((topic) => !isPassing(topic)));
    await home.comeUp();
    const again = () => observer.messages.slice(since).map(({ topic }) => topic);
    await eventually(() => again().find((topic) => topic.endsWith('/config')), 'a device', again);
    clock.rate(1);
    await eventually(
      () => ([...topics].every((topic) => again().includes(topic)) ? true : undefined),
      'everything again',
      () => [...topics].filter((topic) => !again().includes(topic)),
    );
    expect(clock.elapsed() - before).toBeLessThan(BIRTH_MS);
    clock.rate(HURRY);
    const order = again();
    const lastDevice = order.findLastIndex((topic) => topic.endsWith('/config'));
    const states = [...topics].filter((topic) => !topic.startsWith('homeassistant/'));
    expect(states.filter((topic) => order.lastIndexOf(topic) < lastDevice)).toEqual([]);
    expect(home.log).toEqual([]);
  });

  it('keeps its entities when a room gets another name, and leads nowhere old', async () => {
    const before = ids(await home.look());
    house.sonos.world.rename('Office', 'Study');
    const all = await shows(
      home,
      (them) =>
        of(them, 'Office').length === 0 || topicsOf(them).every((topic) => !topic.includes('/office')),
      'the new name',
    );
    await cleared(observer, 'sonos/home/office');
    expect(ids(all)).toEqual(before);
    expect(topicsOf(all).filter((topic) => topic.includes('/office'))).toEqual([]);
    await shows(home, (them) => isAllThere(home, them), 'everything there');
    house.sonos.world.setVolume('Study', 47);
    await shows(home, (them) => them.some(({ state }) => state === '47'), 'its volume');
    const devices = [...home.configs.values()].map((payload) => JSON.parse(payload).device.name);
    expect(devices.sort()).toEqual(['Bathroom', 'Kitchen', 'Sonos MQTT bridge', 'Study']);
    const volume = all.find((it) => told(it.spec, 'command_topic') === 'sonos/home/study/set/volume');
    if (volume === undefined) throw new Error('expected a volume');
    await home.call(volume, { call: 'set_value', value: 21 });
    await shows(home, () => volume.state === '21', 'the new volume');
    expect(await houseFaults(home.configs, jinja)).toEqual([]);
    expect(home.log).toEqual([]);
  });

  it('takes names that mean something elsewhere, are long, or are had twice', async () => {
    const { world } = house.sonos;
    world.rename('Study', ODD);
    world.addFavorite({ name: ODD, source: list(ODD, 'playlist', [tune]) });
    world.renameFavorite('Lark One', 'None');
    world.renameFavorite('Village Stream', `${'very '.repeat(60)}long`);
    const select = (all: readonly Entity[], command: string, option: string): Entity | undefined =>
      all.find(
        ({ spec }) =>
          Array.isArray(spec.options) &&
          spec.options.includes(option) &&
          told(spec, 'unique_id')?.endsWith(command) === true &&
          told(spec, 'command_topic')?.startsWith('sonos/home/kitchen/') === true,
      );
    const all = await shows(
      home,
      (them) => ['join', 'favorite'].every((command) => select(them, command, ODD) !== undefined),
      'the odd name to choose',
    );
    expect(await houseFaults(home.configs, jinja)).toEqual([]);
    for (const command of ['favorite', 'join']) {
      const entity = select(all, command, ODD);
      if (entity === undefined) throw new Error('expected an option');
      await home.call(entity, { call: 'select_option', option: ODD });
      await shows(home, () => entity.state === ODD, `${command} to be ${ODD}`);
    }
    world.ungroup('Kitchen');
    world.rename(ODD, 'Kitchen');
    await shows(
      home,
      (them) => them.filter(({ entityId }) => entityId.endsWith('state')).length === 3,
      'three rooms',
    );
    await eventually(
      () =>
        observer.json('sonos/home').rooms?.toString() === 'bathroom,kitchen,kitchen-2' ? true : undefined,
      'both',
      () => observer.json('sonos/home'),
    );
    expect(await houseFaults(home.configs, jinja)).toEqual([]);
    expect(home.log).toEqual([]);
  });

  it('takes a name with white space around it, which no state can have', async () => {
    const { world } = house.sonos;
    const kept = 'Morning Coffee';
    world.renameFavorite(kept, ` ${ALBUM}  `);
    const offered = (all: readonly Entity[]): string => JSON.stringify(all.map(({ spec }) => spec.options));
    try {
      await shows(home, (all) => !offered(all).includes(kept), 'another name');
      expect(await houseFaults(home.configs, jinja)).toEqual([]);
      expect(home.log).toEqual([]);
    } finally {
      world.renameFavorite(` ${ALBUM}  `, kept);
      await shows(home, (all) => offered(all).includes(kept), 'its name');
    }
  });

  it('loses an entity that has nothing to choose from any more, and gets it back under its id', async () => {
    const { world } = house.sonos;
    const before = ids(await home.look());
    const lists = ['Dinner for Five', 'Everything Slow'];
    for (const name of lists) world.removePlaylist(name);
    // Left out of its device's payload it would stay, as it does in the real Home Assistant.
    const less = await shows(home, (all) => ids(all).length === before.length - ROOMS.length, 'no playlists');
    expect(JSON.stringify(less.map(({ spec }) => spec))).not.toContain('Dinner for Five');
    for (const name of lists) world.addPlaylist({ name, tracks: [tune] });
    await shows(home, (all) => ids(all).length === before.length, 'playlists');
    expect(ids(await home.look())).toEqual(before);
    expect(await houseFaults(home.configs, jinja)).toEqual([]);
    expect(home.log).toEqual([]);
  });

  it('loses a room that left and was forgotten, without a ghost', async () => {
    const before = (await home.look()).length;
    const topics = discovered().length;
    house.sonos.world.unplug('Bathroom');
    // Only that it is away is still told of it.
    const isAway = (it: Entity): boolean =>
      it.spec.device_class === 'connectivity' ? it.state === 'off' : !isEntity(it) || !home.isAvailable(it);
    const gone = await shows(home, (all) => of(all, 'Bathroom').every(isAway), 'it to be away');
    expect(of(gone, 'Bathroom').filter((it) => isEntity(it) && home.isAvailable(it))).toHaveLength(1);
    expect(of(gone, 'Kitchen').some((it) => home.isAvailable(it))).toBe(true);
    const answers = await observer.command('sonos/bridge/set/forget', 'home/bathroom', 'sonos/bridge/reply');
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    const left = await shows(home, (all) => of(all, 'Bathroom').length === 0, 'no such device');
    await cleared(observer, 'sonos/home/bathroom');
    expect(left.length).toBeLessThan(before);
    await eventually(
      () => (discovered().length === topics - 1 ? true : undefined),
      'one topic less',
      discovered,
    );
    expect(topicsOf(left).filter((topic) => topic.includes('/bathroom'))).toEqual([]);
    // Nobody can choose it any more.
    await shows(
      home,
      (all) => !JSON.stringify(all.map(({ spec }) => spec)).includes('athroom'),
      'no word of it',
    );
    expect(await houseFaults(home.configs, jinja)).toEqual([]);
    expect(home.log).toEqual([]);
  });

  it('is gone when discovery is switched off', async () => {
    await house.restart({ home_assistant: { discovery: false } });
    await shows(home, (all) => all.length === 0, 'nothing');
    await eventually(() => (discovered().length === 0 ? true : undefined), 'no topic', discovered);
    expect(home.log).toEqual([]);
  });

  it('is away when the bridge is killed', { timeout: BUILT_WITHIN_MS }, async () => {
    await builtProgram();
    const place = await openPlace({
      mqtt: { url: mosquitto.url, base_topic: 'killed' },
      home_assistant: { prefix: 'killed-ha' },
    });
    const other = await HomeAssistant.connect(mosquitto.port, jinja, { prefix: 'killed-ha' });
    try {
      const daemon = await place.start();
      const { page } = await daemon.runs();
      await linkInBrowser(page);
      await shows(
        other,
        (all) => new Set(all.map(({ device }) => device)).size === 7 && isAllThere(other, all),
        'all rooms',
      );
      daemon.child.kill('SIGKILL');
      const all = await shows(
        other,
        (them) => them.every((it) => !isEntity(it) || !other.isAvailable(it)),
        'nothing there',
      );
      expect(all.length).toBeGreaterThan(100);
      expect(other.log).toEqual([]);
    } finally {
      await other.stop();
      await place.leave();
    }
  });
});
