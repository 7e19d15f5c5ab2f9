import { z } from 'zod';

// The kinds of values in a discovery payload, as Home Assistant's MQTT integration checks them.

/** A state that is longer is not shown: the entity becomes unknown. */
export const LONGEST_STATE = 255;
const LONGEST_TOPIC_BYTES = 65_535;

const NOT_IN_TOPICS = /[\p{Cc}\p{Noncharacter_Code_Point}]/u;

/** What is wrong with a topic that is published to, or whose one value is read. */
function topicFaults(value: string): string[] {
  const faults: string[] = [];
  if (value === '') return ['a topic is empty'];
  if (/\p{Cs}/u.test(value)) faults.push('a topic is no UTF-8');
  if (Buffer.byteLength(value) > LONGEST_TOPIC_BYTES) faults.push('a topic is longer than 65535 bytes');
  if (NOT_IN_TOPICS.test(value)) faults.push('a topic has a control character');
  if (/[+#]/.test(value)) faults.push('a topic has a wildcard');
  if (value.split('/').includes('')) faults.push('a topic has an empty level');
  return faults;
}

const told = (faults: (value: string) => readonly string[]) =>
  z.string().superRefine((value, context) => {
    for (const message of faults(value)) context.addIssue({ code: 'custom', message });
  });

export const topic = told(topicFaults);
export const text = z.string().min(1);
/** Jinja; whether it compiles is found out by Jinja itself. */
export const template = z.string().min(1);
export const qos = z.union([z.literal(0), z.literal(1), z.literal(2)]);
export const seconds = z.int().min(0);
export const url = told((value) => {
  const { protocol, hostname } = URL.canParse(value) ? new URL(value) : { protocol: '', hostname: '' };
  return /^https?:$/.test(protocol) && hostname !== '' ? [] : ['no http address'];
});
/** An address that a person follows from the device's page. */
export const link = told((value) => {
  const { protocol } = URL.canParse(value) ? new URL(value) : { protocol: '' };
  return /^(https?|homeassistant):$/.test(protocol) ? [] : ['no address that Home Assistant opens'];
});
export const icon = told((value) =>
  /^[a-z0-9-]+:\S+$/.test(value) ? [] : ['no icon such as "mdi:speaker"'],
);

const isPython = (value: string): boolean => /^\s*[+-]?\p{Nd}+(_\p{Nd}+)*\s*$/u.test(value);

/** What is wrong with something that is chosen from a list and then is a state. */
function optionFaults(options: readonly string[]): string[] {
  const faults: string[] = [];
  if (new Set(options).size < options.length) faults.push('an option is there twice');
  for (const option of options) {
    const said = JSON.stringify(option.slice(0, 40));
    if (option.trim() !== option)
      faults.push(`option ${said} has white space around it, which templates drop`);
    if (option === '') faults.push('an option is empty');
    if ([...option].length > LONGEST_STATE) faults.push(`option ${said} is longer than a state may be`);
    if (option.toLowerCase() === 'none')
      faults.push(`option ${said} is what Home Assistant takes for unknown`);
  }
  // The whole list is an attribute; of such a state with more than 16384 bytes nothing is recorded.
  if (Buffer.byteLength(JSON.stringify({ options })) > 16_000)
    faults.push('the options are too many to be recorded');
  return faults;
}

const list = (faults: (values: readonly string[]) => readonly string[]) =>
  z
    .array(z.string())
    .min(1)
    .superRefine((values, context) => {
      for (const message of faults(values)) context.addIssue({ code: 'custom', message });
    });

export const options = list(optionFaults);
/** The tones of a siren: one that looks like a number is made a number, and then is not in the list. */
export const tones = list((values) => [
  ...optionFaults(values),
  ...values.filter(isPython).map((tone) => `tone ${JSON.stringify(tone)} is taken for a number`),
]);
export const eventTypes = list(optionFaults);
