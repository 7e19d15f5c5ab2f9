import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root, textOf } from './blocks.ts';
import { commandFaults, type Faults, filterFaults, topicFaults } from './messages.ts';
import { type ShellCommand, shellCommands, shellLines } from './shell-words.ts';

/** Programs of others, and why no test here runs them. */
const OTHERS: Readonly<Record<string, string>> = {
  'apt-get': 'changes the machine',
  caddy: 'is installed where it is used',
  cat: 'is Unix',
  cd: 'is Unix',
  chmod: 'is Unix',
  cloudflared: 'needs an account at Cloudflare',
  cp: 'is Unix; files of ours among its words are looked for',
  curl: 'asks an address that only its reader has',
  docker: 'needs a daemon; the compose file has its own test',
  echo: 'is Unix',
  'firewall-cmd': 'changes the machine',
  git: 'is not ours',
  grep: 'is Unix',
  install: 'is Unix; files of ours among its words are looked for',
  journalctl: 'is systemd',
  mkdir: 'is Unix',
  nginx: 'is installed where it is used',
  openssl: 'asks an address that only its reader has',
  printf: 'is Unix',
  systemctl: 'is systemd',
  tailscale: 'needs an account at Tailscale',
  tar: 'is Unix',
  ufw: 'changes the machine',
};

const scripts = new Set(
  Object.keys(
    z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(textOf('package.json'))).scripts,
  ),
);
/** The words that stand in `sonos-mqtt-bridge --help` as commands. */
const cliCommands = new Set(
  [...textOf('src/cli/run.ts').matchAll(/^ {4}'?([\w-]+)'?: \{\n? *about:/gm)].map(([, name]) => name ?? ''),
);

interface Options {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly unknown: readonly string[];
}

/** Options of one letter: `withValue` take the next word. */
function optionsOf(words: readonly string[], withValue: string, bare: string): Options {
  const values = new Map<string, string[]>();
  const unknown: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const letter = /^-(\w)$/.exec(word)?.[1] ?? '';
    if (letter !== '' && withValue.includes(letter)) {
      i += 1;
      values.set(letter, [...(values.get(letter) ?? []), words[i] ?? '']);
    } else if (letter !== '' && bare.includes(letter)) values.set(letter, []);
    else unknown.push(word);
  }
  return { values, unknown };
}

const strange = ({ unknown }: Options): Faults => unknown.map((word) => `what is "${word}"?`);

/** Retained, our readers send nothing but the empty message that clears a topic. */
const clearingFaults = (topic: string, message: string | undefined): Faults =>
  message === undefined ? topicFaults(topic) : ['a command is never sent with the retained flag'];

function publishFaults(words: readonly string[]): Faults {
  const options = optionsOf(words, 'htmuPpqiV', 'nr');
  const [topic] = options.values.get('t') ?? [];
  const [message] = options.values.get('m') ?? [];
  if (topic === undefined || (message === undefined && !options.values.has('n')))
    return ['a topic (-t) and a payload (-m or -n) belong to it'];
  if (options.values.has('r')) return [...strange(options), ...clearingFaults(topic, message)];
  return [...strange(options), ...commandFaults(topic, message ?? '')];
}

function subscribeFaults(words: readonly string[]): Faults {
  const rest = words.filter((word) => word !== '--remove-retained' && word !== '--retained-only');
  const options = optionsOf(rest, 'htuPpqiVWCF', 'vR');
  const filters = options.values.get('t') ?? [];
  return [...strange(options), ...(filters.length === 0 ? ['no topic'] : filters.flatMap(filterFaults))];
}

function bridgeFaults([first]: readonly string[]): Faults {
  // The dots stand for any of them.
  if (first === undefined || first === '…' || first.startsWith('--') || cliCommands.has(first)) return [];
  return [`sonos-mqtt-bridge has no command "${first}"`];
}

function npmFaults([command, name]: readonly string[]): Faults {
  if (['ci', 'install', 'pack'].includes(command ?? '')) return [];
  const script = command === 'run' ? name : command;
  return scripts.has(script ?? '') ? [] : [`package.json has no script "${script}"`];
}

function npxFaults(words: readonly string[]): Faults {
  const [program, ...rest] = words.filter((word) => word !== '--yes');
  if (program === 'sonos-mqtt-bridge') return bridgeFaults(rest);
  if (program === 'mqtt')
    return rest[0] === 'pub' ? publishFaults(rest.slice(1)) : subscribeFaults(rest.slice(1));
  return program === 'vitest' || program === 'stryker' ? [] : [`nobody knows "npx ${program}"`];
}

const RULES: Readonly<Record<string, (words: readonly string[]) => Faults>> = {
  mosquitto_pub: publishFaults,
  mosquitto_sub: subscribeFaults,
  'sonos-mqtt-bridge': bridgeFaults,
  npm: npmFaults,
  npx: npxFaults,
  node: ([file, ...rest]) => (file === 'dist/main.js' ? bridgeFaults(rest) : [`nobody knows "node ${file}"`]),
};

/** What a reader makes, and the project does not have. */
const MADE = /^(config\/config\.yaml|secrets\/|data\/|dist\/)/;

const fileFaults = (words: ShellCommand): Faults =>
  words
    .map((word) => word.replace(/^\.\//, ''))
    .filter(
      (word) => /^(bench|config|docs|examples|packaging|src|test)\/[\w./-]+$/.test(word) && !MADE.test(word),
    )
    .filter((word) => !existsSync(join(root, word)))
    .map((word) => `there is no file ${word}`);

/** Words ahead of the program: who runs it, and its environment. */
const ahead = (word: string): boolean => word === 'sudo' || word === 'command' || /^[A-Z_]+=/.test(word);

function commandFaultsOf(command: ShellCommand): Faults {
  const start = command.findIndex((word) => !ahead(word));
  const [program = '', ...words] = start < 0 ? [] : command.slice(start);
  const rule = Object.hasOwn(RULES, program) ? RULES[program] : undefined;
  const files = fileFaults(command);
  if (rule !== undefined) return [...rule(words), ...files];
  if (Object.hasOwn(OTHERS, program) || program.startsWith('examples/')) return files;
  return [`no rule knows "${program}": give it one in shell-rule.ts`];
}

/** What is wrong with a block of shell. */
export function shellFaults(text: string): Faults {
  return shellLines(text).flatMap((line) => {
    try {
      return shellCommands(line).flatMap(commandFaultsOf);
    } catch (error) {
      return [String(error)];
    }
  });
}
