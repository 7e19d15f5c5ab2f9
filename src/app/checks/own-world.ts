import type { Clock, Random } from '../../bridge/ports.ts';
import { err, ok } from '../../bridge/result.ts';
import type { RejectedReason } from '../../events/tally.ts';
import { readBrokerAddress } from '../../mqtt/broker-address.ts';
import { failure } from '../../mqtt/connection-failure.ts';
import type { FindingView } from '../../web/api/messages.ts';
import { addressOf } from '../address-of.ts';
import { lookAtFolder } from '../data-folder.ts';
import type { SourcedSettings } from '../integration.ts';
import type { Parts } from '../parts.ts';
import { keyOf } from '../sonos-side.ts';
import type { BrokerSeen } from './broker-seen.ts';
import type { NamedCheck } from './finding.ts';
import { examine } from './index.ts';
import { createReach } from './reach.ts';
import type { World } from './world.ts';

/** What the running bridge lets the checks see of itself. */
export interface OwnOptions {
  readonly settings: SourcedSettings;
  readonly callbackPath: string;
  readonly broker: () => Promise<BrokerSeen>;
  readonly notReady: () => readonly string[];
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string;
  readonly clock: Clock;
  readonly random: Random;
}

/** Makes checks inside the running bridge until the signal; what they find holds no secret. */
export async function* examineOwn(
  options: OwnOptions,
  wanted: readonly NamedCheck[],
  signal: AbortSignal,
): AsyncGenerator<FindingView, void, undefined> {
  const { settings, callbackPath, broker, notReady, clean, clock, random } = options;
  const { config } = settings;
  let seen: Promise<BrokerSeen> | null = null;
  const world: World = {
    ...{ ...settings, callbackPath, notReady, clock, random },
    broker: () => {
      seen ??= broker();
      return seen;
    },
    key: keyOf(config),
    folder: await lookAtFolder(config.data_dir),
    refusal: null,
    sonos: null,
    reach: createReach(clock, undefined, signal),
  };
  for await (const finding of examine(world, wanted, () => signal.aborted)) {
    const { advice } = finding;
    yield { ...finding, seen: clean(finding.seen), advice: advice === null ? null : clean(advice) };
  }
}

type House = Pick<Parts, 'config' | 'mqtt' | 'bridge' | 'state'>;

/** Where the house's broker is, as it may be shown. */
function shownAddress({ config, mqtt }: House): string {
  const { host } = config.broker;
  const url = config.mqtt.url ?? addressOf('mqtt', host, mqtt.broker?.port ?? config.broker.port);
  const read = readBrokerAddress(url);
  return read.ok ? read.value.shown : 'the broker';
}

/** What a broker of somebody else keeps for us: whether what we published is there to be read. */
async function readBackAt({ mqtt }: House): Promise<Pick<BrokerSeen, 'readBack' | 'availability'>> {
  const topic = mqtt.topics.availability;
  const kept = await mqtt.link.look([topic]);
  const availability = kept?.find((message) => message.topic === topic)?.payload ?? null;
  return { readBack: availability === null ? 'lost' : 'came', availability };
}

/** The broker as the house itself sees it: its link, its state and its households, without asking itself over MQTT. */
export async function brokerOfHouse(
  house: House,
  rejected: () => Readonly<Record<RejectedReason, number>>,
): Promise<BrokerSeen> {
  const { config, mqtt, bridge } = house;
  const { link } = mqtt;
  const { protocol } = link.status;
  const isEmbedded = config.mqtt.url === undefined;
  const state = house.state();
  const seen = {
    ...{ url: shownAddress(house), isEmbedded, refused: link.refused },
    state: { ...state, callback: { ...state.callback, bad_signatures: rejected().bad_signature } },
    households: bridge.households.map(({ alias, rooms }) => ({ alias, rooms: rooms.size })),
  };
  if (protocol === null) {
    const why = link.trouble ?? failure('silent', 'not connected yet');
    return { ...seen, visit: err(why), readBack: null, availability: null };
  }
  const visit = ok({ version: protocol });
  if (isEmbedded) return { ...seen, visit, readBack: null, availability: 'online' };
  return { ...seen, visit, ...(await readBackAt(house)) };
}

/** A broker of which nothing is known, since no bridge is there yet that could need one. */
export const noBroker: BrokerSeen = {
  ...{ url: 'the broker', isEmbedded: false, visit: null, refused: [], readBack: null },
  ...{ availability: null, state: null, households: [] },
};
