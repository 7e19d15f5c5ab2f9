import type { Clock, Log, Random } from '../bridge/ports.ts';
import type { Reply } from '../bridge/replies.ts';
import type { Result } from '../bridge/result.ts';
import type { Json } from '../bridge/sonos.ts';
import type { Household } from '../bridge/state.ts';
import type { AccessMemory } from './access/access.ts';
import type { ApiPart } from './api/routes.ts';
import type { Metric } from './metrics.ts';

/** What the redirect of a login brought: its query, or the whole address as a person pasted it. */
export type LoginAnswer =
  | string
  | {
      readonly code?: string | undefined;
      readonly state?: string | undefined;
      readonly error?: string | undefined;
    };

/** How a login ended. `known` when the account was linked before; the message is for people and holds no secret. */
export type LoginResult = Result<
  { readonly households: readonly string[]; readonly known: boolean },
  { readonly reason: string; readonly message: string }
>;

/** The login at Sonos. */
export interface WebLogin {
  /** A new login: where to send the person, and the one-time state to bind to their browser. */
  start(): { readonly url: string; readonly state: string };
  finish(answer: LoginAnswer): Promise<LoginResult>;
}

/** A command of the contract that somebody at the private listener asks for. */
export interface WebQuestion {
  readonly household: string;
  /** An address, or `all`. */
  readonly room: string;
  /** Null for `set` with several. */
  readonly command: string | null;
  /** Fields, or the bytes of an MQTT payload. */
  readonly payload: { readonly [key: string]: Json } | Uint8Array;
  /** How many answers there will be: one for each room and command. */
  readonly answers: number;
}

/** A command of the contract for the bridge itself. */
export interface WebBridgeQuestion {
  readonly command: string;
  readonly payload: Uint8Array;
}

/** The rooms, and their commands. */
export interface WebCommands {
  readonly households: () => readonly Household[];
  /** Settles with the last word of every room, or with what was said until the bridge's patience ended. */
  readonly ask: (question: WebQuestion) => Promise<readonly Reply[]>;
}

/** What the pages show and do. */
export interface WebHouse {
  /** Null while no key of an integration is configured. */
  readonly login: WebLogin | null;
  /** The path of the redirect URI; null when the login comes back somewhere else. */
  readonly redirectPath: string | null;
  /** Where Sonos sends people back to; null while that is not set. */
  readonly redirectUri: string | null;
  /** Forgets an account; false when there is none with this id. */
  unlink(accountId: string): Promise<boolean>;
  /** Why the bridge is not ready, for people; empty when it is. */
  notReady(): readonly string[];
  metrics(): readonly Metric[];
  /** For node-sonos-http-api's addresses; without it, nothing is there. */
  readonly httpApi?: WebCommands | null;
  /** What the page and scripts ask of it. */
  readonly api?: readonly ApiPart[];
}

/** What the private listener needs. */
export interface PrivateListenerOptions extends WebHouse {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** Itself, or its scrypt hash in PHC form. Null asks for none, which is possible on loopback and behind an ingress only. */
  readonly password: string | null;
  /** Names beside IP addresses, `localhost` and `host` under which browsers may reach the page. */
  readonly allowedHosts: readonly string[];
  /** The address of a proxy that has asked people who they are. Nobody else is answered then, and no password needed. */
  readonly ingressFrom?: string | undefined;
  /** Where sessions and API tokens are kept; in memory alone unless given. */
  readonly access?: AccessMemory | undefined;
  /** Told when a session or a token has ended: whoever is looking has to come in again. */
  readonly entryEnded?: () => void;
  /** What the page is for now; `setup` without a login unless given. */
  readonly mode?: 'setup' | 'house';
  /** Whoever asks and does not read the answers is cut off after so many milliseconds; a minute unless given. */
  readonly stalledMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}
