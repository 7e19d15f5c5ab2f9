import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, Log } from '../bridge/ports.ts';
import type { PlayReport, QueueBook, ServedQueue } from '../bridge/queue/queue-ports.ts';
import type { Result } from '../bridge/result.ts';
import { contextBody, versionBody, windowBody } from './bodies.ts';
import { type Reply, refusal, send } from './http-reply.ts';
import type { Media, ServedSound } from './media.ts';
import { MAX_REPORT_BYTES, readReports, readWindowQuery } from './requests.ts';

/** What a player asked for, and what it got; nothing of it is secret. */
export interface PlayerRequest {
  readonly household: string;
  /** The group that the queue was loaded into. */
  readonly group: string;
  /** `GET itemWindow`, `POST timePlayed`, `GET media` … */
  readonly what: string;
  readonly status: number;
  /** The items that it is about. */
  readonly items: readonly string[];
  /** In words for people; null when there is nothing to add. */
  readonly note: string | null;
  readonly ms: number;
}

/** What the server needs. */
export interface QueueServerOptions {
  /** The part of every path that nobody can guess. */
  readonly secret: string;
  /** Null until there is one. */
  readonly book: () => QueueBook | null;
  readonly media: Media;
  readonly answerSound: (
    request: IncomingMessage,
    response: ServerResponse,
    sound: ServedSound,
  ) => Promise<unknown>;
  readonly readBody: (
    request: IncomingMessage,
    maxBytes: number,
    done: (body: Result<string, string>) => void,
  ) => void;
  readonly requested: (request: PlayerRequest) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What players ask of queues: below an unguessable path, on somebody else's listener. */
export interface QueueServer {
  /** Answers a request; false when it is for somebody else, and nothing was done. */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
}

/** The path below which everything stands. */
export const QUEUE_PATH = '/queue/';

/** The whole of the grammar; nothing of a request ever becomes a part of a path on the disk. */
const PATH =
  /^\/queue\/([\w-]{43})\/(?:media\/([\w-]{43}\.[a-z0-9]{1,5})|([\w-]{16,64})\/v2\.3\/(context|itemWindow|version|timePlayed|report\/timePlayed))$/;

const isSame = (given: string, wanted: string): boolean => {
  const [one, other] = [Buffer.from(given), Buffer.from(wanted)];
  return one.length === other.length && timingSafeEqual(one, other);
};

const NOBODY = refusal(404, 'notFound', 'There is no such queue.');

const NO_METHOD = (allowed: string): Reply =>
  refusal(405, 'methodNotAllowed', 'Not with this method.', { Allow: allowed });

/** What is asked of one queue. */
interface Question {
  readonly key: string;
  readonly endpoint: string;
  readonly query: string;
}

class Server implements QueueServer {
  readonly #options: QueueServerOptions;

  constructor(options: QueueServerOptions) {
    this.#options = options;
  }

  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const [path = '', query = ''] = (request.url ?? '').split(/\?(.*)/s, 2);
    if (!path.startsWith(QUEUE_PATH)) return false;
    const [, secret = '', media, key = '', endpoint = ''] = PATH.exec(path) ?? [];
    if (!isSame(secret, this.#options.secret)) {
      send(request, response, NOBODY);
      return true;
    }
    const answered =
      media === undefined
        ? this.#queue(request, response, { key, endpoint, query })
        : this.#media(request, response, media);
    answered.catch((cause: unknown) => {
      const error = cause instanceof Error ? cause.name : String(cause);
      const words = 'A player could not be answered; this is a mistake in the bridge, please report it.';
      this.#options.log.error(words, { error });
      response.destroy();
    });
    return true;
  }

  async #queue(request: IncomingMessage, response: ServerResponse, question: Question): Promise<void> {
    const since = this.#options.clock.elapsed();
    const served = this.#options.book()?.find(question.key) ?? null;
    const reply = await this.#reply(request, question, served);
    send(request, response, reply);
    const { status, items = [], note = null } = reply;
    this.#told(served, { what: `${request.method} ${question.endpoint}`, since, status, items, note });
  }

