import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchSound, type SoundRequest } from '../../src/speech/http-sound.ts';
import { freePort } from '../support/ports.ts';
import { findProgram } from '../support/programs.ts';
import {
  failureOf,
  giveSound,
  patient,
  type Seen,
  SOUND,
  soundOf,
  startSoundServer,
  stopSoundServers,
} from './sound-server.ts';

const openssl = findProgram('openssl');

afterEach(stopSoundServers);

const request = (url: string, more: Partial<SoundRequest> = {}): SoundRequest => ({
  ...{ url, hidden: [], urlSetting: 'speech.http.url', keySetting: 'speech.http.authorization' },
  ...more,
});

/** The failure of a request to a server that answers so. */
async function failureAt(
  answer: (response: ServerResponse, seen: Seen) => void,
  more: Partial<SoundRequest> = {},
) {
  const server = await startSoundServer(answer);
  const failure = failureOf(await fetchSound(request(`${server.url}/say`, more), patient()));
  return { ...failure, reason: failure.reason.replace(server.host, 'HOST'), seen: server.seen };
}

const words = (status: number, type: string, body: string | Buffer) => (response: ServerResponse) => {
  response.writeHead(status, type === '' ? {} : { 'Content-Type': type }).end(body);
};

describe('a sound that is fetched', () => {
  it('arrives as it is, also in pieces and compressed', async () => {
    const whole = await startSoundServer(giveSound);
    expect(soundOf(await fetchSound(request(whole.url), patient()))).toEqual(SOUND);
    const pieces = await startSoundServer((response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' });
      for (const byte of gzipSync(SOUND)) response.write(Buffer.of(byte));
      response.end();
    });
    expect(soundOf(await fetchSound(request(pieces.url), patient()))).toEqual(SOUND);
  });

  it('is not taken from another address than the one that was asked', async () => {
    const other = await startSoundServer(giveSound);
    for (const status of [301, 302, 303, 307, 308]) {
      const failure = await failureAt((response) => {
        response.writeHead(status, { Location: `${other.url}/secret` }).end();
      });
      expect(failure.reason).toBe(
        `HOST answered with a redirect (HTTP ${status}), which is not followed; speech.http.url must name the final address.`,
      );
    }
    expect(other.seen).toEqual([]);
  });

  it('of more than 20 MB is not taken, and no more of it is read', async () => {
    let sent = 0;
    const failure = await failureAt((response) => {
      const piece = Buffer.alloc(1024 * 1024);
      const send = () => {
        if (response.destroyed || sent > 400) return;
        sent += 1;
        response.write(piece, send);
      };
      send();
    });
    expect(failure.reason).toBe('HOST sent more than the 20 MB that are taken at most.');
    expect(sent).toBeLessThan(100);
  });

  it('of more than 20 MB is not taken either when it comes as a small package', async () => {
    const bomb = gzipSync(Buffer.alloc(30 * 1024 * 1024));
    const failure = await failureAt((response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb);
    });
    expect(failure.reason).toBe('HOST sent more than the 20 MB that are taken at most.');
  });

  it('is no web page, no JSON and not nothing', async () => {
    const page = await failureAt(words(200, 'text/html; charset=utf-8', '<p>Welcome</p>'));
    expect(page.reason).toBe('HOST answered with text/html instead of a sound; look at speech.http.url.');
    const json = await failureAt(words(200, 'application/json', '{}'));
    expect(json.reason).toBe(
      'HOST answered with application/json instead of a sound; look at speech.http.url.',
    );
    const nothing = await failureAt(words(200, 'audio/wav', ''));
    expect(nothing).toMatchObject({ reason: 'HOST sent an empty answer.', fault: 'provider', status: null });
    expect((await failureAt(words(204, '', ''))).reason).toBe('HOST answered HTTP 204.');
  });
});

