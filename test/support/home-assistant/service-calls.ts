import { type Entity, type Spec, told } from './entity.ts';
import type { Job } from './jinja.ts';

/** What a person or an automation asks of an entity. */
export type Action =
  | { readonly call: 'press' }
  | { readonly call: 'turn_off' }
  | {
      readonly call: 'turn_on';
      readonly tone?: string;
      readonly volume_level?: number;
      readonly duration?: number;
    }
  | { readonly call: 'set_value'; readonly value: string | number }
  | { readonly call: 'select_option'; readonly option: string }
  | { readonly call: 'send_message'; readonly message: string };

/** A message that is to be published, after a template where there is one. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: string;
  readonly job: Job | null;
  readonly qos: 0 | 1 | 2;
}

type Values = Readonly<Record<string, string | number>>;

/** JSON as Home Assistant writes it: without spaces, a level always with its point. */
const json = (values: Values): string =>
  `{${Object.entries(values)
    .map(([key, value]) => {
      const isWhole = key === 'volume_level' && Number.isInteger(value);
      return `${JSON.stringify(key)}:${JSON.stringify(value)}${isWhole ? '.0' : ''}`;
    })
    .join(',')}}`;

const must = (isSo: boolean, what: string): void => {
  if (!isSo) throw new Error(`Home Assistant refuses: ${what}`);
};

function outgoing(spec: Spec, value: string | number, template = told(spec, 'command_template')): Outgoing {
  const topic = told(spec, 'command_topic');
  if (topic === null) throw new Error(`${told(spec, 'unique_id')} takes no commands`);
  return {
    topic,
    payload: String(value),
    job: template === null ? null : { template, value, as: 'command' },
    qos: spec.qos === 1 || spec.qos === 2 ? spec.qos : 0,
  };
}

function siren(spec: Spec, state: string, asked: Values, template: string | null): Outgoing {
  const tones = spec.available_tones;
  const { tone } = asked;
  if (tone !== undefined) must(Array.isArray(tones) && tones.includes(tone), `tone ${tone}`);
  const isAsked = (key: string): boolean =>
    (key !== 'duration' || spec.support_duration !== false) &&
    (key !== 'volume_level' || spec.support_volume_set !== false);
  const given = Object.fromEntries(Object.entries(asked).filter(([key]) => isAsked(key)));
  const variables = { state, ...given };
  const plain = outgoing(spec, state, template);
  return plain.job === null
    ? { ...plain, payload: json(variables) }
    : { ...plain, job: { ...plain.job, variables } };
}

function setValue(spec: Spec, value: string | number): Outgoing {
  if (spec.platform === 'number') {
    const { min = 1, max = 100 } = spec;
    must(typeof value === 'number' && value >= Number(min) && value <= Number(max), `value ${value}`);
    // Whole numbers are sent without a point.
    return outgoing(spec, value);
  }
  const text = String(value);
  const { min = 0, max = 255 } = spec;
  const length = [...text].length;
  must(
    spec.platform === 'text' && length >= Number(min) && length <= Number(max),
    `a text of ${length} characters`,
  );
  const pattern = told(spec, 'pattern');
  must(pattern === null || new RegExp(`^(?:${pattern})`).test(text), `the text ${text}`);
  return outgoing(spec, text);
}

function turn(spec: Spec, asked: Extract<Action, { call: 'turn_on' | 'turn_off' }>): Outgoing {
  const { call, ...values } = asked;
  const isOn = call === 'turn_on';
  const state = isOn ? (told(spec, 'payload_on') ?? 'ON') : (told(spec, 'payload_off') ?? 'OFF');
  if (spec.platform === 'switch') return outgoing(spec, state);
  must(spec.platform === 'siren', `${call} of a ${spec.platform}`);
  const template = told(spec, 'command_template');
  return siren(spec, state, values, isOn ? template : (told(spec, 'command_off_template') ?? template));
}

/** What Home Assistant publishes for an action, before its template; throws where it refuses the action itself. */
export function messageFor({ spec, platform }: Entity, action: Action): Outgoing {
  switch (action.call) {
    case 'press':
      must(platform === 'button', `press of a ${platform}`);
      return outgoing(spec, told(spec, 'payload_press') ?? 'PRESS');
    case 'turn_on':
    case 'turn_off':
      return turn(spec, action);
    case 'set_value':
      return setValue(spec, action.value);
    case 'select_option': {
      const { option } = action;
      must(Array.isArray(spec.options) && spec.options.includes(option), `option ${option}`);
      return outgoing(spec, option);
    }
    case 'send_message':
      must(platform === 'notify', `a message to a ${platform}`);
      return outgoing(spec, action.message);
  }
}
