import { APP_ID } from '../../src/bridge/clip.ts';
import type { HeardClip } from '../../src/sim/clip.ts';
import type { Chance } from '../../src/sim/random.ts';
import { type Answers, type Load, type Sent, wrongAnnouncements } from './announcement-checks.ts';
import type { House } from './house.ts';
import type { Call } from './network.ts';
import { announcementOf, soundElsewhere } from './speech.ts';

/** The bridge forgets an id after ten minutes. */
const REMEMBERED_MS = 9 * 60_000;

/** How long it may take until the broker has what the player told. */
const SHOWN_MS = 250;
/** Long enough for a sound to be made, to be fetched and to be heard. */
const PROBE_MS = 14_000;

/** One who wants things to be said, and keeps account of what became of them. */
export class Announcers {
  readonly #house: House;
  readonly #chance: Chance;
  #count = 0;
  #order = 0;
  #sent: Sent[] = [];
  #loads: Load[] = [];
  /** By id and address. */
  readonly #answers = new Map<string, Answers>();
  #heard = new Map<string, HeardClip>();
  /** What was wrong when somebody looked. */
  #found: string[] = [];

  constructor(house: House, chance: Chance) {
    this.#house = house;
    this.#chance = chance;
    house.onClip = (clip) => {
      if (clip.appId === APP_ID) this.#heard.set(clip.clipId, clip);
    };
  }

  /** How many announcements and cancels were sent since the world began. */
  get count(): number {
    return this.#count;
  }

  /** Does something about announcements somewhere. */
  act(): void {
    const draw = this.#chance.fraction();
    if (draw < 0.15) this.#disturb();
    else if (draw < 0.35) this.#cancel();
    else if (draw >= 0.5 || !this.#repeat()) this.#announce();
  }

  /** Somebody at a speaker, another app, a clip whose end is not told; what a speaker refuses, it refuses. */
  #disturb(): void {
    const { world } = this.#house.cloud;
    const rooms = world.rooms().filter(({ online }) => online);
    if (rooms.length === 0) return;
    const { id, name } = this.#chance.pick(rooms);
    const deed = this.#chance.pick(['clip', 'dismissClip', 'failClip', 'loseDone', 'jamClips'] as const);
    this.#note(`${deed} in ${name}`);
    try {
      world[deed](id);
    } catch {
      // It is asleep, or plays no clips.
    }
  }

  /** What ails the speakers is over. */
  cure(): void {
    const { world } = this.#house.cloud;
    for (const { id } of world.rooms()) {
      world.loseDone(id, false);
      world.jamClips(id, false);
    }
  }

