import { createServer, type IncomingMessage, request } from 'node:http';

/** What the receivers said to one event, in the order in which they were asked; 0 for one that did not answer. */
export type Tries = readonly number[];

/** A load balancer that does what nginx does with `proxy_next_upstream error timeout http_503 non_idempotent`. */
export interface Balancer {
  readonly port: number;
  readonly tries: readonly Tries[];
  /** Gives every event to all receivers, as a balancer might that lost an answer. */
  isDoubling: boolean;
  stop(): Promise<void>;
}

const ANSWER_WITHIN_MS = 2_000;

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function ask(port: number, { url, method, rawHeaders }: IncomingMessage, body: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const options = {
      ...{ host: '127.0.0.1', port, agent: false, timeout: ANSWER_WITHIN_MS },
      ...{ method: method ?? 'GET', path: url ?? '/', headers: rawHeaders },
    };
    const asking = request(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(0));
    asking.end(body);
  });
}

/** Starts one in front of receivers on these ports of this machine. */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const all: Tries[] = [];
  let next = 0;
  const balancer = { isDoubling: false };
  const server = createServer(async (message, response) => {
    const body = await bodyOf(message);
    next += 1;
    const turn = ports.map((_, index) => ports[(next + index) % ports.length] ?? 0);
    const tries: number[] = [];
    for (const port of turn) {
      tries.push(await ask(port, message, body));
      if (!balancer.isDoubling && ![0, 503].includes(tries.at(-1) ?? 0)) break;
    }
    all.push(tries);
    response.writeHead(tries.find((status) => status !== 0 && status !== 503) ?? 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return Object.assign(balancer, {
    port: address.port,
    tries: all,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
}
