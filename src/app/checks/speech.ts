import { ok, type Result } from '../../bridge/result.ts';
import { createAttempts } from '../../speech/attempts.ts';
import { decodeSound } from '../../speech/decode.ts';
import { clipBaseUrl } from '../../speech/lan-address.ts';
import type { SpeechFailure, SpeechProvider } from '../../speech/provider.ts';
import { createProviders } from '../../speech/providers.ts';
import { tryPort } from '../free-port.ts';
import { createQuietLog } from '../quiet-log.ts';
import { providersOf } from '../speech-side.ts';
import { type Check, note, well, wrong } from './finding.ts';
import { unreachable } from './reach.ts';
import { isRunning, isWaiting, type World } from './world.ts';

// What goes wrong is said by the check.
const { log } = createQuietLog({ clean: (text) => text }, () => {});

/** Has a provider say a word; how long it took in milliseconds, or why it did not. */
async function saysAWord(
  provider: SpeechProvider,
  { config, clock }: World,
): Promise<Result<number, SpeechFailure>> {
  const { language, voice, speed, timeout_seconds } = config.speech;
  const attempts = createAttempts({ clock, timeoutMs: timeout_seconds * 1000, log, check: decodeSound });
  const began = clock.elapsed();
  const said = await attempts.make(provider, { text: 'One.', language, voice: voice ?? null, speed }, '');
  return said.ok ? ok(Math.round(clock.elapsed() - began)) : said;
}

/** Whether texts can be spoken: each provider of the settings says a word. */
export const checkSpeech: Check = async (world) => {
  const title = 'Speech';
  const providers = createProviders(providersOf(world.config));
  const install =
    'Install espeak-ng (apt-get install espeak-ng), or set up another provider in speech.providers.';
  if (providers.length === 0)
    return note(title, 'speech.providers is empty, so no text can be spoken', install);
  const tried = await Promise.all(
    providers.map(async (provider) => ({ provider, said: await saysAWord(provider, world) })),
  );
  const words = tried.map(({ provider, said }) =>
    said.ok
      ? `${provider.name} speaks (${said.value} ms)`
      : `${provider.name} does not: ${said.error.reason}`,
  );
  const seen = words.join('; ');
  // Chimes and sounds from elsewhere need nobody who speaks, so this is no fault of the bridge.
  if (tried.every(({ said }) => !said.ok)) return note(title, seen, install);
  const isWhole = tried.every(({ said }) => said.ok);
  return well(title, seen, isWhole ? null : 'The others speak in its place.');
};

/** Where speakers fetch clips from, and whether the clip server is there. */
export const checkClips: Check = async (world) => {
  const title = 'Clips';
  if (isWaiting(world)) return note(title, 'not looked at: the bridge waits for its set-up');
  const { clip_url, clip_host: host, clip_port: port } = world.config.speech;
  const url = await clipBaseUrl({ configured: clip_url ?? null, host, port });
  const reach =
    'The speakers must reach it: open the port in the firewall, in a container publish it, and set speech.clip_url.';
  if (url === null)
    return wrong(title, 'no address of this machine is known that speakers could reach', reach);
  if (!isRunning(world)) {
    const tried = await tryPort(host, port);
    if (tried.ok) return well(title, `speakers will fetch them from ${url}`, reach);
    const advice =
      'Set speech.clip_host to an address of this machine and speech.clip_port to a port that is free.';
    return wrong(title, `the clip server cannot listen at ${host}:${port} (${tried.error})`, advice);
  }
  const answer = await world.reach({ url: `${url}/` });
  if (!answer.ok) {
    const { seen, advice } = unreachable(answer.error, 'the clip server of the bridge');
    return wrong(title, `${url}: ${seen}`, `${advice} ${reach}`);
  }
  // It serves clips by name and nothing else, so that is what it says to everybody.
  return answer.value.status === 404
    ? well(title, `speakers fetch them from ${url}`, reach)
    : wrong(title, `${url} answers with HTTP ${answer.value.status}, as the clip server would not`, reach);
};
