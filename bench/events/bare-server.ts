import { hash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { z } from 'zod';

/** What the bare programs are told when they start. */
export const floorSettings = z.object({
  port: z.number(),
  brokerPort: z.number(),
  path: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
  /** A file with the house as it is shown before the first event. */
  house: z.string(),
});

type FloorSettings = z.output<typeof floorSettings>;

function isGenuine(headers: IncomingHttpHeaders, { clientId, clientSecret }: FloorSettings): boolean {
  const signed = `${headers['x-sonos-event-seq-id']}${headers['x-sonos-namespace']}${headers['x-sonos-type']}${headers['x-sonos-target-type']}${headers['x-sonos-target-value']}`;
  const expected = Buffer.from(hash('sha256', `${signed}${clientId}${clientSecret}`, 'base64url'));
  const given = Buffer.from(String(headers['x-sonos-event-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Takes signed events in, checks nothing but the signature, and answers once `take` has done its part. */
export function serve(
  settings: FloorSettings,
  take: (namespace: string, target: string, text: string) => void,
): void {
  const server = createServer((request, response) => {
    const answer = (status: number): void => {
      response.writeHead(status, { 'Content-Length': '0' });
      response.end();
    };
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      text += chunk;
    });
    request.on('end', () => {
      const { headers, url } = request;
      if (url !== settings.path || !isGenuine(headers, settings)) return answer(401);
      take(String(headers['x-sonos-namespace']), String(headers['x-sonos-target-value']), text);
      answer(200);
    });
  });
  server.listen(settings.port, '127.0.0.1', () => process.stdout.write('listening\n'));
  process.on('SIGTERM', () => process.exit(0));
}
