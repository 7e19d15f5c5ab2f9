import type { Bridge } from '../../bridge/bridge.ts';
import { commandError } from '../../bridge/command-error.ts';
import type { Random } from '../../bridge/ports.ts';
import type { QueueSupply } from '../../bridge/queue/queue-ports.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import { type Config, settings } from '../../config/schema.ts';
import { readEvent } from '../../events/parse.ts';
import { createPublisher } from '../../mqtt/publisher.ts';
import { topicsOf } from '../../mqtt/topics.ts';
import { openBridge } from '../middle.ts';
import { recordedMemory } from '../middle-memory.ts';
import { createQuietLog } from '../quiet-log.ts';
import type { LineOf, RecordLine } from '../record/lines.ts';
import { seededChance } from '../record/seeded-chance.ts';
import { Teardown } from '../teardown.ts';
import { type Difference, differencesOf, lastChanges, publishedIn } from './compare.ts';
import { DryBroker, type DryMessage } from './dry-broker.ts';
import type { RecordedRun } from './read-record.ts';
import { RecordedAccounts } from './recorded-accounts.ts';
import { RecordedAnswers } from './recorded-answers.ts';
import { RecordedSounds } from './recorded-sounds.ts';
import { VirtualClock } from './virtual-clock.ts';

/** What a replay came to. */
export interface Replayed {
  /** Retained topics at the end. */
  readonly topics: ReadonlyMap<string, string>;
  /** Everything that would have been published. */
  readonly messages: readonly DryMessage[];
  /** Where the record's own topics are others; the first first. */
  readonly differences: readonly Difference[];
  /** Calls that the record has no answer to, by how often. */
  readonly missing: ReadonlyMap<string, number>;
  /** Calls of the record that this version did not make. */
  readonly unused: number;
  /** Whether the record was cut off; what happened in its last second is not compared then. */
  readonly isCut: boolean;
}

const CUT_MS = 1_000;

/** The settings of a record, as this version reads them; what is wrong with them, in words. */
export function settingsOf({ header }: RecordedRun): Result<Config, string> {
  const read = settings.safeParse(header.settings);
  if (read.success) return ok(read.data);
  const issues = read.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  return err(
    `The settings in the record's header are not those of this version: ${issues.join('; ')}. Mend the header, or replay it with version ${JSON.stringify(header.bridge)}.`,
  );
}

const NO_QUEUE = commandError(
  'not_capable',
  'A replay has no files to play.',
  'What the room plays is told by the events of the record.',
);

/** A record does not say what a queue was made of, so none is made; the events tell what plays. */
const noSupply: QueueSupply = {
  mostItems: 0,
  objection: () => NO_QUEUE,
  gather: async () => err(NO_QUEUE),
  address: async () => err(NO_QUEUE),
};

const utf8 = new TextEncoder();

const bytesOf = ({ payload, is_text }: LineOf<'command'>): Uint8Array =>
  utf8.encode(is_text ? String(payload) : JSON.stringify(payload));

function chanceOf(run: RecordedRun): Random {
  const ids = run.lines.flatMap((line) => (line.line === 'id' ? [line.id] : []));
  let made = 0;
  return {
    fraction: seededChance(run.header.seed),
    id: () => {
      made += 1;
      return ids.shift() ?? `replay-${made}`;
    },
  };
}

/** The middle of a house between a record and a dry broker. */
class DryHouse {
  readonly clock = new VirtualClock();
  readonly broker = new DryBroker(this.clock);
  readonly answers: RecordedAnswers;
  readonly #run: RecordedRun;
  readonly #config: Config;
  readonly #accounts = new RecordedAccounts();
  readonly #sounds: RecordedSounds;
  #bridge: Bridge | null = null;

  constructor(run: RecordedRun, config: Config, endsAt: number) {
    this.#run = run;
    this.#config = config;
    const calls = run.lines.filter((line) => line.line === 'call');
    this.answers = new RecordedAnswers(calls, this.clock, endsAt);
    this.#sounds = new RecordedSounds(run.lines, this.clock);
  }

