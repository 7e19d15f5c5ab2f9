import { afterAll, describe, expect, it } from 'vitest';
import { accepts } from '../support/home-assistant/device-payload.ts';
import { EXAMPLE_TOPIC, example } from '../support/home-assistant/examples.ts';
import { houseFaults } from '../support/home-assistant/house-rules.ts';
import { Jinja, jinjaIsInstalled } from '../support/home-assistant/jinja.ts';

type Example = ReturnType<typeof example>;
type Part = Record<string, unknown>;

const jinja = new Jinja();
afterAll(() => jinja.stop());

/** The example with some keys of one of its components set, or taken away by `undefined`. */
const withKeys = (name: keyof Example['components'], keys: Part): Part => {
  const it = example();
  return { ...it, components: { ...it.components, [name]: { ...it.components[name], ...keys } } };
};
const withRoot = (keys: Part): Part => ({ ...example(), ...keys });
const withoutMode = (): Part => {
  const { availability_mode: _, ...rest } = example();
  return rest;
};

const faultsOf = (payload: unknown, topic = EXAMPLE_TOPIC): string[] =>
  accepts(topic, JSON.stringify(payload));

const names = (count: number, of: (index: number) => string): string[] =>
  Array.from({ length: count }, (_, index) => of(index));

const wrong: readonly (readonly [string, Part, string])[] = [
  ['an unknown key at the root', withRoot({ qos: 1, '~': 'house' }), 'root: Unrecognized key: "~"'],
  ['the short key of the components', withRoot({ cmps: {} }), 'root: Unrecognized key: "cmps"'],
  ['no device', withRoot({ device: undefined }), 'device: Invalid'],
  [
    'a device without an id',
    withRoot({ device: { name: 'Kitchen' } }),
    'neither identifiers nor connections',
  ],
  ['an unknown key of the device', withRoot({ device: { ...example().device, area: 'x' } }), '"area"'],
  ['no origin', withRoot({ origin: undefined }), 'origin: Invalid'],
  ['an origin without a name', withRoot({ origin: { sw_version: '1' } }), 'origin.name'],
  [
    'a support address that is null',
    withRoot({ origin: { name: 'x', support_url: null } }),
    'origin.support_url',
  ],
  [
    'both forms of availability',
    withRoot({ availability_topic: 'house/availability' }),
    'root: both availability',
  ],
  [
    'the other form of availability at a component',
    withKeys('play', { availability_topic: 'a' }),
    'from the device',
  ],
  ['several topics where the latest wins', withoutMode(), 'the latest would win'],
  [
    'a media player',
    withKeys('play', { platform: 'media_player' }),
    'components.play: no platform media_player',
  ],
  ['no platform', withKeys('play', { platform: undefined }), 'components.play.platform'],
  [
    'a short key of a component',
    withKeys('play', { cmd_t: 'x' }),
    'components.play: root: Unrecognized key: "cmd_t"',
  ],
  ['no unique_id', withKeys('play', { unique_id: undefined }), 'components.play: no unique_id'],
  ['the same unique_id twice', withKeys('play', { unique_id: 'A0B0C0_mute' }), 'A0B0C0_mute is there twice'],
  ['the option object_id', withKeys('play', { object_id: 'x' }), '"object_id"'],
  [
    'an id of another platform',
    withKeys('volume', { default_entity_id: 'sensor.x' }),
    'is not number.<slug>',
  ],
  [
    'an id that is no slug',
    withKeys('volume', { default_entity_id: 'number.Küche' }),
    'is not number.<slug>',
  ],
  ['a trigger with an id', withKeys('trigger', { unique_id: 'x' }), 'components.trigger: root'],
  [
    'a name that repeats the device',
    withKeys('volume', { name: 'Kitchen volume' }),
    'begins with the device',
  ],
  ['no command topic', withKeys('volume', { command_topic: undefined }), 'command_topic'],
  ['a wildcard in a state topic', withKeys('volume', { state_topic: 'house/+/volume' }), 'has a wildcard'],
  ['a wildcard in a command topic', withKeys('volume', { command_topic: 'house/#' }), 'has a wildcard'],
  ['an empty level', withKeys('volume', { state_topic: 'house//volume' }), 'has an empty level'],
  [
    'a control character in a topic',
    withKeys('volume', { state_topic: 'house/\u0085' }),
    'control character',
  ],
  ['an enum with a unit', withKeys('state', { unit_of_measurement: '%' }), 'of class enum has a unit'],
  ['an enum with a state class', withKeys('state', { state_class: 'measurement' }), 'has a state_class'],
  ['options without enum', withKeys('state', { device_class: null }), 'options without device_class enum'],
  ['an enum without options', withKeys('state', { options: undefined }), 'enum without options'],
  ['a class of another platform', withKeys('there', { device_class: 'enum' }), 'device_class'],
  [
    'a duration in metres',
    withKeys('state', { device_class: 'duration', options: undefined }),
    'not measured',
  ],
  ['a sensor as configuration', withKeys('state', { entity_category: 'config' }), 'no configuration'],
  ['an unknown category', withKeys('play', { entity_category: 'system' }), 'entity_category'],
  ['an icon without a set', withKeys('state', { icon: 'speaker' }), 'no icon'],
  [
    'attributes of nothing',
    withKeys('state', { json_attributes_topic: undefined }),
    'without json_attributes_topic',
  ],
  ['min above max', withKeys('volume', { min: 100, max: 0 }), 'min is not below max'],
  ['a step of nothing', withKeys('volume', { step: 0 }), 'step'],
  ['a number in quotes', withKeys('volume', { max: '100' }), 'max: Invalid input'],
  ['a payload that is no text', withKeys('mute', { payload_on: true }), 'payload_on'],
  ['a quality of service of 3', withKeys('mute', { qos: 3 }), 'qos'],
  ['retained commands', withKeys('mute', { retain: true }), 'to be retained'],
  ['a text of 300 characters', withKeys('say', { max: 300 }), 'max'],
  ['a pattern that is none', withKeys('say', { pattern: '(' }), 'no regular expression'],
  ['an option twice', withKeys('favorite', { options: ['Jazz', 'Jazz'] }), 'an option is there twice'],
  ['no options', withKeys('favorite', { options: [] }), 'options'],
  [
    'an option that no state can be',
    withKeys('favorite', { options: ['x'.repeat(256)] }),
    'longer than a state',
  ],
  ['an option that means unknown', withKeys('favorite', { options: ['None'] }), 'takes for unknown'],
  ['an option with a space behind it', withKeys('favorite', { options: ['Jazz '] }), 'white space'],
  [
    'more options than can be recorded',
    withKeys('favorite', { options: names(999, (n) => `station ${n} ${n}`) }),
    'too many',
  ],
  ['a tone that is a number', withKeys('chime', { available_tones: ['101'] }), 'taken for a number'],
  ['no event types', withKeys('happened', { event_types: undefined }), 'event_types'],
  [
    'two topics of an image',
    withKeys('cover', { image_topic: 'house/bytes' }),
    'both url_topic and image_topic',
  ],
  ['no topic of an image', withKeys('cover', { url_topic: undefined }), 'neither url_topic nor image_topic'],
  [
    'a content type of an address',
    withKeys('cover', { content_type: 'image/png' }),
    'content_type with url_topic',
  ],
  ['an action as a trigger', withKeys('trigger', { automation_type: 'action' }), 'automation_type'],
  ['a trigger without a subtype', withKeys('trigger', { subtype: undefined }), 'subtype'],
];

