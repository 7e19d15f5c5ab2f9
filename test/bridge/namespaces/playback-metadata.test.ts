import { describe, expect, it } from 'vitest';
import { type SourceSigns, sourceKind } from '../../../src/bridge/namespaces/source-kind.ts';
import { house, idOf, picture, recorded, withEvent } from '../../support/house.ts';

const home = house(['Kitchen']);
const shown = (body: unknown) =>
  picture(withEvent(home, 'Kitchen', 'playbackMetadata', 'metadataStatus', body), 'Kitchen');
const plays = (file: string) => shown(recorded(file));

const signs = (
  type: string | null,
  rest: Partial<SourceSigns> & {
    readonly objectId?: string;
    readonly serviceId?: string;
    readonly service?: string | null;
  } = {},
): SourceSigns => ({
  container:
    type === null
      ? null
      : {
          type,
          id: { objectId: rest.objectId ?? null, serviceId: rest.serviceId ?? null },
          service: rest.service === null ? null : { name: rest.service ?? 'Some Service', id: null },
        },
  currentItem: rest.currentItem ?? null,
  playbackSession: rest.playbackSession ?? null,
});
const track = { currentItem: { track: {} } };

describe('the kind of a source', () => {
  it.each([
    ['tv', signs('linein.homeTheater.hdmi')],
    ['tv', signs('linein.homeTheater')],
    ['tv', signs('linein.homeTheater.spdif', track)],
    ['airplay', signs('linein.airplay', track)],
    ['line_in', signs('linein')],
    ['line_in', signs('linein.bluetooth')],
    ['none', signs(null)],
    ['none', signs('item')],
    ['alarm', signs('other', { serviceId: 'buzzer' })],
    ['alarm', signs('other', { service: 'buzzer' })],
    ['spotify_connect', signs('playlist.spotify.connect')],
    ['spotify_connect', signs('spotify.connect', track)],
    [
      'spotify_connect',
      signs('playlist', { ...track, playbackSession: { clientId: 'spotify.connect.adapter' } }),
    ],
    ['spotify_connect', signs(null, { ...track, playbackSession: { clientId: 'spotify.connect.adapter' } })],
    ['stream', signs('station', { objectId: '-1' })],
    ['stream', signs('station', { service: null })],
    ['radio', signs('station')],
    ['radio', signs('station.broadcast', track)],
    ['queue', signs('playlist')],
    ['queue', signs('album.local', track)],
    ['queue', signs('artist')],
    ['queue', signs('track')],
    ['queue', signs('trackList.program', track)],
    ['queue', signs('audiobook.audible.connect')],
    ['queue', signs('podcast')],
    ['queue', signs('episode.podcast')],
    ['queue', signs('chapter.audiobook')],
    ['queue', signs('show')],
    ['queue', signs('collection')],
    ['queue', signs('', track)],
    ['queue', signs(null, track)],
    ['other', signs('')],
    ['other', signs('other')],
    ['other', signs('item', track)],
    ['other', signs('program.pandora.connect', track)],
    ['other', signs('hologram', track)],
    ['other', signs(null, { currentItem: { track: null } })],
  ] as const)('is %s', (kind, given) => {
    expect(sourceKind(given)).toBe(kind);
  });

  it.each([
    ['event.metadataStatus.tv-hdmi-dolby51.json', 'tv'],
    ['event.metadataStatus.radio-stream-url.json', 'stream'],
    ['event.metadataStatus.station-iheart.json', 'radio'],
    ['event.metadataStatus.spotify-connect-playlist.json', 'spotify_connect'],
    ['cloud.event.metadataStatus.airplay.json', 'airplay'],
    ['cloud.event.metadataStatus.apple-music-no-container-type.json', 'queue'],
    ['cloud.event.metadataStatus.idle-stale-container.json', 'none'],
    ['cloud.event.metadataStatus.spotify-connect-opening.json', 'spotify_connect'],
    ['doc.event.metadataStatus.line-in.json', 'line_in'],
  ])('of %s is %s', (file, kind) => {
    expect(plays(file)?.source).toMatchObject({ kind });
  });

  it('counts an object id that comes as a number', () => {
    const body = { container: { type: 'station', id: { objectId: -1 }, service: { name: 'x' } } };
    expect(shown(body)?.source).toMatchObject({ kind: 'stream' });
  });
});