  /** Something comes from outside, now. */
  async hear(line: RecordLine): Promise<void> {
    if (line.line === 'accounts') {
      this.#accounts.become(line);
      this.#bridge ??= await this.#open();
    }
    const bridge = this.#bridge;
    if (bridge === null) return;
    if (line.line === 'lost') bridge.lostEvents();
    if (line.line === 'asked') this.#sounds.comes(line);
    if (line.line === 'event') this.#event(bridge, line);
    if (line.line === 'command') this.#command(bridge, line);
  }

  #event(bridge: Bridge, { body, target_type: targetType, at, ...said }: LineOf<'event'>): void {
    const headers = { ...said, targetType, signature: '' };
    const text = body === undefined ? '' : JSON.stringify(body);
    const event = readEvent({ headers, body: text, at }, (...asked) => bridge.knows(...asked));
    if (event.ok) bridge.accept(event.value);
  }

  #command(bridge: Bridge, line: LineOf<'command'>): void {
    const { household, room, command, retained, expiry_seconds: expirySeconds } = line;
    const request = { payload: bytesOf(line), retained, expirySeconds, responseTo: null };
    if (household !== null && room !== null) bridge.take({ ...request, household, room, command });
    else bridge.takeForBridge({ ...request, command: command ?? '' });
  }

  async #open(): Promise<Bridge> {
    const kept = this.#run.lines.find((line) => line.line === 'memory')?.documents ?? {};
    const log = createQuietLog({ clean: (text) => text }, () => {});
    const publisher = createPublisher({
      ...{ topics: topicsOf('sonos'), outbox: this.broker, log: log.log },
      clean: (text) => text,
    });
    const bridge = await openBridge(
      {
        config: this.#config,
        ...{ clock: this.clock, random: chanceOf(this.#run), log, sounds: this.#sounds },
        memory: recordedMemory(kept),
        queueSupply: noSupply,
        sonos: { send: this.answers.send, accounts: this.#accounts },
        // What the bridge says of itself is not recorded.
        mqtt: { publisher: { ...publisher, showPresets: () => {} } },
        loginUrl: () => '',
      },
      new Teardown(),
    );
    bridge.start();
    return bridge;
  }
}

/** When the last thing happened that the record tells of. */
function endOf({ lines }: RecordedRun, isWhole: boolean): number {
  let end = 0;
  for (const line of lines) {
    if (line.line === 'end' && !isWhole) continue;
    end = Math.max(end, line.t + (line.line === 'call' ? line.ms : 0));
  }
  return end;
}

/** Lets the middle of the house live through a recorded run, up to `until` milliseconds; nothing leaves the process. */
export async function replay(
  run: RecordedRun,
  config: Config,
  until = Number.POSITIVE_INFINITY,
): Promise<Replayed> {
  const isWhole = run.lines.some((line) => line.line === 'end' && line.because === 'stopped');
  const ends = endOf(run, isWhole);
  const end = Math.min(until, ends);
  const house = new DryHouse(run, config, ends);
  const inputs = run.lines.filter(({ t }) => t <= end).sort((a, b) => a.t - b.t);
  house.clock.setCalendar(run.header.at);
  for (const line of inputs) {
    if (line.line === 'call' || line.line === 'sound' || line.line === 'publish') continue;
    await house.clock.advanceTo(line.t);
    house.clock.setCalendar(line.at);
    await house.hear(line);
  }
  await house.clock.advanceTo(end);
  const { topics, messages } = house.broker;
  const published = run.lines.filter((line) => line.line === 'publish').filter(({ t }) => t <= end);
  const changes = lastChanges(published, messages);
  const isCut = until < ends || !isWhole;
  const differences = differencesOf(publishedIn(published), topics, (topic) => changes.get(topic) ?? 0);
  return {
    ...{ topics, messages, missing: house.answers.missing, unused: house.answers.unused, isCut },
    differences: differences.filter(({ t }) => !isCut || t < end - CUT_MS),
  };
}