describe('a device payload', () => {
  it('is taken with every platform that we use', () => {
    expect(faultsOf(example())).toEqual([]);
  });

  it('is taken with a component that is only to be removed', () => {
    expect(
      faultsOf(withRoot({ components: { old: { platform: 'sensor' }, ...example().components } })),
    ).toEqual([]);
  });

  it.each(wrong)('is refused with %s', (_, payload, reason) => {
    const faults = faultsOf(payload);
    // Nothing else is wrong with it, so that each is refused for its own reason.
    expect(faults).toEqual(expect.arrayContaining([expect.stringContaining(reason)]));
    const reasons = new Set(faults.map((fault) => fault.replace(/^components\.\w+: /, '')));
    expect([...reasons]).toHaveLength(1);
  });

  it.each([
    'homeassistant/device/Küche/config',
    'homeassistant/device/a b/config',
    'homeassistant/device/a/b/c/config',
    'homeassistant/device/a/configuration',
    'homeassistant/device/config',
    'other/device/a/config',
  ])('is refused at %s', (topic) => {
    expect(faultsOf(example(), topic)).toEqual([`${topic} is no discovery topic of a device`]);
  });

  it('is refused when it is no JSON, or longer than brokers take', () => {
    expect(accepts(EXAMPLE_TOPIC, '{"device": ')).toEqual([expect.stringContaining('root: Invalid input')]);
    expect(accepts(EXAMPLE_TOPIC, ' '.repeat(256 * 1024 + 1))).toEqual([
      expect.stringContaining('more than brokers'),
    ]);
  });
});