describe('what a room plays', () => {
  it('is nothing at all where only leftovers are told', () => {
    expect(plays('cloud.event.metadataStatus.idle-stale-container.json')).toMatchObject({
      source: { kind: 'none', name: null, service: null, image: null },
      track: null,
      next: null,
    });
    expect(shown({ streamInfo: 'old words' })?.track).toBeNull();
  });

  it("is a station's free text when there is no track", () => {
    expect(plays('event.metadataStatus.radio-stream-url.json')).toMatchObject({
      source: { kind: 'stream', name: 'ice1.somafm.com', service: null, image: null },
      track: { title: "Blancmange - Don't Tell Me", artist: null, album: null, image: null, duration: null },
    });
    expect(shown({ container: { type: 'station' }, streamInfo: ' \n' })?.track).toBeNull();
    expect(plays('event.metadataStatus.tv-hdmi-dolby51.json')?.track).toBeNull();
  });

  it("has the station's image where the track has none", () => {
    const image = 'https://i.iheart.com/v3/re/assets.streams/67b0d43da19ce5cf02ee9dba';
    expect(plays('event.metadataStatus.station-iheart.json')).toMatchObject({
      source: { name: 'Love Songs Radio', service: 'iHeartRadio', image },
      track: { title: "You're Still The One", artist: 'Shania Twain', album: null, image, duration: null },
    });
  });

  it('may have hardly a name in it', () => {
    expect(plays('cloud.event.metadataStatus.spotify-connect-opening.json')).toMatchObject({
      source: { kind: 'spotify_connect', name: null, service: null },
      track: { title: null, artist: null },
    });
    expect(plays('cloud.event.metadataStatus.apple-music-no-container-type.json')).toMatchObject({
      source: { name: null, service: 'Apple Music' },
      track: { title: 'Come Down', duration: 169 },
    });
  });

  it('may be a book or a podcast', () => {
    const body = {
      container: { type: 'podcast' },
      currentItem: {
        track: {
          name: 'Episode',
          author: { name: 'A. Uthor' },
          podcast: { name: 'The Show' },
          durationMillis: '1500',
        },
      },
    };
    expect(shown(body)?.track).toMatchObject({
      title: 'Episode',
      artist: 'A. Uthor',
      album: 'The Show',
      duration: 1.5,
    });
  });

  it.each([
    [{ images: [{ url: 'https://a/1' }], imageUrl: 'https://a/2' }, 'https://a/1'],
    [{ images: [], imageUrl: 'https://a/2' }, 'https://a/2'],
    [{ imageUrl: 'http://192.0.2.1:1400/getaa?u=1' }, 'http://192.0.2.1:1400/getaa?u=1'],
    [{ images: [{ url: '' }, { height: 1 }, { url: 'HTTPS://a/3' }] }, 'HTTPS://a/3'],
    [{ images: [{ url: '/getaa' }], imageUrl: 'javascript:x' }, null],
    [{}, null],
  ])('has of %j the image %s', (pictures, image) => {
    const body = { container: { type: 'album' }, currentItem: { track: { name: 'A', ...pictures } } };
    expect(shown(body)?.track).toMatchObject({ image });
  });

  it('is told from another by what tells it best: an item id, a track id, a title', () => {
    const slice = (body: object): unknown =>
      withEvent(home, 'Kitchen', 'playbackMetadata', 'metadataStatus', body).groups.get(
        `${idOf('Kitchen')}:1`,
      )?.playbackMetadata;
    const item = (rest: object) => ({ container: { type: 'album', name: 'An Album' }, currentItem: rest });
    expect(slice(item({ id: 'q1', track: { name: 'A' } }))).toMatchObject({
      itemId: 'q1',
      containerId: 'An Album',
    });
    expect(slice(item({ track: { name: 'A', id: { objectId: 5 } } }))).toMatchObject({ itemId: ':5' });
    expect(slice(item({ track: { name: 'A', artist: { name: 'B' } } }))).toMatchObject({
      itemId: 'B\u0000A',
    });
    expect(slice(item({ track: { artist: {} } }))).toMatchObject({ itemId: '\u0000' });
    expect(slice({ container: { type: 'linein', id: { serviceId: '9', objectId: 'x' } } })).toMatchObject({
      itemId: null,
      containerId: '9:x',
    });
    expect(slice({ container: { type: 'linein', id: { serviceId: '9' } } })).toMatchObject({
      containerId: null,
    });
  });
});