describe('a speech server that refuses', () => {
  const openaiError = JSON.stringify({ error: { message: "Input should be 'alloy'", type: 'x' } });
  it.each([
    ['plain text', 500, 'text/plain', 'model\n not loaded', ': "model not loaded".'],
    ['text without a type', 503, '', 'come back later', ': "come back later".'],
    ['the error of OpenAI', 400, 'application/json', openaiError, `: "Input should be 'alloy'".`],
    [
      'the error of Home Assistant',
      500,
      'application/json',
      '{"error":"No such engine"}',
      ': "No such engine".',
    ],
    ['its message', 400, 'application/json; charset=utf-8', '{"message":"Bad"}', ': "Bad".'],
    ['the detail of FastAPI', 422, 'application/problem+json', '{"detail":"Too long"}', ': "Too long".'],
    ['unknown JSON', 500, 'application/json', '[1, 2]', ': "[1, 2]".'],
    ['broken JSON', 500, 'application/json', '{"error', `: "{'error".`],
    [
      'a page',
      502,
      'text/html',
      '<head><title>x</title></head><h1>Bad <i>Gateway</i></h1>',
      ': "Bad Gateway".',
    ],
    ['a sound', 500, 'audio/wav', SOUND, '.'],
    ['bytes that are called text', 500, 'text/plain', Buffer.of(65, 0, 66), '.'],
    ['nothing', 500, 'text/plain', '', '.'],
    ['a wrong address', 404, 'text/plain', 'no', ': "no". Look at speech.http.url.'],
    ['a wrong key', 401, 'text/plain', 'no', ': "no". Look at speech.http.authorization.'],
    ['a key that may not', 403, '', '', '. Look at speech.http.authorization.'],
    ['many words', 500, 'text/plain', 'y'.repeat(9_000_000), `: "${'y'.repeat(119)}…".`],
  ])('with %s is told in words', async (_, status, type, body, expected) => {
    const failure = await failureAt(words(status, type, body));
    expect(failure.reason).toBe(`HOST answered HTTP ${status}${expected}`);
    expect(failure.status).toBe(status);
    expect(failure.fault).toBe([400, 413, 422].includes(status) ? 'message' : 'provider');
  });

  it('without a key in the settings does not make one look for it', async () => {
    const server = await startSoundServer(words(401, '', ''));
    const { keySetting: _, ...plain } = request(server.url);
    expect(failureOf(await fetchSound(plain, patient())).reason).toBe(`${server.host} answered HTTP 401.`);
  });

  it('and repeats all it was told gives neither key nor text away', async () => {
    const key = 'sk-proj-0123456789abcdefghij';
    const text = 'The safe is open: 4711';
    const echoes: ((seen: Seen) => string)[] = [
      ({ headers, body }) => JSON.stringify({ error: { message: `bad ${headers.authorization} ${body}` } }),
      ({ headers }) => `<p>${headers.authorization}</p>`,
      ({ url }) => `Cannot GET ${url}`,
      ({ body }) => body,
      ({ headers }) => `${headers.authorization?.slice(0, 22)}…`,
    ];
    for (const type of ['text/plain', 'text/html', 'application/json', '']) {
      for (const echo of echoes) {
        const failure = await failureAt((response, seen) => words(500, type, echo(seen))(response), {
          headers: { Authorization: `Bearer ${key}` },
          json: { text },
          hidden: [key, text],
        });
        expect(failure.reason).toMatch(/^HOST answered HTTP 500(: "Cannot GET \/say"\.|\.)$/);
      }
    }
  });
});

