import type { Clock } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { configSecrets } from '../config/config-secrets.ts';
import { readUrl } from '../config/formats.ts';
import type { Config } from '../config/schema.ts';
import type { Secrets } from '../secrets.ts';
import { type Document, StoreError } from '../store/store.ts';
import type { SettingOrigin, SetupView, SetupWish } from '../web/api/messages.ts';
import type { WebSetupDesk } from '../web/api/setup.ts';
import {
  givenOf,
  type IntegrationRecord,
  SETTING_OF,
  SETUP_FIELDS,
  type SetupField,
  type SourcedSettings,
  withKept,
} from './integration.ts';
import { invalid, readWish, type SetupChanges, type SetupProblem } from './setup-values.ts';
import { keyOf } from './sonos-side.ts';

/** How the bridge was started, as far as its set-up by the page goes. */
export interface SetupGround {
  /** What file, variables and flags say; without what the page has kept. */
  readonly given: SourcedSettings;
  readonly isAddon: boolean;
  /** The bridge is to be closed and opened again with what is kept now; null when nobody can do that, as in the demo. */
  readonly changed: (() => void) | null;
}

/** What the desk needs. */
export interface SetupDeskOptions {
  readonly ground: SetupGround;
  readonly kept: Document<IntegrationRecord>;
  readonly callbackPath: string;
  /** Of the page; asked when it listens already. */
  readonly webPort: () => number;
  readonly callbackPort: () => number;
  readonly secrets: Secrets;
  readonly clock: Clock;
}

type Taken = Result<{ readonly restarting: boolean }, SetupProblem>;
type Shown = { readonly value: string | null; readonly from: SettingOrigin };

/** So long the answer has to leave the house before the house closes. */
const LEAVE_MS = 150;

const BUSY: SetupProblem = {
  kind: 'busy',
  message: 'The set-up is being changed already.',
  advice: 'Wait a moment, and look at the page again.',
};

const CLOSED: SetupProblem = {
  kind: 'fixed',
  message: 'This bridge takes no set-up from its page: it is a demo, or another program started it.',
  advice: 'Start "sonos-mqtt-bridge" without a command, and open its page.',
};

function shownIn({ config }: SourcedSettings, kept: IntegrationRecord, field: SetupField): Shown {
  const given = givenOf(config, field);
  if (given !== undefined) return { value: given, from: 'settings' };
  const value = kept[field];
  return value === undefined ? { value: null, from: null } : { value, from: 'page' };
}

/** The redirect URI that is proposed while none is given: behind the public address, or where a browser on this machine finds us. */
const proposed = (publicUrl: string | null, webPort: number): string =>
  `${publicUrl ?? `http://localhost:${webPort}`}/oauth/callback`;

/** What is in the settings cannot be changed here: they would win at the next start all the same. */
function fixedBySettings({ config, sources }: SourcedSettings, changes: SetupChanges): SetupProblem | null {
  const field = SETUP_FIELDS.find((each) => {
    const given = givenOf(config, each);
    const isSame = changes[each] === given && each !== 'client_secret';
    return given !== undefined && changes[each] !== undefined && !isSame;
  });
  if (field === undefined) return null;
  const setting = SETTING_OF[field];
  const where = sources.get(setting);
  return {
    kind: 'fixed',
    message: `${setting} is in the settings${where === undefined ? '' : ` (${where})`}, which win over the page.`,
    advice: `Change it there and start the bridge again; or take it out there, and set it up here.`,
  };
}

function incomplete(kept: IntegrationRecord, next: IntegrationRecord): SetupProblem | null {
  if (next.client_secret !== undefined && next.client_id === undefined) {
    return invalid('The key is missing.', 'Give the key as well; the developer portal shows both.');
  }
  const isOther = next.client_id !== kept.client_id && next.client_secret === kept.client_secret;
  return isOther
    ? invalid('A new key needs its secret.', 'Give the secret as well; the developer portal shows both.')
    : null;
}

function clash({ sonos }: Config, callbackPath: string): SetupProblem | null {
  const path = sonos.redirect_uri === undefined ? null : (readUrl(sonos.redirect_uri)?.pathname ?? null);
  return path?.toLowerCase().replace(/\/+$/, '') === callbackPath.toLowerCase()
    ? invalid('The redirect URI has the path of the event callback.', 'Give it another path.')
    : null;
}

