import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Knobs } from './knobs.ts';
import type { DirectControl, QueueSource, Track } from './model.ts';
import type { QueueContext, QueuePiece, QueueWire } from './queue-wire.ts';
import { soundLength } from './sound.ts';
import type { Transport } from './transport.ts';

/** What a cloud queue is played with. */
export interface CloudQueuePorts {
  readonly clock: Clock;
  readonly knobs: Knobs;
  readonly wire: QueueWire;
  /** The group's, at this moment. */
  readonly transport: () => Transport;
  /** Something that no other queue has. */
  readonly id: string;
  readonly session: DirectControl;
}

/** Where to begin. */
export interface QueueStart {
  readonly itemId: string;
  readonly play: boolean;
  readonly positionMillis: number;
}

/** One item on its way, and where in it the player began. */
interface Segment {
  readonly track: Track;
  readonly from: number;
  error: { readonly type: 'http' | 'transport'; readonly status: number } | null;
}

const REPORTED_FROM_MS = 1_000;

/** A player that plays a cloud queue: window after window, with reports, until its end (docs.sonos.com, "Cloud queue"). */
export class CloudQueue {
  readonly #ports: CloudQueuePorts;
  #context: QueueContext | null = null;
  #piece: QueuePiece | null = null;
  #segment: Segment | null = null;
  /** What came of getting the media, by item; a length of null is not known. */
  readonly #media = new Map<string, { readonly status: number; readonly length: number | null }>();
  readonly #asked = new Set<string>();
  #isAsking = false;
  /** What the group's queue was filled with last, as JSON. */
  #filled = '';
  #isOver = false;
  #reports = 0;
  #poll: Cancel = () => {};
  #update: Cancel = () => {};

  constructor(ports: CloudQueuePorts) {
    this.#ports = ports;
  }

  /** A first load that fails is not tried again. */
  start(start: QueueStart): void {
    const { wire } = this.#ports;
    wire.context((context) => {
      if (typeof context === 'number') {
        this.#fail(context);
        return;
      }
      this.#context = context;
      wire.window(start.itemId, 'load', (piece) => {
        if (typeof piece === 'number') this.#fail(piece);
        else this.#begin(piece, start);
      });
    });
  }

  /** The app says that something changed. */
  refresh(): void {
    if (!this.#isOver) this.#look('refresh', this.#current()?.itemId ?? '');
  }

  /** The app wants another item. */
  skipTo({ itemId, play, positionMillis }: QueueStart): void {
    this.#ports.wire.window(itemId, 'skipToItem', (piece) => {
      if (typeof piece !== 'number' && !this.#isOver) this.#begin(piece, { itemId, play, positionMillis });
    });
  }

  /** The group's music changed in some way. */
  changed(): void {
    if (this.#isOver || this.#piece === null) return;
    const { source, state } = this.#ports.transport();
    if (source?.kind !== 'queue' || source.cloud !== this.#ports.id) {
      this.stop();
      return;
    }
    const current = state === 'PLAYBACK_STATE_IDLE' ? null : this.#current();
    if (current?.itemId !== this.#segment?.track.itemId) this.#turn(current);
  }

  /** The queue is not played any more. */
  stop(): void {
    if (this.#isOver) return;
    this.#final();
    this.#isOver = true;
    this.#poll();
    this.#update();
    this.#ports.wire.close();
  }

  #current(): Track | null {
    return this.#ports.transport().track();
  }

  #begin(piece: QueuePiece, { itemId, play, positionMillis }: QueueStart): void {
    const first = piece.tracks.find((track) => track.itemId === itemId) ?? piece.tracks[0];
    if (first === undefined) {
      this.#ports.transport().fail('ERROR_PLAYBACK_NO_CONTENT');
      return;
    }
    this.#piece = piece;
    // The length of the first is wanted before it sounds.
    this.#fetch(first, () => {
      if (this.#isOver) return;
      const transport = this.#ports.transport();
      transport.load(this.#source(), false);
      transport.goTo(first.itemId ?? '', positionMillis);
      if (play) transport.play();
      this.#watch();
    });
  }

  #source(): QueueSource {
    const { id, session } = this.#ports;
    return {
      ...{ kind: 'queue', cloud: id, session, container: this.#context?.container ?? {} },
      queueVersion: this.#piece?.queueVersion ?? '',
      tracks: (this.#piece?.tracks ?? []).map((track) => this.#timed(track)),
    };
  }

  #timed(track: Track): Track {
    const length = this.#media.get(track.itemId ?? '')?.length ?? null;
    return track.durationMillis !== undefined || length === null
      ? track
      : { ...track, durationMillis: length };
  }

  /** Another item sounds now, or none does any more. */
  #turn(track: Track | null): void {
    this.#final();
    this.#segment = null;
    this.#update();
    if (track === null) return;
    const from = this.#ports.transport().position();
    this.#segment = { track, from, error: null };
    const reports = this.#context?.reports ?? null;
    if (reports !== null) this.#updateAfter(Math.max(reports.afterMs, REPORTED_FROM_MS + 1));
    this.#fetch(track, () => {});
    if (this.#media.has(track.itemId ?? '')) this.#fetched(track);
    this.#lookAhead(true);
  }

  /** What comes next is got before it is its turn. */
  #lookAhead(mayAsk: boolean): void {
    const tracks = this.#piece?.tracks ?? [];
    const at = tracks.findIndex(({ itemId }) => itemId === this.#segment?.track.itemId);
    const next = tracks[at + 1];
    if (next !== undefined) this.#fetch(next, () => this.#refill());
    if (mayAsk && at >= tracks.length - 2 && this.#piece?.includesEnd === false)
      this.#look('more', this.#segment?.track.itemId ?? '');
  }

  #fetch(track: Track, done: () => void): void {
    const { itemId = '', mediaUrl = '' } = track;
    if (this.#media.has(itemId)) {
      done();
      return;
    }
    if (this.#asked.has(itemId)) return;
    this.#asked.add(itemId);
    this.#ports.wire.media(mediaUrl, ({ status, body }) => {
      this.#asked.delete(itemId);
      this.#media.set(itemId, { status, length: soundLength(Buffer.from(body)) });
      done();
      // It may have become its turn meanwhile.
      if (this.#segment?.track.itemId === itemId) this.#fetched(track);
    });
  }

  /** The media of the item that sounds are there, or cannot be had: then the player says so, and goes on with what follows. */
  #fetched(track: Track): void {
    const status = this.#media.get(track.itemId ?? '')?.status ?? 0;
    this.#refill();
    if (status !== 200 && status !== 206) this.#ports.clock.after(0, () => this.#dead(track, status));
  }