  #announce(): void {
    const chance = this.#chance;
    const rooms = [...this.#addresses().keys()];
    if (rooms.length === 0) return;
    this.#count += 1;
    const id = `a${this.#count}`;
    const room = chance.pick(rooms);
    const [home = ''] = room.split('/');
    const others = rooms.filter((each) => each.startsWith(`${home}/`) && each !== room);
    const further = chance.fraction() < 0.25 && others.length > 0 ? [chance.pick(others)] : [];
    const isForAll = chance.fraction() < 0.25;
    const priority = chance.fraction() < 0.25 ? 'high' : 'normal';
    const expiresAt =
      chance.fraction() < 0.15 ? this.#house.machine.calendar + chance.integer(1, 40) * 1000 : null;
    const what = chance.fraction() < 0.75 ? { text: `This is ${id}` } : { url: soundElsewhere(id) };
    const payload = {
      ...{ ...what, priority },
      // One that the bridge names itself is not found again in the answers.
      ...(chance.fraction() < 0.9 ? { id } : {}),
      ...(further.length > 0 ? { rooms: further.map((each) => each.slice(home.length + 1)) } : {}),
      ...(expiresAt === null ? {} : { expires_at: new Date(expiresAt).toISOString() }),
    };
    this.#send({
      ...{ id, kind: 'announce', hasId: 'id' in payload, priority, of: null, expiresAt },
      topic: `sonos/${isForAll ? `${home}/all` : room}/set/announce`,
      rooms: isForAll ? further : [room, ...further],
      payload: JSON.stringify(payload),
    });
  }

  #cancel(): void {
    const chance = this.#chance;
    const rooms = [...this.#addresses().keys()];
    if (rooms.length === 0) return;
    this.#count += 1;
    const id = `k${this.#count}`;
    const last = this.#sent.filter(({ kind, hasId }) => kind === 'announce' && hasId).slice(-3);
    const of = last.length > 0 && chance.fraction() < 0.7 ? chance.pick(last) : null;
    const room = of?.rooms[0] ?? chance.pick(rooms);
    const [home = ''] = room.split('/');
    const isForAll = chance.fraction() < 0.3;
    this.#send({
      ...{ id, kind: 'cancel', hasId: true, priority: 'normal', of: of?.id ?? null, expiresAt: null },
      topic: `sonos/${isForAll ? `${home}/all` : room}/set/cancel`,
      rooms: isForAll ? [] : [room],
      payload: JSON.stringify({ ...(of === null ? {} : { value: of.id }), id }),
    });
  }

  /** The last announcement once more: in the run that it reached, or in a later one when it is not over. */
  #repeat(): boolean {
    const { time, runs } = this.#house;
    const last = this.#sent.findLast(({ kind, hasId, run }) => kind === 'announce' && hasId && run !== null);
    if (last === undefined || time.now - last.at > REMEMBERED_MS) return false;
    const answers = [...this.#answers].filter(([key]) => key.startsWith(`${last.id} `));
    const isOpen = answers.length > 0 && answers.every(([, { terminal }]) => terminal.size === 0);
    if (last.run !== runs && !isOpen) return false;
    // An id is remembered by address: who has another one by now would be addressed anew.
    if (!isSame(last.players, this.#addresses())) return false;
    this.#publish(last, () => this.#note(`again ${last.id}`));
    return true;
  }

  #send(made: Omit<Sent, 'at' | 'run' | 'order' | 'times' | 'reachedAt' | 'players'>): void {
    const { time } = this.#house;
    const sent: Sent = {
      ...{ ...made, at: time.now, run: null, order: 0, times: 0, reachedAt: 0, players: this.#addresses() },
    };
    this.#sent.push(sent);
    this.#publish(sent, () => {
      this.#order += 1;
      sent.order = this.#order;
      sent.run = this.#house.runs;
      sent.reachedAt = time.now;
      this.#note(`${sent.topic} ${sent.payload}`);
    });
  }

  #publish(sent: Sent, reached: () => void): void {
    this.#house.broker.publish(sent.topic, sent.payload, () => {
      sent.times += 1;
      reached();
    });
  }

  /** The rooms of which the broker knows, `home/kitchen`, and their players. */
  #addresses(): Map<string, string> {
    const found = new Map<string, string>();
    for (const [topic, payload] of this.#house.broker.retained) {
      const room = /^sonos\/([^/]+\/[^/]+)$/.exec(topic)?.[1];
      const id = /^\{"id":"(RINCON_[^"]+)"/.exec(payload)?.[1];
      if (room !== undefined && id !== undefined) found.set(room, id);
    }
    return found;
  }

  /** Where nothing is wrong, a room in which something of ours is heard says what. */
  look(): void {
    const { now } = this.#house.time;
    for (const { deviceId, url, startedAt, endedAt } of this.#heard.values()) {
      if (endedAt !== null || startedAt > now - SHOWN_MS || !this.#isTold(deviceId)) continue;
      const said = this.#sent.find(({ id }) => id === announcementOf(url ?? ''));
      const shown = this.#shownIn(deviceId);
      const isRight = said?.hasId === false ? shown !== null : shown === said?.id;
      if (!isRight) this.#found.push(`${deviceId} announces ${shown}, while ${url} is heard`);
    }
  }

  /** Whether the bridge hears of a player's clips. */
  #isTold(player: string): boolean {
    const { cloud, countersBeganAnew } = this.#house;
    if (countersBeganAnew) return false;
    return cloud
      .subscriptions()
      .some(({ namespace, target }) => namespace === 'audioClip' && target === player);
  }

  /** What a player announces, as the broker has it. */
  #shownIn(player: string): string | null {
    const begin = `{"id":"${player}"`;
    const state = [...this.#house.broker.retained.values()].find((payload) => payload.startsWith(begin));
    const { announcing = null }: { announcing?: string | null } = JSON.parse(state ?? '{}');
    return announcing;
  }

  /** An announcement at a quiet moment is heard, shown while it is, and answered. */
  async probe(): Promise<string[]> {
    const { time, broker, cloud } = this.#house;
    this.cure();
    const able = [...this.#addresses()].filter(([, player]) => cloud.world.room(player).online);
    if (able.length === 0) return [];
    const [room, player] = this.#chance.pick(able);
    this.#count += 1;
    const id = `a${this.#count}`;
    const told = this.#isTold(player);
    this.#send({
      ...{ id, kind: 'announce', hasId: true, priority: 'normal', of: null, expiresAt: null },
      ...{ topic: `sonos/${room}/set/announce`, rooms: [room] },
      payload: JSON.stringify({ text: `This is ${id}`, id }),
    });
    for (let waited = 0; waited < PROBE_MS; waited += SHOWN_MS) {
      await time.advance(SHOWN_MS);
      this.look();
    }
    const answers = broker.taken
      .filter(({ topic }) => topic === `sonos/${room}/reply`)
      .map(({ payload }) => JSON.parse(payload))
      .filter((reply) => reply.id === id);
    const words = answers.map(({ status, error }) => error?.code ?? status).join();
    const right = ['accepted,confirmed', 'accepted,internal', 'not_capable'];
    if (!told) right.push('accepted,unconfirmed');
    const found = this.#found;
    this.#found = [];
    if (!right.includes(words)) found.push(`${id} in ${room} was answered ${words}`);
    const shown = this.#shownIn(player);
    if (shown !== null && told) found.push(`${room} announces ${shown}, and nothing is heard`);
    return found;
  }

  #note(line: string): void {
    this.#house.trace.note(this.#house.time.now, `announcers: ${line}`);
  }

  /** Takes note of what Sonos took and what the bridge answered. */
  note(
    calls: readonly Call[],
    messages: readonly { readonly topic: string; readonly payload: string; readonly at: number }[],
  ): void {
    for (const { method, path, body, isDone, at } of calls) {
      const player = /^\/players\/([^/]+)\/audioClip$/.exec(path)?.[1];
      if (player === undefined || method !== 'POST' || !isDone) continue;
      const { streamUrl = '' }: { streamUrl?: string } = JSON.parse(body);
      const id = announcementOf(streamUrl);
      if (id !== null) this.#loads.push({ player, id, at });
    }
    for (const { topic, payload, at } of messages) {
      const room = /^sonos\/([^/]+\/[^/]+)\/reply$/.exec(topic)?.[1];
      if (room !== undefined) this.#answered(room, payload, at);
    }
  }

  #answered(room: string, payload: string, at: number): void {
    const { id, command, status }: { id: string; command: string; status: string } = JSON.parse(payload);
    if (command !== 'announce' && command !== 'cancel') return;
    const key = `${id} ${room}`;
    const answers = this.#answers.get(key) ?? { accepted: new Set(), terminal: new Map() };
    this.#answers.set(key, answers);
    if (status === 'accepted') answers.accepted.add(payload);
    else if (!answers.terminal.has(payload)) answers.terminal.set(payload, at);
  }

  /** What is wrong with everything so far, which is over now. */
  wrong(lost: Parameters<typeof wrongAnnouncements>[1]): string[] {
    const found = wrongAnnouncements(
      {
        ...{ sent: this.#sent, loads: this.#loads, answers: this.#answers },
        heard: [...this.#heard.values()],
        areRenamed: this.#sent.some(({ players }) => !isSame(players, this.#addresses())),
      },
      lost,
    );
    found.push(...this.#found);
    this.#found = [];
    this.#sent = [];
    this.#loads = [];
    this.#answers.clear();
    this.#heard = new Map([...this.#heard].filter(([, { endedAt }]) => endedAt === null));
    return found;
  }
}

const isSame = (a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
