import { parseArgs } from 'node:util';
import { z } from 'zod';
import { addressOf } from '../app/address-of.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { isHost } from '../config/formats.ts';
import { systemClock } from '../system.ts';
import { type Command, type Context, DONE, FAILED, WRONG_USAGE } from './context.ts';
import { type Paint, paintFor } from './paint.ts';

const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number)
    .pipe(z.number().max(most));

const webUrl = z.url({ protocol: /^https?$/ });

/** What the flags may say. The defaults fit `config/demo.yaml`. */
const flagsSchema = z.object({
  host: z.string().refine(isHost).default('127.0.0.1'),
  port: wholeNumber(65_535).default(8790),
  seed: wholeNumber(2 ** 31).default(1),
  callback: webUrl.nullable().default(null),
  'client-id': z.string().min(1).default('demo-client'),
  'client-secret': z.string().min(1).default('demo-secret'),
  life: z.boolean().default(false),
});
type Flags = z.output<typeof flagsSchema>;

const EXPECTED: Readonly<Record<keyof Flags, string>> = {
  host: 'an IP address or a host name, without a port',
  port: 'a port from 0 to 65535 (0: any free one)',
  seed: 'a whole number; the same one tells the same story',
  callback: 'the http or https URL of the event callback',
  'client-id': 'text',
  'client-secret': 'text',
  life: 'no value',
};

const text = { type: 'string' } as const;
const OPTIONS = {
  ...{ host: text, port: text, seed: text, callback: text, 'client-id': text, 'client-secret': text },
  life: { type: 'boolean' },
} as const;

const isFlag = (name: unknown): name is keyof Flags =>
  typeof name === 'string' && Object.hasOwn(EXPECTED, name);

/** Reads the flags of `simulate`; the error is what to tell the person, a line for each mistake. */
function readFlags(argv: readonly string[]): Result<Flags, string> {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: OPTIONS,
      strict: true,
      allowPositionals: false,
    });
    const read = flagsSchema.safeParse(values);
    if (read.success) return ok(read.data);
    const wrong = new Set(read.error.issues.map(({ path }) => path[0]).filter(isFlag));
    return err([...wrong].map((name) => `--${name}: expected ${EXPECTED[name]}`).join('\n'));
  } catch (error) {
    // `parseArgs` says which flag it does not know.
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    const seen = error instanceof TypeError ? error.message.split('. ')[0] : String(error);
    return err(`${seen}. Known: ${known.join(', ')}.`);
  }
}

interface Words {
  readonly flags: Flags;
  readonly url: string;
  readonly apiUrl: string;
  readonly paint: Paint;
}

function whereItIs({ flags, url, apiUrl, paint }: Words): string {
  const line = (text: string): string => `   ${paint.bold(text)}`;
  const reach = flags.host === '127.0.0.1' ? '' : `, listening at ${flags.host}`;
  return [
    '',
    ` A simulated Sonos household of six rooms is at ${paint.bold(url)}${reach}.`,
    '',
    ` Settings that point a bridge at it${paint.dim(' (config/config.yaml)')}`,
    line('sonos:'),
    line(`  client_id: ${flags['client-id']}`),
    line(`  client_secret: ${flags['client-secret']}`),
    line(`  api_url: ${apiUrl}`),
    line(`  login_url: ${url}`),
    line('  redirect_uri: http://127.0.0.1:8787/oauth/callback'),
    '',
    ` Its login page asks nobody for a password. Events go to ${
      flags.callback === null ? 'no address yet' : paint.bold(flags.callback)
    }.`,
  ].join('\n');
}

function whatToDo({ flags, url, paint }: Words): string {
  const curl = (path: string, body?: string): string =>
    `   ${paint.bold(`curl ${url}/sim/${path}${body === undefined ? '' : ` -d '${body}'`}`)}`;
  const row = (why: string, command: string): string[] => [` ${paint.dim(why)}`, command];
  return [
    '',
    ' What one can do from another terminal',
    '',
    ...(flags.callback === null
      ? row('send events to a bridge', curl('callback', '{"url":"http://127.0.0.1:8787/sonos/events/…"}'))
      : []),
    ...row('look at the rooms', curl('state')),
    ...row('be a person with the Sonos app', curl('do', '{"action":"volume","room":"Kitchen","volume":30}')),
    ...row('see what such a person can do', curl('actions')),
    ...row('what the bridge asked, and what Sonos keeps', curl('requests')),
    curl('subscriptions'),
    ...row('be a worse Sonos: see what can be turned, and turn it', curl('knobs')),
    curl('knobs', '{"dropRate":0.2}'),
    '',
    ` ${paint.dim(`${flags.life ? 'The people of the house live their day. ' : ''}Ctrl-C ends it.`)}`,
  ].join('\n');
}

async function run(context: Context, flags: Flags): Promise<number> {
  const { createSimulatedSonos } = await import('../sim/index.ts');
  const { host, port, seed, callback } = flags;
  const sonos = createSimulatedSonos({
    ...{ host, port, seed, clock: systemClock },
    clientId: flags['client-id'],
    clientSecret: flags['client-secret'],
    knobs: { fetchClips: true },
    ...(callback === null ? {} : { callbackUrl: callback }),
  });
  try {
    const { url } = await sonos.start();
    const shown = addressOf('http', host, Number(new URL(url).port));
    const words: Words = { flags, url: shown, apiUrl: `${shown}/control/api/v1`, paint: paintFor(context) };
    context.say(whereItIs(words));
    context.say(whatToDo(words));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const why = error.code === 'EADDRINUSE' ? 'another program has the port' : String(error.code);
    context.complain(
      `The simulated Sonos cannot listen at ${host}:${port}: ${why}. Choose with --host and --port.`,
    );
    return FAILED;
  }
  if (flags.life) sonos.life.start();
  await context.untilSignal;
  await sonos.stop();
  return DONE;
}

/** Only the simulated Sonos cloud, for one's own tests. */
export const simulate: Command = async (context) => {
  const flags = readFlags(context.argv);
  if (flags.ok) return run(context, flags.value);
  context.complain(flags.error);
  return WRONG_USAGE;
};
