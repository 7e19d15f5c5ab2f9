import { createServer } from 'node:http';

// What Node.js costs before anybody has written a line: an HTTP server that listens.

await new Promise<void>((resolve) => {
  createServer((_request, response) => response.end()).listen(0, '127.0.0.1', resolve);
});
process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), msg: 'ready' })}\n`);
process.on('SIGTERM', () => process.exit(0));
