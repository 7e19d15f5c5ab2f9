import { createHmac } from 'node:crypto';
import { favorites } from '../bridge/namespaces/favorites.ts';
import { onceFor } from '../bridge/once-for.ts';
import type { Clock } from '../bridge/ports.ts';
import { roomPicture } from '../bridge/room-picture.ts';
import type { Json } from '../bridge/sonos.ts';
import type { Household } from '../bridge/state.ts';
import { isForbiddenAddress, urlPolicy } from '../bridge/url-policy.ts';
import { createFetchGuarded } from '../speech/fetch-guarded.ts';
import type { Picture } from '../web/api/art.ts';
import { createPictureCache, MAX_PICTURE_BYTES } from './picture-cache.ts';

/** The pictures of what plays and of favorites, under addresses of ours. */
export interface Art {
  /** The same value with an address below the page in place of each picture's URL; null for what is none. */
  localised<T extends Json>(value: T): T;
  /** The picture with this id, as long as the state of a household shows it; null otherwise. */
  find(id: string): Promise<Picture | null>;
}

/** Where the page finds a picture, before its id. */
const ADDRESS = 'api/art/';
const KEY = 'image';
const ID_LENGTH = 22;
const MOST_IDS = 2_000;
const REDIRECTS = 3;

/** What a guarded fetch must satisfy: anything but this machine and the like, and the Control API wherever that is. */
export function artGuard(apiUrl: string) {
  const { host } = new URL(apiUrl);
  const allows = urlPolicy(null);
  const isListed = (url: URL): boolean => url.host === host;
  return {
    isListed,
    allows: (url: URL) => isListed(url) || allows(url.href).ok,
    isForbidden: isForbiddenAddress,
    maxBytes: MAX_PICTURE_BYTES,
    accept: 'image/webp, image/png, image/jpeg, image/gif',
    redirects: REDIRECTS,
  };
}

/** A copy of a value in which every picture's URL has become something else. */
function replaced(value: Json, become: (url: string) => string | null, key = ''): Json {
  if (typeof value === 'string') return key === KEY ? become(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((each: Json) => replaced(each, become));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, replaced(each, become, name)]),
  );
}

/** Every picture that a household shows. */
function shownBy(household: Household): readonly string[] {
  const urls: string[] = [];
  const note = (url: string): null => {
    urls.push(url);
    return null;
  };
  for (const room of household.rooms.values()) replaced(roomPicture(household, room), note);
  for (const { image } of favorites.slice(household.own)?.items ?? []) if (image !== null) note(image);
  return urls;
}

/** Creates the pictures of these households; nobody without the secret can tell an id from a URL. */
export function createArt({
  secret,
  households,
  apiUrl,
  clock,
}: {
  readonly secret: string;
  readonly households: () => readonly Household[];
  readonly apiUrl: string;
  readonly clock: Clock;
}): Art {
  // A key of its own, since the secret has other uses.
  const key = createHmac('sha256', secret).update('pictures').digest();
  const cache = createPictureCache(clock, createFetchGuarded({ clock, ...artGuard(apiUrl) }));
  const ids = new Map<string, string>();

  function idOf(url: string): string {
    const known = ids.get(url);
    if (known !== undefined) return known;
    if (ids.size >= MOST_IDS) ids.clear();
    const id = createHmac('sha256', key).update(url).digest('base64url').slice(0, ID_LENGTH);
    ids.set(url, id);
    return id;
  }

  const addressOf = (url: string): string | null =>
    /^https?:\/\//i.test(url) ? `${ADDRESS}${idOf(url)}` : null;
  // A household is a value, so a page that loads all its favorites' pictures has it looked through once.
  const urlsById = onceFor(
    (household: Household): ReadonlyMap<string, string> =>
      new Map(shownBy(household).map((url) => [idOf(url), url])),
  );

  return {
    // Texts become texts or null where null may stand, and nothing else changes.
    localised: <T extends Json>(value: T) => replaced(value, addressOf) as T,
    async find(id) {
      const url = households().reduce<string | undefined>(
        (found, household) => found ?? urlsById(household).get(id),
        undefined,
      );
      return url === undefined ? null : cache.get(url);
    },
  };
}
