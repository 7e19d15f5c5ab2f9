import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { canary } from './secret-house.ts';

/** How an answer says back what it was sent. */
export interface Echo {
  readonly status: number;
  readonly type?: string;
  /** The whole answer, with what was heard in it. */
  readonly says: (heard: string) => string;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Planned {
  readonly path: RegExp;
  readonly echo: Echo;
  times: number;
}

/** A simulated Sonos behind a gateway that gives out tokens full of signs, and talks when things go wrong. */
export interface EchoingSonos {
  readonly url: string;
  /** Everything that was ever given out or sent: codes, tokens, headers. */
  readonly heard: ReadonlySet<string>;
  /** The tokens and codes among it. */
  readonly given: ReadonlySet<string>;
  /** The next requests to such a path are answered so. */
  echo(path: RegExp, echo: Echo, times?: number): void;
  /** From now on nothing is echoed. */
  calm(): void;
  /** A code as the login page would have given it out. */
  code(real: string): string;
  close(): Promise<void>;
}

const TOKEN_PATH = /\/oauth\/access$/;

/** Opens the gateway in front of what listens at a port of this machine. */
export async function openEchoingSonos(target: string): Promise<EchoingSonos> {
  const real = new Map<string, string>();
  const heard = new Set<string>();
  const given = new Set<string>();
  let planned: Planned[] = [];

  let turns = 0;
  /** What was heard, each time with something else in front, for long texts are cut. */
  function turned(): string {
    const all = [...heard];
    turns += 7;
    const first = turns % all.length;
    return [...all.slice(first), ...all.slice(0, first)].join(' ');
  }

  /** What stands for a token or code outside; the same one for the same. */
  function dressed(kind: string, value: string): string {
    const known = [...real].find(([, behind]) => behind === value)?.[0];
    const made = known ?? canary(kind);
    real.set(made, value);
    given.add(made);
    heard.add(made);
    return made;
  }

  function undressed(form: string): string {
    const fields = new URLSearchParams(form);
    for (const [name, value] of fields) fields.set(name, real.get(value) ?? value);
    return String(fields);
  }

  function withTokens(body: string): string {
    const { access_token, refresh_token, ...rest } = JSON.parse(body);
    if (typeof access_token !== 'string') return body;
    return JSON.stringify({
      ...rest,
      access_token: dressed('access', access_token),
      ...(refresh_token === undefined ? {} : { refresh_token: dressed('refresh', refresh_token) }),
    });
  }

  function forward(request: IncomingMessage, body: string, response: ServerResponse): void {
    const isToken = TOKEN_PATH.test(request.url ?? '');
    const bearer = request.headers.authorization?.replace(
      /^Bearer (.*)$/,
      (_, it) => `Bearer ${real.get(it)}`,
    );
    const sent = isToken ? undressed(body) : body;
    const headers = {
      ...request.headers,
      ...(bearer === undefined ? {} : { authorization: bearer }),
      'content-length': String(Buffer.byteLength(sent)),
    };
    const onward = ask(new URL(request.url ?? '/', target), { method: request.method, headers }, (answer) => {
      void text(answer).then((said) => {
        const shown = isToken && answer.statusCode === 200 ? withTokens(said) : said;
        const { 'content-length': _, ...rest } = answer.headers;
        response.writeHead(answer.statusCode ?? 500, rest).end(shown);
      });
    });
    onward.on('error', () => response.destroy());
    onward.end(sent);
  }

  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const path = (request.url ?? '').split('?')[0] ?? '';
      for (const sent of [request.headers.authorization, body]) if (sent) heard.add(sent);
      const plan = planned.find((each) => each.times > 0 && each.path.test(path));
      if (plan === undefined) return forward(request, body, response);
      plan.times -= 1;
      const { status, type = 'application/json', headers = {}, says } = plan.echo;
      response.writeHead(status, { 'Content-Type': type, ...headers }).end(says(turned()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    given,
    echo: (path, echo, times = 1) => {
      planned = [...planned.filter((each) => each.times > 0), { path, echo, times }];
    },
    calm: () => {
      planned = [];
    },
    code: (value) => dressed('code', value),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
