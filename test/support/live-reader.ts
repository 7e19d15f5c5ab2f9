import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { LiveMessage } from '../../src/web/api/messages.ts';
import { eventually } from '../e2e/house.ts';

type Kind = LiveMessage['kind'];
type Message<K extends Kind> = Extract<LiveMessage, { readonly kind: K }>;

/** Somebody who reads a live stream. */
export interface LiveReader {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly messages: LiveMessage[];
  readonly isOver: () => boolean;
  /** The first message of this kind that fits, also among those that have come. */
  until<K extends Kind>(
    kind: K,
    fits?: (message: Message<K>) => boolean,
    since?: number,
  ): Promise<Message<K>>;
  close(): void;
}

/** Opens a stream; one that is refused has no messages. */
export function readLive(
  port: number,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<LiveReader> {
  const messages: LiveMessage[] = [];
  let text = '';
  let isOver = false;
  const take = (piece: string): void => {
    text += piece;
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const [, kind, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      if (data === undefined) continue;
      const message = JSON.parse(data) as LiveMessage;
      if (message.kind !== kind) throw new Error(`a ${kind} that says ${message.kind}`);
      messages.push(message);
    }
  };
  return new Promise((resolve, reject) => {
    const over = (): void => {
      isOver = true;
    };
    const request = get({ host: '127.0.0.1', port, path: `/api/live${query}`, headers, agent: false });
    request.on('error', reject);
    request.on('response', (response: IncomingMessage) => {
      response.setEncoding('utf8').on('data', take).on('close', over).on('error', over);
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        messages,
        isOver: () => isOver,
        until: (kind, fits = () => true, since = 0) =>
          eventually(
            () =>
              messages
                .slice(since)
                .filter((each): each is Message<typeof kind> => each.kind === kind)
                .find(fits),
            `a message ${kind}`,
            () => messages.slice(since).map((each) => each.kind),
          ),
        close: () => request.destroy(),
      });
    });
  });
}
