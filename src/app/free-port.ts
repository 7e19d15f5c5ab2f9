import { createServer } from 'node:net';
import { err, ok, type Result } from '../bridge/result.ts';

/** Whether one may listen there: the port (a free one for 0), or the system's error code. */
export function tryPort(host: string, port: number): Promise<Result<number, string>> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(err(error.code ?? error.message)));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(ok(taken)));
    });
  });
}

const NEIGHBOURS = 50;

/** The wanted port when it is free and not spoken for, else the next that is; any free one when all near it are taken. */
export async function findPort(
  host: string,
  wanted: number,
  spokenFor: ReadonlySet<number>,
): Promise<number> {
  const last = Math.min(65_535, wanted + NEIGHBOURS);
  for (let port = wanted; port !== 0 && port <= last; port += 1) {
    if (spokenFor.has(port)) continue;
    const tried = await tryPort(host, port);
    if (tried.ok) return tried.value;
    if (tried.error !== 'EADDRINUSE' && tried.error !== 'EACCES') break;
  }
  const any = await tryPort(host, 0);
  return any.ok ? any.value : wanted;
}
