import { hash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { connectAsync } from 'mqtt';
import { z } from 'zod';

// The bare floor: an HTTP server that checks the signature, parses the body, and publishes what was asked for, retained,
// at QoS 0. No schema, no state, no sequence numbers, no queue, no acknowledgement. Whoever wants to bridge must do this much.

const floorSettings = z.object({
  port: z.number(),
  brokerPort: z.number(),
  path: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
});

const { port, brokerPort, path, clientId, clientSecret } = floorSettings.parse(
  JSON.parse(process.env.FLOOR ?? ''),
);

interface Body {
  readonly container: { readonly name: string };
  readonly currentItem: {
    readonly track: {
      readonly name: string;
      readonly artist: { readonly name: string };
      readonly album: { readonly name: string };
      readonly imageUrl: string;
      readonly durationMillis: number;
    };
  };
  readonly playbackState: string;
  readonly positionMillis: number;
  readonly volume: number;
  readonly muted: boolean;
}

function picked(namespace: string, body: Body): object {
  if (namespace === 'playerVolume') return { volume: body.volume, muted: body.muted };
  if (namespace === 'groupVolume') return { group: { volume: body.volume, muted: body.muted } };
  if (namespace === 'playback')
    return { state: body.playbackState, position: { seconds: body.positionMillis / 1000 } };
  const { name, artist, album, imageUrl, durationMillis } = body.currentItem.track;
  return {
    source: { name: body.container.name },
    track: {
      title: name,
      artist: artist.name,
      album: album.name,
      image: imageUrl,
      duration: durationMillis / 1000,
    },
  };
}

function isGenuine(headers: IncomingHttpHeaders): boolean {
  const names = ['event-seq-id', 'namespace', 'type', 'target-type', 'target-value'];
  const signed = names.map((name) => headers[`x-sonos-${name}`]).join('');
  const expected = Buffer.from(hash('sha256', `${signed}${clientId}${clientSecret}`, 'base64url'));
  const given = Buffer.from(String(headers['x-sonos-event-signature']));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const client = await connectAsync({ host: '127.0.0.1', port: brokerPort, protocol: 'mqtt' });
const { stream } = client;
// As the bridge does, or the floor would be slower than it need be: no waiting for the broker's delayed acknowledgement,
// and one write for all that is published in a turn.
if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
let isCorked = false;

function publish(topic: string, payload: string): void {
  if (!isCorked) {
    isCorked = true;
    stream.cork();
    setImmediate(() => {
      isCorked = false;
      stream.uncork();
    });
  }
  client.publish(topic, payload, { qos: 0, retain: true });
}

const server = createServer((request, response) => {
  const answer = (status: number): void => {
    response.writeHead(status, { 'Content-Length': '0' });
    response.end();
  };
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { headers } = request;
    if (request.url !== path || !isGenuine(headers)) return answer(401);
    const body: Body = JSON.parse(Buffer.concat(chunks).toString());
    const namespace = String(headers['x-sonos-namespace']);
    publish(
      `floor/${String(headers['x-sonos-target-value'])}/${namespace}`,
      JSON.stringify(picked(namespace, body)),
    );
    answer(200);
  });
});
server.listen(port, '127.0.0.1', () => process.stdout.write('listening\n'));
process.on('SIGTERM', () => process.exit(0));