describe('a speech server that is not there', () => {
  const reason = async (url: string) => failureOf(await fetchSound(request(url), patient())).reason;

  it('refuses, breaks off, or does not speak HTTP, and each is told apart', async () => {
    const port = await freePort();
    expect(await reason(`http://127.0.0.1:${port}`)).toBe(
      `127.0.0.1:${port} refused the connection; does the server run, and on this port (ECONNREFUSED)?`,
    );
    // This name may have several addresses, which fail together.
    expect(await reason(`http://localhost:${port}`)).toContain('refused the connection');
    // No label of a name is that long, so nobody needs to be asked.
    expect(await reason(`http://${'x'.repeat(64)}.home.arpa`)).toMatch(
      / was not found: nothing knows this name \((ENOTFOUND|EAI_AGAIN)\)\.$/,
    );
    const reset = await failureAt((response) => response.socket?.resetAndDestroy());
    expect(reset.reason).toMatch(
      /^HOST broke off the connection before all had arrived \((ECONNRESET|UND_ERR_SOCKET)\)\.$/,
    );
    const half = await failureAt((response) => {
      response.writeHead(200, { 'Content-Length': '1000' });
      response.write('RIFF', () => response.destroy());
    });
    expect(half.reason).toBe('HOST broke off the connection before all had arrived (UND_ERR_SOCKET).');
    const garbled = createTcpServer((socket) =>
      socket.end('220 smtp.home.arpa ready\r\n').on('error', () => {}),
    );
    garbled.listen(0, '127.0.0.1');
    await once(garbled, 'listening');
    const { port: other } = garbled.address() as AddressInfo;
    expect(await reason(`http://127.0.0.1:${other}`)).toMatch(
      / gave an answer that is not HTTP \(HPE_\w+\)\.$/,
    );
    garbled.close();
  });

  it('is told as such for a port that is never asked and an address that is none', async () => {
    expect(await reason('http://127.0.0.1:6000')).toBe('127.0.0.1:6000 could not be asked (no error code).');
    expect(await reason('nonsense')).toBe(
      'The request could not be built; look at speech.http.url and speech.http.authorization.',
    );
  });

  it('is never told with a header that could not be sent', async () => {
    const outcome = await fetchSound(
      request('http://127.0.0.1:1', { headers: { Authorization: 'Bearer sk-geheim\nX: y' } }),
      patient(),
    );
    expect(failureOf(outcome).reason).toBe(
      'The request could not be built; look at speech.http.url and speech.http.authorization.',
    );
  });

  it.skipIf(openssl === null)('is told by its certificate when nobody vouches for that', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tts-certificate-'));
    const subject = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const files = ['-subj', '/CN=127.0.0.1', '-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2'];
    await promisify(execFile)('openssl', [...subject, ...files], { cwd: folder });
    const [key, cert] = [await readFile(join(folder, 'key.pem')), await readFile(join(folder, 'cert.pem'))];
    await rm(folder, { recursive: true });
    const server = createTlsServer({ key, cert }, (_, response) => giveSound(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await reason(`https://127.0.0.1:${port}`)).toMatch(
      /^127\.0\.0\.1:\d+ has a certificate that is not trusted here, or does not speak TLS \(DEPTH_ZERO_SELF_SIGNED_CERT\)\.$/,
    );
    const plain = await startSoundServer(giveSound);
    expect(await reason(plain.url.replace('http:', 'https:'))).toContain('or does not speak TLS (ERR_SSL_');
    server.close();
    await once(server, 'close');
  });

  it('is not waited for when told to stop: before the answer, within it, and at all', async () => {
    const silent = await startSoundServer(() => {});
    const slow = await startSoundServer((response) => {
      response.writeHead(200, { 'Content-Type': 'audio/wav' });
      response.write(SOUND.subarray(0, 50));
    });
    for (const server of [silent, slow]) {
      const abort = new AbortController();
      const fetching = fetchSound(request(server.url), abort.signal);
      await server.asked();
      abort.abort();
      expect(failureOf(await fetching).reason).toBe('It was stopped before it was done.');
    }
    const before = silent.seen.length;
    expect(failureOf(await fetchSound(request(silent.url), AbortSignal.abort())).reason).toContain('stopped');
    expect(silent.seen).toHaveLength(before);
  });
});
