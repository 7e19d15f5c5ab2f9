import { type Check, type Finding, well, wrong } from './finding.ts';
import { type Reach, unreachable } from './reach.ts';

async function reached(
  reach: Reach,
  title: string,
  base: string,
  path: string,
  key: string,
): Promise<Finding> {
  const what = `the Sonos server of ${key}`;
  const answer = await reach({ url: `${base}${path}` });
  if (!answer.ok) {
    const { seen, advice } = unreachable(answer.error, what);
    return wrong(title, `${base}: ${seen}`, advice);
  }
  const { status } = answer.value;
  if (status < 500) return well(title, `${base} answers (HTTP ${status}; it was asked without a token)`);
  return wrong(
    title,
    `${base} answers with HTTP ${status}`,
    'Sonos may have an outage; try again later. If it stays, look at status.sonos.com.',
  );
}

/** Whether the login server can be reached. */
export const checkLoginServer: Check = ({ config, reach }) =>
  reached(reach, 'Sonos login', config.sonos.login_url, '/login/v3/oauth', 'sonos.login_url');

/** Whether the Control API can be reached. */
export const checkApi: Check = ({ config, reach }) =>
  reached(reach, 'Sonos API', config.sonos.api_url, '/households', 'sonos.api_url');