  #dead({ itemId, name }: Track, status: number): void {
    const segment = this.#segment;
    if (this.#isOver || segment === null || segment.track.itemId !== itemId || segment.error !== null) return;
    segment.error = { type: status === 0 ? 'transport' : 'http', status };
    const transport = this.#ports.transport();
    const more = status === 0 ? {} : { httpStatus: status };
    transport.complain('ERROR_PLAYBACK_FAILED', { itemId, trackName: name, ...more });
    if (transport.next() !== null) transport.fail('ERROR_PLAYBACK_NO_PLAYABLE_CONTENT');
  }

  /** Puts what is known by now into the group's queue. */
  #refill(): void {
    const source = this.#source();
    const text = JSON.stringify(source);
    if (this.#isOver || text === this.#filled) return;
    this.#filled = text;
    this.#ports.transport().refill(source);
  }

  /** Gets the window anew; what fails is tried again when the version is looked at. */
  #look(reason: string, itemId: string): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#ports.wire.window(itemId, reason, (piece) => {
      this.#isAsking = false;
      if (typeof piece === 'number' || this.#isOver) return;
      this.#piece = piece;
      this.#refill();
      this.#lookAhead(false);
    });
  }

  /** Asks for the version from time to time. */
  #watch(): void {
    this.#poll();
    this.#poll = this.#ports.clock.after(this.#ports.knobs.queueVersionMs, () => {
      this.#ports.wire.version((version) => {
        if (this.#isOver) return;
        if (version !== null && version !== this.#piece?.queueVersion)
          this.#look('version', this.#current()?.itemId ?? '');
      });
      this.#watch();
    });
  }

  #updateAfter(milliseconds: number): void {
    this.#update = this.#ports.clock.after(milliseconds, () => {
      if (this.#ports.transport().state === 'PLAYBACK_STATE_PLAYING') this.#report('update');
      const every = this.#context?.reports?.everyMs ?? null;
      if (every !== null) this.#updateAfter(every);
    });
  }

  #final(): void {
    if (this.#segment !== null && this.#context?.reports != null) this.#report('final');
  }

  #report(type: 'update' | 'final'): void {
    const segment = this.#segment;
    if (segment === null) return;
    const { track, from, error } = segment;
    const transport = this.#ports.transport();
    const isLeft = type === 'final' && transport.previous.itemId === track.itemId;
    const position = isLeft ? transport.previous.positionMillis : transport.position();
    const played = error === null ? Math.max(0, position - from) : 0;
    if (played <= REPORTED_FROM_MS && error === null) return;
    this.#reports += 1;
    this.#ports.wire.report({
      reportId: `${this.#ports.id}-${this.#reports}`,
      ...{ id: track.itemId, mediaUrl: track.mediaUrl, type },
      queueVersion: this.#piece?.queueVersion,
      contextVersion: this.#piece?.contextVersion,
      positionMillis: from + played,
      positionMillisAtSegmentStart: from,
      durationPlayedMillis: played,
      timeSincePlaybackMillis: 0,
      ...(error === null ? {} : { error }),
    });
  }

  #fail(status: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const more = status === 0 ? {} : { httpStatus: status };
    this.#ports.transport().fail('ERROR_CLOUD_QUEUE_SERVER', more);
  }
}
