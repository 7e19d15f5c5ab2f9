import { connectAsync } from 'mqtt';
import { corkerOf, setNoDelay } from '../harness/mqtt-stream.ts';
import { floorSettings, serve } from './bare-server.ts';

// The least that can be called a bridge, for reference: one message at QoS 0 for each event with what the event says, no picture
// of the room, no attributes, no acknowledgement.

const settings = floorSettings.parse(JSON.parse(process.env.FLOOR ?? ''));

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

const client = await connectAsync({ host: '127.0.0.1', port: settings.brokerPort, protocol: 'mqtt' });
setNoDelay(client);
const corkForThisTurn = corkerOf(client);

serve(settings, (namespace, target, text) => {
  corkForThisTurn();
  const body: Body = JSON.parse(text);
  client.publish(`least/${target}/${namespace}`, JSON.stringify(picked(namespace, body)), {
    qos: 0,
    retain: true,
  });
});
