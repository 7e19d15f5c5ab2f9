import type { Json } from '../../bridge/sonos.ts';
import { IdStandIns } from './id-stand-ins.ts';
import { type TextKind, TextStandIns } from './text-stand-ins.ts';
import { UrlStandIns } from './url-stand-ins.ts';

/** What is redacted by. */
export interface RedactionOptions {
  /** Keeps the names of rooms, music and whatever else people wrote. */
  readonly withNames: boolean;
  /** Takes secrets out of a text. */
  readonly clean: (text: string) => string;
  /** Words in lower case that tell nothing of a house. */
  readonly publicWords: ReadonlySet<string>;
}

/** Takes out of a record what is nobody else's business; the same is the same throughout. */
export interface Redaction {
  /** A JSON value of the same shape. */
  value(value: unknown, key?: string): Json;
  /** A bare text, such as the payload of a topic. */
  text(text: string, kind?: TextKind): string;
  /** An id, whatever its looks. */
  id(id: string): string;
  /** The path of a call; what is asked for in its query is an id, too. */
  path(path: string): string;
  /** An address such as `home/kitchen`, or one level of it. */
  address(address: string): string;
}

const SECRET = /token|secret|passw|authoriz|credential|api_?key/i;
const ID = /(^|_)ids?$|Ids?$|serial|^mac|superseded_by|^ssid$/i;
/** Closed or technical words stand under these keys, by Sonos' documentation and our contract. */
const WORDS = new Set(
  `_objectType type objectType playbackState previousPlaybackState groupStatus status state targetType target_type
   capabilities apiVersion minApiVersion softwareVersion hardwareVersion hwVersion software_version
   hardware_version model model_number modelDisplayName color kind errorCode error_code code phase priority
   clipType appId app_id htInputFormat repeat volumeMode event_type namespace command provider devices min_priority
   timezone method effect retry isVisible zone`.split(/\s+/),
);
const WORD = /^[A-Za-z][A-Za-z0-9_./-]{0,63}$|^[\d.-]{1,24}$/;
const MODEL = /^[A-Za-z0-9][A-Za-z0-9 .:()-]{0,39}$/;
const TIMES = new Set(['from', 'to', 'at', 'time', 'until']);
const TIME = /^[\d:]{1,8}$/;
const CRON = /^([\d*/,-]|\b(mon|tue|wed|thu|fri|sat|sun)\b| ){1,80}$/i;
const NUMBER = /^[+-]?\d{1,9}(\.\d{1,9})?%?$/;
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** The keys below these are names of rooms and the like; ids are seen as such. */
const KEYED_BY_NAMES = new Set(['volumes', 'presets', 'rooms', 'households']);
/** Whoever gives a name of two words to a preset must not have it taken for a mark. */
const MARK = /^[a-z][A-Za-z]* (RINCON|Sonos)_\S+$/;
const KEY = /^[A-Za-z_$][A-Za-z0-9_$-]{0,63}$/;
const ROOM_KEYS = new Set(['room', 'rooms', 'members', 'coordinator', 'group', 'address', 'alias', 'join']);
const LARGEST_PLAIN_ID = 9_999;

const kindOf = (key: string, owner: object): TextKind => {
  if (ROOM_KEYS.has(key)) return 'Room';
  if (key === 'name')
    return ['playerIds', 'capabilities', 'deviceIds', 'gone_since', 'members'].some((each) => each in owner)
      ? 'Room'
      : 'Title';
  return key === 'title' ? 'Title' : 'Text';
};

/** Every text in a value, keys included. */
function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield* Object.keys(value);
  for (const each of Object.values(value)) yield* textsIn(each);
}

class Redactor implements Redaction {
  readonly #options: RedactionOptions;
  readonly #ids = new IdStandIns();
  readonly #urls = new UrlStandIns();
  readonly #texts: TextStandIns;

  constructor(options: RedactionOptions) {
    this.#options = options;
    this.#texts = new TextStandIns((word) => options.publicWords.has(word));
  }

  value(value: unknown, key = ''): Json {
    // New rooms get their addresses in the order of their ids, so that order is kept.
    this.#ids.noteAll([...textsIn(value)].filter((text) => /^RINCON_[^:]*$/.test(text)));
    return this.#value(value, key, {});
  }

