import { version } from '../app/version.ts';
import { suggestion } from '../bridge/nearest.ts';
import { keys } from '../config/keys.ts';
import { shownName } from '../config/mistakes.ts';
import { type Command, type Context, DONE, secretFlags, WRONG_USAGE } from './context.ts';

/** The commands, and what each is for. A command is loaded when it is run. */
const COMMANDS: Readonly<Record<string, { readonly about: string; readonly load: () => Promise<Command> }>> =
  {
    start: {
      about: 'the daemon (also without a command)',
      load: async () => (await import('./start.ts')).start,
    },
    demo: {
      about: 'the daemon against a simulated Sonos household, with the embedded broker',
      load: async () => (await import('./demo.ts')).demo,
    },
    simulate: {
      about: "only the simulated Sonos cloud, for one's own tests",
      load: async () => (await import('./simulate.ts')).simulate,
    },
    relay: {
      about: 'a public receiver without state: passes events on by the MQTT broker (callback.relay)',
      load: async () => (await import('./relay.ts')).relay,
    },
    record: {
      about: 'the daemon, which also writes down what happens, for a bug report; --out FILE',
      load: async () => (await import('./record.ts')).record,
    },
    replay: {
      about: 'plays a record again without Sonos and a broker, and shows the topics; replay FILE',
      load: async () => (await import('./replay.ts')).replayCommand,
    },
    login: {
      about: 'links the account from a terminal; takes the address that the browser ends at',
      load: async () => (await import('./login.ts')).login,
    },
    doctor: {
      about: 'checks settings, broker, token, callback address, subscriptions; says what to do',
      load: async () => (await import('./doctor.ts')).doctor,
    },
    'home-assistant': {
      about: 'writes media players, scripts, a dashboard and blueprints for your rooms; --out FOLDER',
      load: async () => (await import('./home-assistant.ts')).homeAssistant,
    },
    password: {
      about: 'reads a password and prints its hash, which web.password may be instead',
      load: async () => (await import('./password.ts')).password,
    },
    config: {
      about: 'prints the settings in force; secrets are masked unless --reveal',
      load: async () => (await import('./config.ts')).config,
    },
  };

const usage = (): string => `sonos-mqtt-bridge ${version}

  sonos-mqtt-bridge [command] [--config FILE] [--<setting> value …]

${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ${name.padEnd(14)} ${about}`)
  .join('\n')}

Settings are in config/config.yaml, in variables such as BRIDGE_WEB_PORT, or flags such as --web.port 8080.
The demo has settings of its own, which flags change. "simulate" takes other flags: --host, --port, --seed,
--callback URL, --client-id, --client-secret, and --life for a household that lives its day.
`;

type Desk = Omit<Context, 'argv'>;

/**
 * Whether libraries or Node would print what passes through them, passwords and codes among it. Node has begun with that
 * before we were asked, and cannot be told to stop; libraries can, and a line says that it was done.
 */
function isLoud({ env, complain }: Desk): boolean {
  if (env.DEBUG) {
    complain('DEBUG is set, and was left aside: it makes libraries print secrets. Use log.level: debug.');
  }
  const loud = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE'].find((name) => env[name]);
  if (loud === undefined) return false;
  complain(`${loud} is set, which makes Node print passwords and tokens. Unset it; use log.level: debug.`);
  return true;
}

function tellOfFlags(argv: readonly string[], { complain }: Desk): void {
  for (const name of secretFlags(argv)) {
    const variable = keys.find((key) => key.name === name)?.variable;
    complain(
      `--${name} is a secret: the shell remembers it, and others could see it in the list of processes. Give it in the settings file, or as ${variable} or ${variable}_FILE.`,
    );
  }
}

/** Runs the command that the arguments name; the exit code. */
export async function run(argv: readonly string[], context: Desk): Promise<number> {
  const [first = 'start', ...rest] = argv;
  if (argv.includes('--help') || first === '-h' || first === 'help') {
    context.say(usage());
    return DONE;
  }
  if (first === '--version') {
    context.say(version);
    return DONE;
  }
  const isFlag = first.startsWith('-');
  const name = isFlag ? 'start' : first;
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    context.complain(
      `There is no command "${shownName(name)}". ${suggestion(name, Object.keys(COMMANDS))}\n\n${usage()}`,
    );
    return WRONG_USAGE;
  }
  if (isLoud(context)) return WRONG_USAGE;
  tellOfFlags(argv, context);
  return (await command.load())({ ...context, argv: isFlag ? argv : rest });
}
