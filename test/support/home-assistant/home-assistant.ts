import mqtt, { type MqttClient } from 'mqtt';
import { accepts, readDevice } from './device-payload.ts';
import { Entity, type Spec, type Step, stepsOf, told } from './entity.ts';
import { Jinja } from './jinja.ts';
import { type Action, messageFor } from './service-calls.ts';
import { attributesAfter, stateAfter } from './states.ts';

interface Options {
  readonly prefix?: string;
  readonly statusTopic?: string;
}

const slug = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/**
 * As much of Home Assistant as there is on MQTT: it learns of devices by discovery, listens to what they name, and
 * publishes what its services publish. Like the real one it keeps a component that is merely left out of a payload.
 */
export class HomeAssistant {
  /** What the real one would write into its log as a warning or an error. */
  readonly log: string[] = [];
  /** The newest message on each discovery topic. */
  readonly configs = new Map<string, string>();
  /** Discovery topics in the order in which they came; also those that came again. */
  readonly discovered: string[] = [];
  readonly prefix: string;
  readonly #client: MqttClient;
  readonly #jinja: Jinja;
  readonly #statusTopic: string;
  readonly #entities = new Map<string, Entity>();
  readonly #listeners = new Map<string, Set<Entity>>();
  /** Ids by platform and unique id: one that was removed gets its own back. */
  readonly #ids = new Map<string, string>();
  #looking: Promise<unknown> = Promise.resolve();