  async #reply(request: IncomingMessage, question: Question, served: ServedQueue | null): Promise<Reply> {
    if (served === null) return NOBODY;
    const { authorization } = served;
    if (authorization !== null && !isSame(request.headers.authorization ?? '', authorization)) {
      const words = 'The Authorization header is not the one that the queue was loaded with.';
      return refusal(401, 'unauthorized', words, { 'WWW-Authenticate': 'Bearer' });
    }
    if (question.endpoint.endsWith('timePlayed')) {
      return request.method === 'POST' ? this.#reported(request, question.key) : NO_METHOD('POST');
    }
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    return isRead ? this.#piece(question, served) : NO_METHOD('GET, HEAD');
  }

  #piece({ key, endpoint, query }: Question, served: ServedQueue): Reply {
    if (endpoint === 'context') return { status: 200, body: contextBody(served) };
    if (endpoint === 'version') return { status: 200, body: versionBody(served) };
    const read = readWindowQuery(new URLSearchParams(query));
    if (!read.ok) return refusal(400, 'invalidParameter', read.error);
    const { itemId } = read.value;
    const window = windowBody(served, read.value);
    if (window === null) {
      return { ...refusal(404, 'itemNotFound', 'The queue has no such item.'), items: [itemId] };
    }
    this.#options.book()?.told(key, served.queue.version);
    const note = itemId === '' ? 'from the start' : `around ${itemId}`;
    return { status: 200, body: window.body, items: window.ids, note };
  }

  async #reported(request: IncomingMessage, key: string): Promise<Reply> {
    const body = await new Promise<Result<string, string>>((resolve) => {
      this.#options.readBody(request, MAX_REPORT_BYTES, resolve);
    });
    if (!body.ok) {
      const status = body.error === 'body_too_large' ? 413 : 400;
      return refusal(status, 'invalidBody', 'The body cannot be read.');
    }
    const reports = readReports(body.value);
    if (reports === null) return refusal(400, 'invalidBody', 'The body is not a report of time played.');
    this.#options.book()?.reported(key, reports);
    const note = reports.map(wordsOf).join('; ');
    return { status: 204, body: null, items: reports.map(({ itemId }) => itemId), note };
  }

  async #media(request: IncomingMessage, response: ServerResponse, name: string): Promise<void> {
    const { clock, media, book, answerSound } = this.#options;
    const since = clock.elapsed();
    const item = book()?.endingIn(`${QUEUE_PATH}${this.#options.secret}/media/${name}`) ?? null;
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    const sound = isRead ? await media.find(name) : null;
    const refused = isRead ? refusal(404, 'notFound', 'There is no such file.') : NO_METHOD('GET, HEAD');
    if (sound === null) send(request, response, refused);
    else await answerSound(request, response, sound);
    this.#told(item?.served ?? null, {
      ...{ what: `${request.method} media`, since, status: response.statusCode },
      items: item === null ? [] : [item.itemId],
      note: sound === null ? (refused.note ?? null) : (request.headers.range?.slice(0, 64) ?? null),
    });
  }

  #told(
    served: ServedQueue | null,
    { since, ...what }: Omit<PlayerRequest, 'household' | 'group' | 'ms'> & { readonly since: number },
  ): void {
    const { clock, log, requested } = this.#options;
    const ms = clock.elapsed() - since;
    log.debug('A player asked for a queue.', { ...what, items: what.items.join(' '), ms });
    requested({ ...what, household: served?.household ?? '', group: served?.group ?? '', ms });
  }
}

const wordsOf = ({ isFinal, playedMs, error }: PlayReport): string =>
  [
    isFinal ? 'final' : 'update',
    ...(playedMs === null ? [] : [`${playedMs} ms played`]),
    ...(error === null ? [] : [`error ${error.type ?? ''} ${error.status ?? ''}`.trim()]),
  ].join(', ');

/** Creates it. It logs no path and no address. */
export const createQueueServer = (options: QueueServerOptions): QueueServer => new Server(options);