/** The kept values with the changes, of those fields that the settings leave open. */
function changed(kept: IntegrationRecord, given: Config, changes: SetupChanges): IntegrationRecord {
  const entries = SETUP_FIELDS.flatMap((field) => {
    const isOpen = givenOf(given, field) === undefined;
    const value = isOpen && changes[field] !== undefined ? changes[field] : kept[field];
    return value == null ? [] : [[field, value] as const];
  });
  return Object.fromEntries(entries);
}

const same = (one: IntegrationRecord, other: IntegrationRecord): boolean =>
  SETUP_FIELDS.every((field) => one[field] === other[field]);

class SetupDesk implements WebSetupDesk {
  readonly #options: SetupDeskOptions;
  #isBusy = false;

  constructor(options: SetupDeskOptions) {
    this.#options = options;
  }

  view(): SetupView {
    const { ground, kept, callbackPath, callbackPort, webPort } = this.#options;
    const shown = (field: SetupField): Shown => shownIn(ground.given, kept.value, field);
    const secret = shown('client_secret');
    const publicUrl = shown('public_url');
    const redirect = shown('redirect_uri');
    // Relays have a path of their own, and only the settings may know it.
    const { relay: isRelayed, path } = ground.given.config.callback;
    const isKnown = publicUrl.value !== null && (!isRelayed || path !== undefined);
    const proposal = { value: proposed(publicUrl.value, webPort()), from: 'default' } as const;
    return {
      client_id: shown('client_id'),
      client_secret: { is_set: secret.value !== null, from: secret.from },
      redirect_uri: redirect.value === null ? proposal : redirect,
      public_url: publicUrl,
      callback_url: isKnown ? `${publicUrl.value}${callbackPath}` : null,
      callback_path: callbackPath,
      callback_port: callbackPort(),
      is_addon: ground.isAddon,
    };
  }

  async take(wish: SetupWish): Promise<Taken> {
    const { ground, secrets, clock } = this.#options;
    if (ground.changed === null) return err(CLOSED);
    if (this.#isBusy) return err(BUSY);
    this.#isBusy = true;
    // Before anything else is done with it.
    const secret = wish.client_secret?.trim() ?? '';
    secrets.add(secret);
    let isLeaving = false;
    try {
      const taken = await this.#fulfil(wish);
      isLeaving = taken.ok && taken.value.restarting;
      if (!taken.ok) secrets.forget(secret);
      return taken;
    } finally {
      this.#isBusy = isLeaving;
      if (isLeaving) clock.after(LEAVE_MS, ground.changed);
    }
  }

  async #fulfil(wish: SetupWish): Promise<Taken> {
    const { ground, kept, callbackPath, secrets } = this.#options;
    const { given } = ground;
    const read = readWish(wish);
    if (!read.ok) return read;
    const fixed = fixedBySettings(given, read.value);
    if (fixed !== null) return err(fixed);
    const before = kept.value;
    const asked = changed(before, given.config, read.value);
    const next = this.#completed(asked);
    const { config } = withKept(given, next);
    const problem = incomplete(before, asked) ?? clash(config, callbackPath);
    if (problem !== null) return err(problem);
    if (same(before, next)) return ok({ restarting: false });
    // Also in the forms in which it travels.
    for (const each of configSecrets(config)) secrets.add(each);
    const unsaved = await this.#save(next);
    return unsaved === null ? ok({ restarting: keyOf(config) !== null }) : err(unsaved);
  }

  /** With a key, the redirect URI that was proposed is the one that the person has registered. */
  #completed(record: IntegrationRecord): IntegrationRecord {
    const { ground, webPort } = this.#options;
    const { config } = withKept(ground.given, record);
    const { client_id, client_secret, redirect_uri } = config.sonos;
    if (client_id === undefined || client_secret === undefined || redirect_uri !== undefined) return record;
    return { ...record, redirect_uri: proposed(config.callback.public_url ?? null, webPort()) };
  }

  async #save(next: IntegrationRecord): Promise<SetupProblem | null> {
    const { kept } = this.#options;
    const before = kept.value;
    try {
      await kept.save(next);
      return null;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      // Or what was refused to the person would come into force later, by itself.
      void kept.save(before).catch(() => {});
      return { kind: 'not_saved', message: error.message, advice: 'Then send it once more.' };
    }
  }
}

/** Opens the desk where a person sets the integration up by the page. */
export const createSetupDesk = (options: SetupDeskOptions): WebSetupDesk => new SetupDesk(options);
