import { z } from 'zod';
import { readJson } from '../../bridge/read-json.ts';
import { addressOf } from '../address-of.ts';
import { tryPort } from '../free-port.ts';
import { type Check, type Finding, note, well, wrong } from './finding.ts';
import { unreachable } from './reach.ts';
import { isRunning, type World } from './world.ts';

const TITLE = 'Page';
const notReady = z.object({ reasons: z.array(z.string()) });

async function couldListen({ config }: World): Promise<Finding> {
  const { host, port } = config.web;
  const tried = await tryPort(host, port);
  if (tried.ok) return well(TITLE, `${host}:${port} is free for it`);
  return wrong(
    TITLE,
    `the page cannot be served at ${host}:${port} (${tried.error})`,
    'Set web.host to an address of this machine and web.port to a port that is free.',
  );
}

function notReached({ folder }: World, url: string, problem: string): Finding {
  const isElsewhere = folder.kind === 'held' && !folder.holder.inThisSpace;
  const { seen, advice } = unreachable(problem, 'the page of the bridge');
  return isElsewhere
    ? note(
        TITLE,
        `${url}: ${seen}; the bridge runs in another container`,
        'Run doctor in that container, for instance with docker compose exec.',
      )
    : wrong(TITLE, `${url}: ${seen}`, advice);
}

const somethingElse = (url: string, status: number): Finding =>
  wrong(
    TITLE,
    `${url} answers with HTTP ${status}`,
    'Something else may listen there. Check web.host and web.port, and restart the bridge if they were changed.',
  );

async function onlyAlive(world: World, url: string): Promise<Finding> {
  const answer = await world.reach({ url: `${url}/health/live` });
  if (!answer.ok) return notReached(world, url, answer.error);
  const { status } = answer.value;
  if (status === 200) {
    const untold =
      'whether it is ready it tells only to who has the password, of which the settings hold the hash';
    return well(TITLE, `${url} answers; ${untold}`);
  }
  return somethingElse(url, status);
}

async function ofRunning(world: World): Promise<Finding> {
  const { config, reach } = world;
  const { host, port, password } = config.web;
  const url = addressOf('http', host, port);
  // Who has only its hash cannot say the password.
  if (password?.startsWith('$scrypt$') === true) return onlyAlive(world, url);
  const credentials = Buffer.from(`doctor:${password ?? ''}`).toString('base64');
  const headers = password === undefined ? {} : { Authorization: `Basic ${credentials}` };
  const answer = await reach({ url: `${url}/health/ready`, headers });
  if (!answer.ok) return notReached(world, url, answer.error);
  const { status, text } = answer.value;
  if (status === 200) return well(TITLE, `${url} says that the bridge is ready`);
  const reasons = readJson(notReady, text)?.reasons;
  if (status === 503 && reasons !== undefined) {
    return wrong(
      TITLE,
      `${url} says that the bridge is not ready: ${reasons.join(' ')}`,
      'The other checks say what to do about it.',
    );
  }
  if (status === 401 || status === 429) {
    return wrong(
      TITLE,
      `${url} does not take web.password (HTTP ${status})`,
      'Restart the bridge if the password was changed since it started.',
    );
  }
  return somethingElse(url, status);
}

/** Inside the running bridge: that somebody asks at its page shows that it answers. */
function ofOwn({ config }: World, reasons: readonly string[]): Finding {
  const url = addressOf('http', config.web.host, config.web.port);
  if (reasons.length === 0) return well(TITLE, `${url} says that the bridge is ready`);
  return wrong(
    TITLE,
    `${url} says that the bridge is not ready: ${reasons.join(' ')}`,
    'The other checks say what to do about it.',
  );
}

/** Whether the private listener answers and calls the bridge ready; its port, while no bridge runs. */
export const checkPage: Check = async (world) => {
  if (world.notReady !== null) return ofOwn(world, world.notReady());
  return isRunning(world) ? ofRunning(world) : couldListen(world);
};