describe('a house of several devices', () => {
  const other = (changed: Part): ReadonlyMap<string, string> => {
    const text = JSON.stringify(example()).replaceAll('A0B0C0', 'F1F1F1').replaceAll('kitchen_', 'hall_');
    return new Map([
      [EXAMPLE_TOPIC, JSON.stringify(example())],
      ['homeassistant/device/speaker_F1F1F1/config', JSON.stringify({ ...JSON.parse(text), ...changed })],
    ]);
  };

  it('is taken when each has ids of its own', async () => {
    expect(await houseFaults(other({}), jinjaIsInstalled ? jinja : null)).toEqual([]);
  });

  it('is not when two claim an id, or one is reached by a device that is not there', async () => {
    const faults = await houseFaults(other({ device: { ...example().device, via_device: 'bridge' } }), null);
    expect(faults).toEqual([
      `device identifier speaker_A0B0C0 is claimed by ${EXAMPLE_TOPIC} and homeassistant/device/speaker_F1F1F1/config`,
      'device Kitchen is reached via bridge, which is not there',
    ]);
    const twins = withKeys('play', { unique_id: 'F1F1F1_play' });
    expect(await houseFaults(new Map([...other({}), [EXAMPLE_TOPIC, JSON.stringify(twins)]]), null)).toEqual([
      expect.stringContaining('unique_id F1F1F1_play is claimed by'),
    ]);
  });

  it.skipIf(!jinjaIsInstalled)('is not with a template that Jinja cannot read', async () => {
    for (const [template, reason] of [
      ['{{ value_json.volume', 'does not compile: unexpected end of template'],
      ['{% if value %}1', 'does not compile: Unexpected end of template'],
      ['{{ value | loudness }}', "does not compile: No filter named 'loudness'"],
    ] as const) {
      const payload = JSON.stringify(withKeys('volume', { value_template: template }));
      expect(await houseFaults(new Map([[EXAMPLE_TOPIC, payload]]), jinja)).toEqual([
        expect.stringContaining(`components.volume.value_template: ${reason}`),
      ]);
    }
  });
});

describe.skipIf(!jinjaIsInstalled)('a template', () => {
  const state = async (template: string, value: string) => {
    const [outcome] = await jinja.renderAll([{ template, value, as: 'state' }]);
    return outcome;
  };
  const command = async (template: string, value: string | number, variables = {}) => {
    const [outcome] = await jinja.renderAll([{ template, value, as: 'command', variables }]);
    return outcome?.text;
  };

  it('reads the payload, and its JSON when it is JSON', async () => {
    expect(await state('{{ value }}|{{ value_json.a }}', '{"a": [1, 2]}')).toMatchObject({
      text: '{"a": [1, 2]}|[1, 2]',
    });
    expect(await state('{{ value_json is defined }}', 'playing')).toMatchObject({ text: 'False' });
    expect(await state('{{ value_json + 1 }}', '41')).toMatchObject({ text: '42' });
  });

  it('speaks Python of what is true and of what is nothing', async () => {
    expect(await state('{{ value_json.on }} {{ value_json.what }}', '{"on": true, "what": null}')).toEqual({
      text: 'True None',
      fault: null,
      undefined: [],
    });
  });

  it('tells what it used that was not there, and fails where it looks into it', async () => {
    expect(await state('-{{ value_json.a }}-', '{}')).toMatchObject({
      text: '--',
      undefined: ["'dict object' has no attribute 'a'"],
    });
    expect(await state('{{ value_json.a }}', 'no json')).toMatchObject({ text: null, fault: /value_json/ });
    expect(await state('{{ value | int }}', 'x')).toMatchObject({ text: null, fault: /no default/ });
    expect(await state('{{ value | int(0) }}', 'x')).toMatchObject({ text: '0' });
  });

  it('cannot reach what is not its own', async () => {
    expect(await state("{{ ''.__class__.__mro__ }}", 'x')).toMatchObject({
      text: null,
      fault: /SecurityError/,
    });
  });

  it('drops white space around what it gives', async () => {
    expect(await state(' {{ value }} ', ' Jazz ')).toMatchObject({ text: 'Jazz' });
  });

  it('makes JSON of whatever somebody said', async () => {
    const said = `It's "late" \\ <b>küche</b> {{ value }} 🎵\n.`;
    for (const filter of ['to_json', 'tojson']) {
      const text = await command(`{{ {"text": value} | ${filter} }}`, said);
      expect(JSON.parse(text ?? '')).toEqual({ text: said });
    }
  });

  it('gets numbers as numbers, whole ones without a point, and levels as fractions', async () => {
    expect(await command('{{ value }}', 25)).toBe('25');
    expect(await command('{{ value }}', 0.5)).toBe('0.5');
    expect(
      await command('{{ (volume_level * 100) | round }} {{ volume_level }}', 'ON', { volume_level: 1 }),
    ).toBe('100 1.0');
  });

  it('sends what looks like bytes of Python as these bytes', async () => {
    expect(await command('{{ value }}', "b'hi'")).toBe('hi');
  });
});
