import { z } from 'zod';
import { DEVICE_CLASSES } from './device-classes.ts';
import { eventTypes, icon, options, qos, seconds, template, text, tones, topic, url } from './values.ts';

// The keys of every component of a device payload, long ones only. Home Assistant drops a key that it does not know;
// here it is a mistake, as nobody writes one down to have it dropped.

/** When an entity is there: a list of topics, or one topic. */
export const availability = {
  availability: z
    .array(
      z.strictObject({
        topic,
        payload_available: text.optional(),
        payload_not_available: text.optional(),
        value_template: template.optional(),
      }),
    )
    .min(1)
    .optional(),
  availability_mode: z.enum(['all', 'any', 'latest']).optional(),
  availability_topic: topic.optional(),
  availability_template: template.optional(),
  payload_available: text.optional(),
  payload_not_available: text.optional(),
};

const transport = { qos: qos.optional(), encoding: z.literal('utf-8').optional() };

const common = {
  ...availability,
  ...transport,
  unique_id: text,
  default_entity_id: text.optional(),
  name: text.nullable().optional(),
  icon: icon.optional(),
  entity_picture: url.optional(),
  entity_category: z.enum(['config', 'diagnostic']).optional(),
  enabled_by_default: z.boolean().optional(),
  visible_by_default: z.boolean().optional(),
  json_attributes_topic: topic.optional(),
  json_attributes_template: template.optional(),
  message_expiry_interval: seconds.optional(),
};

const shown = { state_topic: topic, value_template: template.optional() };
const shownToo = { state_topic: topic.optional(), value_template: template.optional() };
const asked = { command_topic: topic, command_template: template.optional(), retain: z.boolean().optional() };
const guessed = { optimistic: z.boolean().optional() };
const ageing = { expire_after: seconds.optional(), force_update: z.boolean().optional() };
const onOff = { payload_on: text.optional(), payload_off: text.optional() };
const onOffShown = { state_on: text.optional(), state_off: text.optional() };

const classOf = <P extends keyof typeof DEVICE_CLASSES>(platform: P) => ({
  device_class: z.enum(DEVICE_CLASSES[platform]).nullable().optional(),
});

const entity = <P extends string, K extends z.core.$ZodLooseShape>(platform: P, keys: K) =>
  z.strictObject({ platform: z.literal(platform), ...common, ...keys });

/** The one component that is no entity: something in the list of triggers of the automation editor. */
const deviceTrigger = z.strictObject({
  platform: z.literal('device_automation'),
  ...transport,
  automation_type: z.literal('trigger'),
  type: text,
  subtype: text,
  topic,
  payload: text.optional(),
  value_template: template.optional(),
});

/** What a component may be, by its platform. */
export const component = z.discriminatedUnion('platform', [
  entity('sensor', {
    ...shown,
    ...ageing,
    ...classOf('sensor'),
    options: options.optional(),
    state_class: z
      .enum(['measurement', 'measurement_angle', 'total', 'total_increasing'])
      .nullable()
      .optional(),
    unit_of_measurement: text.nullable().optional(),
    suggested_display_precision: seconds.optional(),
    last_reset_value_template: template.optional(),
  }),
  entity('binary_sensor', {
    ...shown,
    ...ageing,
    ...onOff,
    ...classOf('binary_sensor'),
    off_delay: z.int().min(1).optional(),
  }),
  entity('number', {
    ...asked,
    ...shownToo,
    ...guessed,
    ...classOf('number'),
    min: z.number().optional(),
    max: z.number().optional(),
    step: z.number().min(0.001).optional(),
    mode: z.enum(['auto', 'box', 'slider']).optional(),
    unit_of_measurement: text.nullable().optional(),
    payload_reset: text.optional(),
  }),
  entity('switch', { ...asked, ...shownToo, ...guessed, ...onOff, ...onOffShown, ...classOf('switch') }),
  entity('button', { ...asked, ...classOf('button'), payload_press: text.optional() }),
  entity('select', { ...asked, ...shownToo, ...guessed, options }),
  entity('text', {
    ...asked,
    ...shownToo,
    ...guessed,
    min: z.int().min(0).max(255).optional(),
    max: z.int().min(0).max(255).optional(),
    mode: z.enum(['text', 'password']).optional(),
    pattern: text.optional(),
  }),
  entity('notify', asked),
  entity('event', { ...shown, ...classOf('event'), event_types: eventTypes }),
  entity('image', {
    url_topic: topic.optional(),
    url_template: template.optional(),
    image_topic: topic.optional(),
    image_encoding: z.literal('b64').optional(),
    content_type: text.optional(),
  }),
  entity('siren', {
    ...asked,
    ...guessed,
    ...onOff,
    ...onOffShown,
    state_topic: topic.optional(),
    state_value_template: template.optional(),
    command_off_template: template.optional(),
    available_tones: tones.optional(),
    support_duration: z.boolean().optional(),
    support_volume_set: z.boolean().optional(),
  }),
  deviceTrigger,
]);

/** A component that Home Assistant would take, apart from the rules between its keys. */
export type Component = z.output<typeof component>;