  text(text: string, kind: TextKind = 'Text'): string {
    return this.#string(text, '', kind);
  }

  id(id: string): string {
    return this.#ids.of(id);
  }

  path(path: string): string {
    const [steps = '', query] = path.split('?', 2);
    const [empty = '', kind = '', ...rest] = steps.split('/');
    const words = rest.map((word, index) =>
      index > 0 && /^[A-Za-z]{1,32}$/.test(word) ? word : encodeURIComponent(this.#ids.of(decoded(word))),
    );
    const isPlain = query !== undefined && /^[A-Za-z]{1,32}=(true|false)$/.test(query);
    const asked = query === undefined ? '' : `?${isPlain ? query : this.#ids.of(query)}`;
    return `${[empty, kind, ...words].join('/')}${asked}`;
  }

  address(address: string): string {
    return address
      .split('/')
      .map((level) => this.#level(level))
      .join('/');
  }

  #level(level: string): string {
    if (this.#ids.is(level)) return this.#ids.of(level);
    if (/^[0-9a-f]{6}(-\d+)?$/.test(level)) {
      const [digits = '', ...number] = level.split('-');
      const own = this.#ids.ofDigits(digits);
      if (own !== undefined) return [own, ...number].join('-');
    }
    return this.#string(level, '', 'Room');
  }

  #value(value: unknown, key: string, owner: object): Json {
    if (typeof value === 'string')
      return key === 'address' ? this.address(value) : this.#string(value, key, kindOf(key, owner));
    if (typeof value === 'number')
      return ID.test(key) && value > LARGEST_PLAIN_ID ? this.#numberOf(value) : value;
    if (typeof value !== 'object' || value === null) return typeof value === 'boolean' ? value : null;
    // What stands in a list is not keyed by names, whatever the list is called.
    if (Array.isArray(value))
      return value.map((each) => this.#value(each, typeof each === 'object' ? `${key}[]` : key, owner));
    const made: Record<string, Json> = {};
    for (const [name, each] of Object.entries(value)) {
      if (each !== undefined) made[this.#key(name, key, made)] = this.#value(each, name, value);
    }
    return made;
  }

  #numberOf(value: number): number {
    return LARGEST_PLAIN_ID + Number(this.#ids.of(`number ${value}`).replace(/\D/g, ''));
  }

  #key(name: string, parent: string, taken: object): string {
    let key = name;
    // A mark of a slice is named `namespace target`.
    if (MARK.test(name)) key = name.replace(/ (\S+)$/, (_, id: string) => ` ${this.#ids.of(id)}`);
    else if (this.#ids.is(name)) key = this.#ids.of(name);
    else if (KEYED_BY_NAMES.has(parent)) key = this.#string(name, '', 'Room');
    else if (this.#options.clean(name) !== name || !KEY.test(name)) key = this.#ids.of(name);
    while (Object.hasOwn(taken, key)) key += '!';
    return key;
  }

  #string(raw: string, key: string, kind: TextKind): string {
    if (raw === '') return raw;
    if (SECRET.test(key)) return '[secret]';
    if (this.#ids.is(raw)) return this.#ids.of(raw);
    const text = this.#options.clean(raw);
    if (this.#urls.is(text)) return this.#urls.url(text);
    const isWord = WORDS.has(key) && (key.startsWith('model') ? MODEL : WORD).test(text);
    if (ID.test(key) && !isWord) return this.#ids.of(text);
    if (NUMBER.test(text) || DATE.test(text) || (TIMES.has(key) && TIME.test(text))) return text;
    if (key === 'cron' && CRON.test(text)) return text;
    if (key === 'allowed_hosts') return this.#urls.host(text);
    const digits = this.#ids.ofDigits(text);
    if (digits !== undefined) return digits;
    return isWord || this.#options.withNames
      ? this.#urls.within(this.#ids.within(text))
      : this.#texts.of(text, kind);
  }
}

function decoded(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

/** Creates a redaction that has seen nothing yet. */
export const createRedaction = (options: RedactionOptions): Redaction => new Redactor(options);
