import { createServer } from 'node:http';

// What Node.js costs before anybody has written a line: an HTTP server that listens, and with a broker's port in the
// environment a connection by mqtt.js besides.

const { BROKER_PORT } = process.env;

const listening = new Promise<void>((resolve) => {
  createServer((_request, response) => response.end()).listen(0, '127.0.0.1', resolve);
});
if (BROKER_PORT !== undefined) {
  const { connectAsync } = await import('mqtt');
  await connectAsync({ host: '127.0.0.1', port: Number(BROKER_PORT), protocol: 'mqtt' });
}
await listening;
process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), msg: 'ready' })}\n`);
process.on('SIGTERM', () => process.exit(0));
