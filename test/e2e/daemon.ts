import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { createSimulatedSonos, type SimulatedSonos } from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';
import { eventually } from './house.ts';

const ready = z.object({
  msg: z.literal('The bridge runs.'),
  public_port: z.int(),
  page: z.url(),
  mqtt: z.string(),
});

/** How a process ended. */
export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running program: what it says, and how it ends. */
export class Program {
  readonly child: ChildProcess;
  readonly end: Promise<End>;
  stdout = '';
  stderr = '';

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
    this.end = new Promise((resolve) => {
      child.once('close', (code, signal) => resolve({ code, signal }));
    });
  }

  /** Everything it said. */
  get said(): string {
    return this.stdout + this.stderr;
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Its log's first line that says it runs. */
  async runs(): Promise<z.output<typeof ready>> {
    return eventually(
      () =>
        this.stdout
          .split('\n')
          .filter((line) => line.startsWith('{') && line.endsWith('}'))
          .map((line) => ready.safeParse(JSON.parse(line)).data)
          .find((read) => read !== undefined),
      'a bridge that runs',
      () => this.said,
      15_000,
    );
  }

  /** Sends a signal, and tells how it ended and after how many milliseconds. */
  async stop(signal: NodeJS.Signals): Promise<End & { readonly milliseconds: number }> {
    const start = performance.now();
    this.child.kill(signal);
    const end = await this.end;
    return { ...end, milliseconds: performance.now() - start };
  }
}

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of Node itself, such as `--import`. */
  readonly node?: readonly string[];
}

/** Runs the built program; nothing of this machine's settings gets to it. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Program> {
  const program = await builtProgram();
  const { PATH = '', ...rest } = process.env;
  const coverage = rest.NODE_V8_COVERAGE === undefined ? {} : { NODE_V8_COVERAGE: rest.NODE_V8_COVERAGE };
  return new Program(
    spawn(process.execPath, [...(options.node ?? []), program, ...argv], {
      cwd: options.cwd ?? tmpdir(),
      env: { PATH, ...coverage, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
}

/** A folder with settings, a simulated Sonos, and as many starts of the bridge on them as a test needs. */
export interface Place {
  readonly folder: string;
  readonly file: string;
  /** Where the bridge's page is once it runs; its settings come with the place. */
  readonly page: string;
  readonly sonos: SimulatedSonos;
  /** A document that the bridge keeps. */
  kept(name: 'accounts' | 'addresses' | 'generated'): unknown;
  start(options?: RunOptions): Promise<Program>;
  /** Ends everything that still runs, and removes the folder. */
  leave(): Promise<void>;
}

/** Makes such a place; `settings` go over its own. */
export async function openPlace(settings: Readonly<Record<string, unknown>>): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'sonos-bridge-process-'));
  const sonos = createSimulatedSonos({
    clock: systemClock,
    seed: 1,
    port: 0,
    knobs: { bufferMs: 5, autoApprove: 'account-1' },
  });
  const { apiUrl, loginUrl } = await sonos.start();
  const file = join(folder, 'config.yaml');
  // The redirect leads to the page, so its port must be known beforehand.
  const webPort = await freePort();
  const config = {
    data_dir: join(folder, 'data'),
    log: { level: 'trace' },
    sonos: {
      client_id: sonos.clientId,
      client_secret: sonos.clientSecret,
      redirect_uri: `http://127.0.0.1:${webPort}/oauth/callback`,
      api_url: apiUrl,
      login_url: loginUrl,
      requests_per_second: 80,
    },
    callback: { host: '127.0.0.1', port: 0 },
    web: { port: webPort },
    broker: { port: 0 },
    speech: { clip_host: '127.0.0.1', clip_port: 0 },
    ...settings,
  };
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  const programs: Program[] = [];
  return {
    folder,
    file,
    page: `http://127.0.0.1:${webPort}/`,
    sonos,
    kept: (name) => JSON.parse(readFileSync(join(folder, 'data', `${name}.json`), 'utf8')),
    async start(options) {
      const program = await run(['start', '--config', file], options);
      programs.push(program);
      return program;
    },
    async leave() {
      for (const { child } of programs) child.kill('SIGKILL');
      await Promise.all(programs.map((program) => program.end));
      await sonos.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Links the account as a person's browser does, from the bridge's page on. */
export async function linkInBrowser(page: string): Promise<void> {
  const start = await fetch(new URL('/login', page), { redirect: 'manual' });
  const cookie = (start.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  // The simulated Sonos asks nobody, and sends the browser back at once.
  const sonos = await fetch(start.headers.get('location') ?? '', { redirect: 'manual' });
  const done = await fetch(sonos.headers.get('location') ?? '', { headers: { cookie } });
  if (done.status !== 200) throw new Error(`The login ended with ${done.status}: ${await done.text()}`);
}

/** A stretch of network that can go dead while both ends believe that it stands. */
export interface Wire {
  readonly port: number;
  /** From now on nothing gets through what is open now, in either direction. */
  freeze(): void;
  /** Breaks what is open, and everything that is tried from now on. */
  cut(): void;
  /** Takes connections again. */
  mend(): void;
  close(): Promise<void>;
}

/** Opens a wire to a port of this machine. */
export async function openWire(target: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connectTo(target, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.pipe(other);
      socket.on('error', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return {
    port: address.port,
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    cut() {
      isCut = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      isCut = false;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => {
        server.close(resolve);
      });
    },
  };
}
