import { z } from 'zod';
import { object, optionalFlag, optionalText, playModes, whole } from '../parameters.ts';
import { metadataBody } from '../playback-bodies.ts';
import { loadLineIn } from '../source-commands.ts';
import { acknowledge, answer, type GroupRoutes, present, withParameters } from './route.ts';

const ANY = Number.MAX_SAFE_INTEGER;

/** Documentation namespaces "playback" and "playbackMetadata". */
export const playbackRoutes: GroupRoutes = {
  'GET playback': ({ home, target }) => answer('playbackStatus', home.statusBody(target)),
  'POST playback/play': ({ target }) => acknowledge(target.transport.play()),
  'POST playback/pause': ({ target }) => acknowledge(target.transport.pause()),
  'POST playback/togglePlayPause': ({ target }) => acknowledge(target.transport.toggle()),
  'POST playback/skipToNextTrack': ({ target }) => acknowledge(target.transport.next()),
  'POST playback/skipToPreviousTrack': ({ target }) => acknowledge(target.transport.previousTrack()),
  'POST playback/skipBack': ({ target }) => acknowledge(target.transport.skipBack()),
  'POST playback/seek': withParameters(
    z.object({ positionMillis: whole(0, ANY), itemId: optionalText(128) }),
    ({ target }, { positionMillis, itemId }) => acknowledge(target.transport.seek(positionMillis, itemId)),
  ),
  'POST playback/seekRelative': withParameters(
    z.object({ deltaMillis: whole(-ANY, ANY), itemId: optionalText(128) }),
    ({ target: { transport } }, { deltaMillis, itemId }) =>
      acknowledge(transport.seek(Math.max(0, transport.position() + deltaMillis), itemId)),
  ),
  'POST playback/playMode': withParameters(
    z.object({ playModes: object(playModes) }),
    ({ target }, { playModes: modes }) => acknowledge(target.transport.setModes(present(modes))),
  ),
  'POST playback/lineIn': withParameters(
    z.object({ deviceId: optionalText(24), playOnCompletion: optionalFlag }),
    ({ home, target }, { deviceId, playOnCompletion = false }) =>
      acknowledge(loadLineIn(home, target, deviceId, playOnCompletion)),
  ),
  'GET playbackMetadata': ({ target }) => answer('metadataStatus', metadataBody(target.transport)),
};
