import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import express from 'express';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageFiles } from '../../src/web/page-files.ts';

const SCRIPT = `console.log('${'the same again, '.repeat(200)}')`;
const PAGE = '<!doctype html><title>Page</title>';

describe('the files of the page', () => {
  let folder = '';
  let port = 0;
  const server = createServer();
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'page-files-'));
    await mkdir(join(folder, 'built/assets'), { recursive: true });
    await writeFile(join(folder, 'built/index.html'), PAGE);
    await writeFile(join(folder, 'built/assets/index-1.js'), SCRIPT);
    await writeFile(join(folder, 'built/assets/notes.txt'), 'not for anybody');
    const app = express();
    app.use('/built', pageFiles(join(folder, 'built')));
    app.use('/unbuilt', pageFiles(join(folder, 'unbuilt')));
    server.on('request', app);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (path: string, encoding?: string, method = 'GET') =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>((resolve, reject) => {
      const headers = encoding === undefined ? {} : { 'Accept-Encoding': encoding };
      const asked = send({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        );
      });
      asked.on('error', reject);
      asked.end();
    });

  it.each(['gzip', 'gzip, deflate, br', 'br;q=1, gzip;q=0.5', '*'])(
    'go compressed to who takes %s',
    async (takes) => {
      const { headers, body } = await ask('/built/assets/index-1.js', takes);
      expect(headers).toMatchObject({
        'content-encoding': 'gzip',
        'content-type': 'text/javascript; charset=utf-8',
        'content-length': String(body.length),
        vary: 'Accept-Encoding',
      });
      expect(body.length).toBeLessThan(200);
      expect(gunzipSync(body).toString()).toBe(SCRIPT);
    },
  );

  it.each([undefined, '', 'identity', 'br', 'gzip;q=0', 'identity;q=1, gzip;q=0.1'])(
    'go as they are to who takes %s',
    async (takes) => {
      const { headers, body } = await ask('/built/assets/index-1.js', takes);
      expect(headers).not.toHaveProperty('content-encoding');
      expect(headers.vary).toBe('Accept-Encoding');
      expect(body.toString()).toBe(SCRIPT);
    },
  );

  it('are kept by browsers for ever, except for the page itself', async () => {
    expect((await ask('/built/assets/index-1.js')).headers['cache-control']).toContain('immutable');
    const { headers, body } = await ask('/built/');
    expect(headers['cache-control']).toBeUndefined();
    expect(body.toString()).toBe(PAGE);
  });

  it('are told without a body to who asks for the head alone', async () => {
    const { status, headers, body } = await ask('/built/assets/index-1.js', 'gzip', 'HEAD');
    expect([status, headers['content-encoding'], body.length]).toEqual([200, 'gzip', 0]);
  });

  it.each([
    '/built/assets/notes.txt',
    '/built/assets/../index.html',
    '/built/assets/none.js',
    '/built/index.html',
  ])('are the only ones: %s is not there', async (path) => {
    expect((await ask(path)).status).toBe(404);
  });

  it('say what to do when they were not built', async () => {
    const { status, body } = await ask('/unbuilt/');
    expect(status).toBe(503);
    expect(body.toString()).toContain('npm run build');
  });
});
