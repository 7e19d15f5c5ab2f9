import { err, ok } from '../../src/bridge/result.ts';
import type { SimRequest, SimResponse } from '../../src/sim/http.ts';
import type { SimulatedCloud } from '../../src/sim/index.ts';
import type { Chance } from '../../src/sim/random.ts';
import type { Http, HttpRequest } from '../../src/sonos/http.ts';
import type { OAuth, OAuthOptions } from '../../src/sonos/oauth.ts';
import { readFailure, readTokenPair } from '../../src/sonos/oauth-answer.ts';
import type { Process, VirtualTime } from './time.ts';

/** A call that reached Sonos. */
export interface Call {
  readonly at: number;
  readonly method: string;
  /** Below the API's prefix. */
  readonly path: string;
  readonly body: string;
  /** Whether Sonos carried it out, also when its answer was lost. */
  readonly isDone: boolean;
}

const OAUTH_TIMEOUT_MS = 10_000;
const UNAVAILABLE: SimResponse = { status: 503, headers: {}, body: 'Service Unavailable', fate: 'answered' };

/** The way between one house and Sonos. */
export class Network {
  readonly #time: VirtualTime;
  readonly #chance: Chance;
  readonly #cloud: () => SimulatedCloud;
  readonly #trace: (line: string) => void;
  /** No way to Sonos, and none back. */
  isDown = false;
  /** From sending to the answer, milliseconds. */
  latency: readonly [number, number] = [20, 90];
  /** The part of the calls that fail with 503. */
  lossRate = 0;
  /** Calls since somebody last looked. */
  calls: Call[] = [];
  /** The most calls of any second and of any minute so far, and of refreshes beside each other. */
  readonly busiest = { second: 0, minute: 0, refreshes: 0 };

  constructor(time: VirtualTime, chance: Chance, cloud: () => SimulatedCloud, trace: (line: string) => void) {
    this.#time = time;
    this.#chance = chance;
    this.#cloud = cloud;
    this.#trace = trace;
  }

  /** HTTP for one process: after its death nothing is sent, and nothing is heard. */
  httpFor(process: Process): Http {
    const count = this.#counter();
    return (request) =>
      new Promise((resolve) => {
        const tell = (result: Awaited<ReturnType<Http>>): void => process.hear(() => resolve(result));
        count();
        if (this.isDown) {
          const reason = 'The server could not be reached (ECONNREFUSED).';
          this.#time.after(5, () => tell(err({ kind: 'network', effect: 'none', reason })));
          return;
        }
        this.#carry(toSim(request), request.timeoutMs, process, (response) => {
          if (response === null) {
            const reason = `No complete answer came within ${request.timeoutMs / 1000} seconds.`;
            tell(err({ kind: 'timeout', effect: 'unknown', reason }));
          } else if (response.fate === 'lost') {
            const reason = 'The connection was lost before the whole answer had arrived (ECONNRESET).';
            tell(err({ kind: 'network', effect: 'unknown', reason }));
          } else {
            const headers = new Map(Object.entries(response.headers).map(([k, v]) => [k.toLowerCase(), v]));
            tell(ok({ status: response.status, headers, text: response.body }));
          }
        });
      });
  }

  /** The login server for one process. */
  oauthFor(process: Process) {
    let refreshing = 0;
    return (options: OAuthOptions): OAuth => {
      const ask = (form: Record<string, string>): ReturnType<OAuth['refresh']> =>
        new Promise((resolve) => {
          const tell = (result: Awaited<ReturnType<OAuth['refresh']>>): void =>
            process.hear(() => resolve(result));
          const lost = (): void => tell(err(readFailure(new Error('lost'))));
          if (this.isDown) return void this.#time.after(5, lost);
          const basic = Buffer.from(`${options.clientId}:${options.clientSecret}`).toString('base64');
          const request: SimRequest = {
            method: 'POST',
            path: '/login/v3/oauth/access',
            headers: {
              authorization: `Basic ${basic}`,
              'content-type': 'application/x-www-form-urlencoded',
            },
            body: new URLSearchParams(form).toString(),
          };
          this.#carry(request, OAUTH_TIMEOUT_MS, process, (response) => {
            if (response === null || response.fate !== 'answered') return lost();
            const payload = parsed(response.body);
            if (response.status < 300) return tell(readTokenPair(payload));
            tell(err(readFailure({ data: { payload, res: { statusCode: response.status } } })));
          });
        });
      return {
        authorizeUrl: (state) => `https://login.example.com/?state=${state}`,
        exchange: (code) =>
          ask({ grant_type: 'authorization_code', code, redirect_uri: options.redirectUri }),
        refresh: (token) => {
          refreshing += 1;
          this.busiest.refreshes = Math.max(this.busiest.refreshes, refreshing);
          return ask({ grant_type: 'refresh_token', refresh_token: token }).finally(() => {
            refreshing -= 1;
          });
        },
      };
    };
  }

  /** Counts the requests of one run of the bridge, whose budget begins anew with it. */
  #counter(): () => void {
    let lastMinute: number[] = [];
    return () => {
      const { now } = this.#time;
      lastMinute = [...lastMinute.filter((at) => at > now - 60_000), now];
      const second = lastMinute.filter((at) => at > now - 1000).length;
      this.busiest.second = Math.max(this.busiest.second, second);
      this.busiest.minute = Math.max(this.busiest.minute, lastMinute.length);
    };
  }

  /** Takes a request to Sonos and the answer back; null when none comes in time. */
  #carry(
    request: SimRequest,
    timeoutMs: number,
    process: Process,
    done: (response: SimResponse | null) => void,
  ): void {
    const there = this.#chance.integer(...this.latency) / 2;
    const back = this.#chance.integer(...this.latency) / 2;
    if (there >= timeoutMs) return void this.#time.after(timeoutMs, () => done(null));
    this.#time.after(there, () => {
      // A process that died in between has sent it all the same, but only just.
      if (!process.isAlive && this.#chance.fraction() < 0.5) return;
      const isLost = this.#chance.fraction() < this.lossRate;
      const response = isLost ? UNAVAILABLE : this.#cloud().handle(request);
      this.#note(request, response);
      const isLate = response.fate === 'hanging' || there + back >= timeoutMs;
      this.#time.after(isLate ? timeoutMs - there : back, () => done(isLate ? null : response));
    });
  }

  #note({ method, path, body }: SimRequest, { status, fate }: SimResponse): void {
    this.#trace(`call ${method} ${path.startsWith('/login') ? '/login' : path} ${status} ${fate}`);
    if (path.startsWith('/login')) return;
    const isDone = status >= 200 && status < 300;
    this.calls.push({
      at: this.#time.now,
      method,
      path: path.slice('/control/api/v1'.length),
      body,
      isDone,
    });
  }
}

function toSim({ method, url, headers, body = '' }: HttpRequest): SimRequest {
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { method, path: url.slice(url.indexOf('/control/')), headers: lower, body };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
