import type { Job } from './jinja.ts';

export type Spec = Readonly<Record<string, unknown>> & { readonly platform: string };

type Role = 'attributes' | 'availability' | 'state';

/** A message that an entity listens to, with the template that it is read by. */
export interface Received {
  readonly topic: string;
  readonly payload: string;
  readonly retain: boolean;
}

interface Listening {
  readonly role: Role;
  readonly template: string | null;
}

/** A key of a component that is text; null when it is not there. */
export const told = (spec: Spec, key: string): string | null => {
  const value = spec[key];
  return typeof value === 'string' ? value : null;
};

interface Availability {
  readonly topic: string;
  readonly there: string;
  readonly gone: string;
  readonly template: string | null;
}

const entries = (spec: Spec): Spec[] => {
  const list = spec.availability;
  if (Array.isArray(list)) return list;
  const topic = told(spec, 'availability_topic');
  return topic === null ? [] : [{ ...spec, topic, value_template: told(spec, 'availability_template') }];
};

/** Where an entity hears whether it is there. */
const availabilityOf = (spec: Spec): Availability[] =>
  entries(spec).map((each) => ({
    topic: told(each, 'topic') ?? '',
    there: told(each, 'payload_available') ?? 'online',
    gone: told(each, 'payload_not_available') ?? 'offline',
    template: told(each, 'value_template'),
  }));

const STATE_TOPICS = ['state_topic', 'url_topic', 'image_topic', 'topic'];
const STATE_TEMPLATES = ['value_template', 'state_value_template', 'url_template'];

const first = (spec: Spec, keys: readonly string[]): string | null =>
  keys.map((key) => told(spec, key)).find((value) => value !== null) ?? null;

/** Something that Home Assistant shows, or a trigger of a device, as it is after everything that was heard. */
export class Entity {
  readonly uniqueId: string;
  readonly entityId: string;
  readonly platform: string;
  /** The discovery topic that it comes from. */
  readonly source: string;
  readonly device: string;
  spec: Spec;
  /** `unknown` until something was heard. */
  state = 'unknown';
  attributes: Readonly<Record<string, unknown>> = {};
  /** Events that it told of, or triggers that fired. */
  readonly happened: { readonly type: string; readonly attributes: Readonly<Record<string, unknown>> }[] = [];
  readonly waiting: Received[] = [];
  readonly #replayed = new Set<string>();
  readonly #there = new Map<string, boolean>();
  #isLatestThere = false;

  constructor(
    spec: Spec,
    from: { readonly source: string; readonly device: string; readonly entityId: string },
  ) {
    this.spec = spec;
    this.platform = spec.platform;
    this.uniqueId = told(spec, 'unique_id') ?? '';
    this.entityId = from.entityId;
    this.source = from.source;
    this.device = from.device;
  }

  /** What it listens to, by topic. */
  listening(): Map<string, Listening[]> {
    const topics = new Map<string, Listening[]>();
    const add = (topic: string | null, role: Role, template: string | null): void => {
      if (topic !== null) topics.set(topic, [...(topics.get(topic) ?? []), { role, template }]);
    };
    for (const { topic, template } of availabilityOf(this.spec)) add(topic, 'availability', template);
    const attributes = told(this.spec, 'json_attributes_topic');
    add(attributes, 'attributes', told(this.spec, 'json_attributes_template'));
    add(first(this.spec, STATE_TOPICS), 'state', first(this.spec, STATE_TEMPLATES));
    return topics;
  }

  /** Keeps a message for the next look; what the broker had kept is taken once. */
  take(message: Received): void {
    if (message.retain && this.#replayed.has(message.topic)) return;
    if (message.retain) this.#replayed.add(message.topic);
    this.waiting.push(message);
  }

  /** Other settings under the same key: what was heard stays, but for topics that it left. */
  become(spec: Spec): void {
    this.spec = spec;
    const topics = this.listening();
    for (const topic of this.#replayed) if (!topics.has(topic)) this.#replayed.delete(topic);
    const known = new Set(availabilityOf(spec).map(({ topic }) => topic));
    for (const topic of this.#there.keys()) if (!known.has(topic)) this.#there.delete(topic);
  }

  hearAvailability(topic: string, payload: string): void {
    const entry = availabilityOf(this.spec).find((each) => each.topic === topic);
    if (entry === undefined || (payload !== entry.there && payload !== entry.gone)) return;
    this.#there.set(topic, payload === entry.there);
    this.#isLatestThere = payload === entry.there;
  }

  /** Whether it is there, as long as Home Assistant is connected itself. */
  get isAvailable(): boolean {
    const topics = availabilityOf(this.spec);
    if (topics.length === 0) return true;
    if (this.spec.availability_mode === 'all')
      return topics.every(({ topic }) => this.#there.get(topic) === true);
    if (this.spec.availability_mode === 'any')
      return topics.some(({ topic }) => this.#there.get(topic) === true);
    return this.#isLatestThere;
  }

  /** Every topic that its settings name. */
  topics(): string[] {
    const command = told(this.spec, 'command_topic');
    return [...this.listening().keys(), ...(command === null ? [] : [command])];
  }
}

/** One role of one message, and the template to render it with. */
export interface Step {
  readonly entity: Entity;
  readonly role: Role;
  readonly message: Received;
  readonly job: Job | null;
}

/** What the messages that wait at an entity mean to it, in order. */
export function stepsOf(entity: Entity): Step[] {
  const listening = entity.listening();
  return entity.waiting.splice(0).flatMap((message) =>
    (listening.get(message.topic) ?? []).map(({ role, template }) => ({
      entity,
      role,
      message,
      job: template === null ? null : { template, value: message.payload, as: 'state' as const },
    })),
  );
}
