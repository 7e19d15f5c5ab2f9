import { z } from 'zod';
import type { SimulatedSonos } from '../../src/sim/index.ts';
import { eventually, flowing, type RunningHouse, startHouse } from '../e2e/house.ts';
import { builtProgram } from '../support/built-program.ts';

type Options = NonNullable<Parameters<typeof startHouse>[0]>;

/** A house with a page to look at. */
export interface PageHouse {
  readonly house: RunningHouse;
  readonly sonos: SimulatedSonos;
  /** Where the page is, with a slash at the end. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A simulated Sonos, the bridge beside it with an account linked and events flowing, and the page as it was built. */
export async function startPageHouse(options: Options = {}): Promise<PageHouse> {
  await builtProgram();
  const house = await startHouse(options);
  if (options.isLinked !== false && options.hasCallback !== false) await flowing(house);
  return {
    house,
    sonos: house.sonos,
    // By the name that logins come back to.
    url: `http://localhost:${house.app.privatePort}/`,
    stop: () => house.stop(),
  };
}

const anyBody = z.record(z.string(), z.unknown());

/** A call that Sonos got. */
interface Heard {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What Sonos hears from now on, apart from what is only read. */
export function listenTo({ requests }: SimulatedSonos) {
  const from = requests.length;
  const heard = (): Heard[] =>
    requests
      .slice(from)
      .flatMap(({ method, path, status, body }) =>
        method === 'GET' || path.endsWith('/subscription')
          ? []
          : [{ method, path, status, body: body === '' ? {} : anyBody.parse(JSON.parse(body)) }],
      );
  return {
    heard,
    /** The first call whose path ends so and whose body fits. */
    until: (path: string, fits: (body: Heard['body']) => boolean = () => true): Promise<Heard> =>
      eventually(
        () => heard().find((call) => call.path.endsWith(path) && call.status < 300 && fits(call.body)),
        `a call of ${path}`,
        heard,
      ),
  };
}