  private constructor(client: MqttClient, jinja: Jinja, options: Options) {
    this.#client = client;
    this.#jinja = jinja;
    this.prefix = options.prefix ?? 'homeassistant';
    this.#statusTopic = options.statusTopic ?? 'homeassistant/status';
    client.on('message', (topic, bytes, { retain }) => this.#hear(topic, bytes.toString(), retain));
  }

  /** Connects as the real one does at its start, without saying so: `comeUp` does. */
  static async connect(
    port: number,
    jinja: Jinja = new Jinja(),
    options: Options = {},
  ): Promise<HomeAssistant> {
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 50 });
    const home = new HomeAssistant(client, jinja, options);
    if (!client.connected) await new Promise((resolve) => client.once('connect', resolve));
    await client.subscribeAsync([`${home.prefix}/device/+/config`, `${home.prefix}/device/+/+/config`]);
    return home;
  }

  /** Says that it is up. */
  async comeUp(): Promise<void> {
    await this.#client.publishAsync(this.#statusTopic, 'online', { qos: 0, retain: false });
  }

  /** What it shows, after everything that it has heard. */
  async look(): Promise<readonly Entity[]> {
    const looked = this.#looking.then(() => this.#settle());
    this.#looking = looked;
    await looked;
    return [...this.#entities.values()];
  }

  /** Whether an entity is there. */
  isAvailable(entity: Entity): boolean {
    return this.#client.connected && entity.isAvailable;
  }

  /** Publishes what the real one would publish for an action; gives the message. */
  async call(entity: Entity, action: Action): Promise<{ readonly topic: string; readonly payload: string }> {
    const { topic, payload, job, qos } = messageFor(entity, action);
    const [rendered] = await this.#jinja.renderAll(job === null ? [] : [job]);
    if (rendered !== undefined && rendered.text === null)
      throw new Error(`${entity.entityId}: the command template ${rendered.fault}`);
    for (const missing of rendered?.undefined ?? []) this.log.push(`${entity.entityId}: ${missing}`);
    const said = rendered?.text ?? payload;
    await this.#client.publishAsync(topic, said, { qos });
    return { topic, payload: said };
  }

  /** Leaves; templates are another's to end. */
  async stop(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #hear(topic: string, payload: string, retain: boolean): void {
    if (topic.startsWith(`${this.prefix}/device/`) && topic.endsWith('/config'))
      this.#discover(topic, payload);
    for (const entity of this.#listeners.get(topic) ?? []) entity.take({ topic, payload, retain });
  }

  #discover(topic: string, payload: string): void {
    this.discovered.push(topic);
    if (payload === '') {
      this.configs.delete(topic);
      for (const [key, entity] of this.#entities) if (entity.source === topic) this.#remove(key, entity);
      return;
    }
    this.configs.set(topic, payload);
    const read = readDevice(topic, payload, this.prefix);
    const faults = accepts(topic, payload, this.prefix);
    this.log.push(...faults.map((fault) => `${topic}: ${fault}`));
    if (!read.ok) return;
    const { objectId, device, components } = read.value;
    for (const [key, spec] of components) {
      const hash = `${spec.platform} ${objectId} ${key}`;
      const known = this.#entities.get(hash);
      if (Object.keys(spec).length === 1) {
        if (known !== undefined) this.#remove(hash, known);
      } else if (known !== undefined) this.#update(known, spec);
      else if (!faults.some((fault) => fault.startsWith(`components.${key}:`)))
        this.#add(hash, spec, { source: topic, device: device.name ?? '' });
    }
  }

  #add(hash: string, spec: Spec, from: { readonly source: string; readonly device: string }): void {
    const id = `${spec.platform} ${told(spec, 'unique_id')}`;
    const isTrigger = spec.platform === 'device_automation';
    if (!isTrigger && [...this.#entities.values()].some((it) => `${it.platform} ${it.uniqueId}` === id)) {
      this.log.push(`${id} is not unique, so ${hash} is ignored`);
      return;
    }
    const entity = new Entity(spec, {
      ...from,
      entityId: isTrigger ? hash : this.#entityId(id, spec, from.device),
    });
    this.#entities.set(hash, entity);
    for (const topic of entity.listening().keys()) this.#listen(topic, entity);
  }

  #entityId(id: string, spec: Spec, device: string): string {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    const wanted =
      told(spec, 'default_entity_id')?.split('.')[1] ?? slug(`${device} ${told(spec, 'name') ?? ''}`);
    const taken = new Set(this.#ids.values());
    let entityId = `${spec.platform}.${wanted}`;
    for (let count = 2; taken.has(entityId); count += 1) entityId = `${spec.platform}.${wanted}_${count}`;
    this.#ids.set(id, entityId);
    return entityId;
  }

  #update(entity: Entity, spec: Spec): void {
    if (JSON.stringify(entity.spec) === JSON.stringify(spec)) return;
    const before = entity.listening();
    entity.become(spec);
    const now = entity.listening();
    for (const topic of before.keys()) if (!now.has(topic)) this.#leave(topic, entity);
    for (const topic of now.keys()) if (!before.has(topic)) this.#listen(topic, entity);
  }

  #remove(hash: string, entity: Entity): void {
    this.#entities.delete(hash);
    for (const topic of entity.listening().keys()) this.#leave(topic, entity);
  }

  #listen(topic: string, entity: Entity): void {
    this.#listeners.set(topic, (this.#listeners.get(topic) ?? new Set()).add(entity));
    // Asked again where it listens already, so that the newcomer hears what is retained.
    const asked = Object.assign({ [topic]: { qos: 0 as const } }, { resubscribe: true });
    this.#client.subscribe(asked, (error) => {
      if (error) this.log.push(`no subscription to ${topic}: ${error.message}`);
    });
  }

  #leave(topic: string, entity: Entity): void {
    const listeners = this.#listeners.get(topic);
    listeners?.delete(entity);
    if (listeners?.size !== 0) return;
    this.#listeners.delete(topic);
    this.#client.unsubscribe(topic);
  }

  async #settle(): Promise<void> {
    const steps = [...this.#entities.values()].flatMap(stepsOf);
    const jobs = steps.flatMap(({ job }) => (job === null ? [] : [job]));
    const rendered = await this.#jinja.renderAll(jobs);
    for (const step of steps) {
      const outcome = step.job === null ? undefined : rendered.shift();
      const said = `${step.entity.entityId} on ${step.message.topic} ('${step.message.payload.slice(0, 60)}')`;
      for (const missing of outcome?.undefined ?? []) this.log.push(`${said}: ${missing}`);
      if (outcome !== undefined && outcome.text === null) this.log.push(`${said}: ${outcome.fault}`);
      else this.#apply(step, outcome?.text ?? step.message.payload);
    }
  }

  #apply({ entity, role, message }: Step, payload: string): void {
    const log = (line: string): void => void this.log.push(line);
    if (role === 'availability') entity.hearAvailability(message.topic, payload);
    else if (role === 'attributes')
      entity.attributes = attributesAfter({ payload, message, log }) ?? entity.attributes;
    else entity.state = stateAfter({ entity, payload, message, log }) ?? entity.state;
  }
}
