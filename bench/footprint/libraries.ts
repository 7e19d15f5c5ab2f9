import express from 'express';
import { connectAsync } from 'mqtt';
import { pino } from 'pino';
import { z } from 'zod';

// The floor of the libraries: those that the bridge uses all the time, loaded, listening and connected, and nothing else.

const port = z.coerce.number().parse(process.env.BROKER_PORT);
const log = pino({ level: 'info', base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` });
const listening = new Promise<void>((resolve) => {
  const server = express().listen(0, '127.0.0.1', () => resolve());
  process.on('SIGTERM', () => {
    server.close();
    process.exit(0);
  });
});
await connectAsync({ host: '127.0.0.1', port, protocol: 'mqtt', writeCache: false });
await listening;
log.info('ready');
