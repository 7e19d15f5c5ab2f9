import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { listens } from './ports.ts';

/** A certificate for a name, signed by itself; the path of its file, beside which is that of its key. */
export async function makeCertificate(folder: string, name: string): Promise<string> {
  const [certificate, key] = [join(folder, 'fullchain.pem'), join(folder, 'privkey.pem')];
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const whose = ['-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  await promisify(execFile)('openssl', [...kind, ...whose, '-keyout', key, '-out', certificate]);
  return certificate;
}

/** What came back, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A proxy that runs on 127.0.0.1, asked as Sonos would ask it. */
export interface RunningProxy {
  ask(
    path: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Answer>;
  stop(): Promise<void>;
}

/** How a proxy is started. */
export interface ProxyProgram {
  /** The host name under which it is asked. */
  readonly name: string;
  readonly file: string;
  readonly words: readonly string[];
  readonly port: number;
  readonly folder: string;
  readonly certificate: string;
}

/** Starts a proxy; what it has said is in the file `said` of its folder when it has ended. */
export async function startProxy({
  name,
  file,
  words,
  port,
  folder,
  certificate,
}: ProxyProgram): Promise<RunningProxy> {
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const child = spawn(file, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk));
  const ended = once(child, 'exit');
  const told = () => Buffer.concat(said).toString();
  for (let attempt = 0; !(await listens(port)); attempt += 1) {
    if (child.exitCode !== null || attempt > 400) throw new Error(`${file} did not start: ${told()}`);
    await wait(25);
  }
  const ca = await readFile(certificate, 'utf8');
  return {
    ask: (path, { method = 'GET', headers = {}, body = '' } = {}) =>
      new Promise((resolve, reject) => {
        const length = body === '' ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
        const place = { host: '127.0.0.1', port, path, servername: name, ca, agent: false };
        const asked = request(
          { ...place, method, headers: { Host: name, ...headers, ...length } },
          async (response) => {
            const chunks: Buffer[] = [];
            for await (const chunk of response) chunks.push(chunk as Buffer);
            const text = Buffer.concat(chunks).toString();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
          },
        );
        asked.once('error', reject);
        asked.end(body);
      }),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      await writeFile(join(folder, 'said'), told());
    },
  };
}
