import type { Clock } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type BrokerAddress, readBrokerAddress } from '../mqtt/broker-address.ts';
import { type Connection, type IncomingMessage, openConnection } from '../mqtt/client.ts';
import { type ConnectionFailure, evidenceOf, failure } from '../mqtt/connection-failure.ts';
import { type MqttVersion, ProtocolChoice } from '../mqtt/protocol-choice.ts';
import { readTlsFiles, type TlsPaths } from '../mqtt/tls-files.ts';

/** Whom to visit, and as whom. */
export interface VisitOptions {
  readonly url: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly tls?: TlsPaths;
  readonly protocol: 'auto' | MqttVersion;
  readonly clientId: string;
  readonly filters: readonly string[];
  readonly clock: Clock;
  readonly onMessage?: (message: IncomingMessage) => void;
  /** The connection is lost; not after `close`. */
  readonly onEnd?: (why: ConnectionFailure) => void;
}

/** A connection to a broker of one who looks around and leaves: no last will, no retry. */
export interface Visit {
  readonly version: MqttVersion;
  /** The filters that the broker did not grant. */
  readonly refused: readonly string[];
  /** Publishes, not retained; answers why the broker refused it, null when it took it. */
  publish(topic: string, payload: string): Promise<string | null>;
  close(): Promise<void>;
}

function visitOf(
  connection: Connection,
  version: MqttVersion,
  refused: readonly string[],
  lost: Promise<string>,
): Visit {
  return {
    version,
    refused,
    publish(topic, payload) {
      const nothing = { expirySeconds: null, correlationData: null, contentType: null };
      const answered = new Promise<string | null>((resolve) =>
        connection.publish({ topic, payload, retain: false, ...nothing }, resolve),
      );
      return Promise.race([answered, lost]);
    },
    close: () => connection.close().catch(() => connection.destroy()),
  };
}

type Attempt = Result<Visit, { readonly why: ConnectionFailure; readonly answered: boolean }>;

function attempt(
  options: VisitOptions,
  address: BrokerAddress,
  version: MqttVersion,
  tls: Awaited<ReturnType<typeof readTlsFiles>>,
): Promise<Attempt> {
  const { clientId, username, password, filters, clock } = options;
  return new Promise((resolve) => {
    let isOpen = false;
    let tellLost = (_why: string): void => {};
    const lost = new Promise<string>((tell) => {
      tellLost = tell;
    });
    const connection = openConnection(
      {
        ...{ address, version, clientId, tls, filters, clock, will: null },
        username: username ?? address.username,
        password: password ?? address.password,
      },
      {
        onOpen: (refused) => {
          isOpen = true;
          resolve(ok(visitOf(connection, version, refused, lost)));
        },
        onMessage: (message) => options.onMessage?.(message),
        onEnd: (why, answered) => {
          tellLost(why.seen);
          if (isOpen) options.onEnd?.(why);
          else resolve(err({ why, answered }));
        },
      },
    );
  });
}

/** Connects once, with MQTT 5 and then 3.1.1 where the settings leave the choice; why it did not work, otherwise. */
export async function visitBroker(options: VisitOptions): Promise<Result<Visit, ConnectionFailure>> {
  const address = readBrokerAddress(options.url);
  if (!address.ok) return err(failure('unreachable', address.error));
  const choice = new ProtocolChoice(options.protocol);
  try {
    const tls = await readTlsFiles(options.tls ?? {});
    for (;;) {
      const tried = await attempt(options, address.value, choice.next(), tls);
      if (tried.ok) return tried;
      const { why, answered } = tried.error;
      if (!choice.failed(answered ? 'none' : evidenceOf(why))) return err(why);
    }
  } catch (error) {
    // Only files of ours that cannot be read or used end here.
    return err(failure('tls_files', String(error)));
  }
}
