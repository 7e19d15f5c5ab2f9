import { version } from '../app/version.ts';
import { suggestion } from '../bridge/nearest.ts';
import { type Command, type Context, DONE, WRONG_USAGE } from './context.ts';

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
    login: {
      about: 'links the account from a terminal; takes the address that the browser ends at',
      load: async () => (await import('./login.ts')).login,
    },
    doctor: {
      about: 'checks settings, broker, token, callback address, subscriptions; says what to do',
      load: async () => (await import('./doctor.ts')).doctor,
    },
    config: {
      about: 'prints the settings in force; secrets are masked unless --reveal',
      load: async () => (await import('./config.ts')).config,
    },
  };

const usage = (): string => `sonos-mqtt-bridge ${version}

  sonos-mqtt-bridge [command] [--config FILE] [--<setting> value …]

${Object.entries(COMMANDS)
  .map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`)
  .join('\n')}

Settings are in config/config.yaml, in variables such as BRIDGE_WEB_PORT, or flags such as --web.port 8080.
The demo has settings of its own, which flags change. "simulate" takes other flags: --host, --port, --seed,
--callback URL, --client-id, --client-secret, and --life for a household that lives its day.
`;

/** Runs the command that the arguments name; the exit code. */
export async function run(argv: readonly string[], context: Omit<Context, 'argv'>): Promise<number> {
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
      `There is no command "${name}". ${suggestion(name, Object.keys(COMMANDS))}\n\n${usage()}`,
    );
    return WRONG_USAGE;
  }
  return (await command.load())({ ...context, argv: isFlag ? argv : rest });
}
