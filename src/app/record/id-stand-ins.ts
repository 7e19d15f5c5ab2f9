import { hardwareDigits } from '../../bridge/slug.ts';

const UUID = '[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}';
/** What is an id by its looks alone, wherever it stands. In small letters, `sonos_error` is a word of ours. */
const LOOKS_LIKE_AN_ID = new RegExp(`^(?:(?:RINCON|rincon|Sonos)_[A-Za-z0-9_.:@-]+|${UUID})$`);
/** Ids inside a longer text. A group's number after its player is left: it counts, and names nobody. */
const WITHIN = new RegExp(`(?:RINCON|rincon|Sonos)_[A-Za-z0-9_.@-]+|${UUID}`, 'g');

/** Ids of favorites, playlists and services, which count from 1 in every house. */
const SMALL_NUMBER = /^\d{1,4}$/;

const hex = (n: number, length: number): string => n.toString(16).toUpperCase().padStart(length, '0');

/** Replaces ids by others of the same grammar; the same id has the same stand-in as long as this lives. */
export class IdStandIns {
  readonly #known = new Map<string, string>();
  /** By the last six hardware digits of a player, which are its address when its name gives none. */
  readonly #digits = new Map<string, string>();
  #players = 0;
  #others = 0;

  /** Whether the text is an id by its looks, or one that was seen. */
  is(text: string): boolean {
    return LOOKS_LIKE_AN_ID.test(text) || this.#known.has(text);
  }

  /** The stand-in of an id. Small numbers stand for themselves. */
  of(id: string): string {
    if (id === '' || SMALL_NUMBER.test(id)) return id;
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const made = this.#made(id);
    this.#known.set(id, made);
    return made;
  }

  /** The text with stand-ins for all ids in it. */
  within(text: string): string {
    return text.replace(WITHIN, (id) => this.of(id));
  }

  /** Notes ids in their order, so that what is sorted by id stays so. */
  noteAll(ids: Iterable<string>): void {
    for (const id of [...new Set(ids)].sort()) this.of(id);
  }

  /** The stand-in of an address that was made of hardware digits; undefined for any other. */
  ofDigits(address: string): string | undefined {
    return this.#digits.get(address);
  }

  #made(id: string): string {
    const [player = '', ...tail] = id.split(':');
    if (/^RINCON_/i.test(id) && tail.length > 0) {
      const number = tail.join(':');
      return `${this.of(player)}:${/^\d{1,12}$/.test(number) ? number : this.#next()}`;
    }
    if (/^RINCON_/i.test(id)) return this.#player(id);
    if (/^Sonos_/.test(id)) return `Sonos_Household${String(this.#next()).padStart(10, '0')}`;
    if (LOOKS_LIKE_AN_ID.test(id)) return `00000000-0000-4000-8000-${hex(this.#next(), 12).toLowerCase()}`;
    return `id-${this.#next()}`;
  }

  #player(id: string): string {
    this.#players += 1;
    const made = `RINCON_${hex(this.#players, 12)}01400`;
    this.#digits.set(hardwareDigits(id), hardwareDigits(made));
    return made;
  }

  #next(): number {
    this.#others += 1;
    return this.#others;
  }
}
