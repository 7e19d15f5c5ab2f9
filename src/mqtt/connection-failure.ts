import type { VersionEvidence } from './protocol-choice.ts';

/** How a connection, or the attempt at one, ended. */
type FailureKind =
  | 'unreachable' // no way to the broker: name, network, refused port
  | 'tls' // certificate or handshake
  | 'tls_files' // our own certificate files
  | 'silent' // no answer in time
  | 'hung_up' // closed without a word
  | 'garbled' // an answer that is not MQTT
  | 'bad_version'
  | 'bad_credentials'
  | 'not_authorised'
  | 'bad_client_id'
  | 'taken_over'
  | 'refused' // any other reason code
  | 'wedged'; // connected, and acknowledges nothing

/** Why there is no connection (any more). */
export interface ConnectionFailure {
  readonly kind: FailureKind;
  /** What was seen: an error code, a reason code's name. Never a secret. */
  readonly seen: string;
}

/** A failure of that kind. */
export const failure = (kind: FailureKind, seen: string): ConnectionFailure => ({ kind, seen });

/** The kinds of the reason codes that name something to do; MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2. */
const KIND_OF_CODE: Readonly<Record<number, FailureKind>> = {
  1: 'bad_version',
  2: 'bad_client_id',
  4: 'bad_credentials',
  5: 'not_authorised',
  132: 'bad_version',
  133: 'bad_client_id',
  134: 'bad_credentials',
  135: 'not_authorised',
  138: 'not_authorised',
  142: 'taken_over',
};

/** The failure that a reason code of CONNACK or DISCONNECT stands for. */
export const failureOfCode = (code: number, name: string): ConnectionFailure =>
  failure(KIND_OF_CODE[code] ?? 'refused', `${name || 'no reason given'}, code ${code}`);

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
  'ETIMEDOUT',
  'EADDRNOTAVAIL',
  'EACCES',
]);
const HANG_UP = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE']);
const TLS = /CERT|TLS|SSL|SIGN|ISSUER|EPROTO/;

/** The failure that an error of the socket, the TLS layer, the WebSocket or the parser stands for. */
export function failureOfError(error: Error): ConnectionFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : null;
  if (code === null) return failure('garbled', error.message || error.name);
  // Trying several addresses of one name fails as an AggregateError without a message.
  const seen = error.message.includes(code) ? error.message : `${error.message} (${code})`.trim();
  if (UNREACHABLE.has(code)) return failure('unreachable', seen);
  if (HANG_UP.has(code)) return failure('hung_up', seen);
  return failure(TLS.test(code) ? 'tls' : 'garbled', seen);
}

/** What the failure of an attempt says about the protocol version that it used. */
export function evidenceOf({ kind }: ConnectionFailure): VersionEvidence {
  switch (kind) {
    case 'bad_version':
      return 'version';
    case 'hung_up':
    case 'garbled':
      return 'suspect';
    case 'bad_credentials':
    case 'not_authorised':
    case 'bad_client_id':
    case 'refused':
      return 'answered';
    default:
      return 'none';
  }
}

const ADVICE: Readonly<Record<FailureKind, string>> = {
  unreachable:
    'Expected a broker there. Check mqtt.url, that the broker runs, and that nothing between blocks the port.',
  tls: "Expected a certificate that fits the host and that a known authority signed. Check mqtt.url's host name, and for a private authority set mqtt.tls.ca.",
  tls_files:
    'Check mqtt.tls.ca, mqtt.tls.cert and mqtt.tls.key: each names a readable PEM file, and key and cert belong together.',
  silent:
    "Something is there that does not speak MQTT in time. Check mqtt.url's port, and that TLS (mqtts, wss) is used exactly where the broker expects it.",
  hung_up:
    "The broker hung up without a reason. Its own log says why; often it is a wrong port, TLS on one side only, a topic that the bridge's user may not publish to, or a client id used twice.",
  garbled:
    'Expected MQTT. Check that mqtt.url names the port (and for WebSockets the path) where the broker listens.',
  bad_version: 'Expected MQTT 5 or 3.1.1. Set mqtt.protocol to auto, or update the broker.',
  bad_credentials: "Check mqtt.username and mqtt.password against the broker's users.",
  not_authorised:
    "The broker does not let this user or client id in. Check mqtt.username, mqtt.password and the broker's access rules.",
  bad_client_id: 'The broker does not take the client id. Set another one in mqtt.client_id.',
  taken_over:
    'Another client came with the same client id. Give each its own mqtt.client_id, and run one bridge per id.',
  refused: "The broker's own log may say more.",
  wedged: 'The connection looked open and answered nothing, so it is built anew.',
};

/** What to do about it, as whole sentences. */
export const adviceFor = ({ kind }: ConnectionFailure): string => ADVICE[kind];
