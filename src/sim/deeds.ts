import { z } from 'zod';
import { airplay, alarm, list, otherApp, PHONE_MUSIC, spotifyConnect, station } from './scenario.ts';
import type { World } from './world.ts';

/** What a person with the Sonos app can do, by name, with the fields it needs. */
interface Deed {
  /** What it takes, for the page that lists the deeds. */
  readonly takes: readonly string[];
  run(world: World, request: unknown): unknown;
}

function deed<Shape extends z.ZodObject>(
  shape: Shape,
  run: (world: World, values: z.output<Shape>) => unknown,
): Deed {
  return { takes: Object.keys(shape.shape), run: (world, request) => run(world, shape.parse(request)) };
}

const room = z.string();
const inRoom = z.object({ room });
const named = z.object({ name: z.string() });
const volume = z.number().int().min(0).max(100);
const on = z.boolean().default(true);

const doorbell = inRoom.extend({
  seconds: z.number().positive().optional(),
  priority: z.enum(['LOW', 'HIGH']).default('HIGH'),
});

const CLIP_DEEDS: Readonly<Record<string, Deed>> = {
  doorbell: deed(doorbell, (world, { room, priority, seconds }) => {
    const length = seconds === undefined ? {} : { milliseconds: seconds * 1000 };
    return world.clip(room, { priority, ...length });
  }),
  dismiss_clip: deed(inRoom, (world, it) => world.dismissClip(it.room)),
  fail_clip: deed(inRoom.extend({ code: z.string().optional() }), (world, it) =>
    world.failClip(it.room, it.code),
  ),
  jam_clips: deed(inRoom.extend({ jammed: z.boolean().default(true) }), (world, it) =>
    world.jamClips(it.room, it.jammed),
  ),
  refuse_clips: deed(inRoom.extend({ code: z.string().nullable().optional() }), (world, it) =>
    world.refuseClips(it.room, it.code),
  ),
  lose_done: deed(inRoom.extend({ lost: z.boolean().default(true) }), (world, it) =>
    world.loseDone(it.room, it.lost),
  ),
};

/** Every deed of `POST /sim/do`. Rooms are named by name or player id. */
export const DEEDS: Readonly<Record<string, Deed>> = {
  volume: deed(inRoom.extend({ volume }), (world, it) => world.setVolume(it.room, it.volume)),
  group_volume: deed(inRoom.extend({ volume }), (world, it) => world.setGroupVolume(it.room, it.volume)),
  mute: deed(inRoom.extend({ muted: z.boolean().default(true) }), (world, it) =>
    world.mute(it.room, it.muted),
  ),
  play: deed(inRoom, (world, it) => world.play(it.room)),
  pause: deed(inRoom, (world, it) => world.pause(it.room)),
  next: deed(inRoom, (world, it) => world.next(it.room)),
  previous: deed(inRoom, (world, it) => world.previous(it.room)),
  seek: deed(inRoom.extend({ seconds: z.number().min(0) }), (world, it) =>
    world.seek(it.room, it.seconds * 1000),
  ),
  favorite: deed(inRoom.extend({ name: z.string() }), (world, it) => world.playFavorite(it.room, it.name)),
  playlist: deed(inRoom.extend({ name: z.string() }), (world, it) => world.playPlaylist(it.room, it.name)),
  group: deed(inRoom.extend({ others: z.array(z.string()) }), (world, it) =>
    world.group(it.room, ...it.others),
  ),
  ungroup: deed(inRoom, (world, it) => world.ungroup(it.room)),
  update: deed(inRoom.extend({ software: z.string() }), (world, it) => world.update(it.room, it.software)),
  rename: deed(inRoom.extend({ name: z.string() }), (world, it) => world.rename(it.room, it.name)),
  unplug: deed(inRoom, (world, it) => world.unplug(it.room)),
  plug_in: deed(inRoom, (world, it) => world.plugIn(it.room)),
  tv_on: deed(inRoom, (world, it) => world.tvOn(it.room)),
  tv_off: deed(inRoom, (world, it) => world.tvOff(it.room)),
  night_mode: deed(inRoom.extend({ on }), (world, it) =>
    world.setTheaterOptions(it.room, { nightMode: it.on }),
  ),
  dialog: deed(inRoom.extend({ on }), (world, it) =>
    world.setTheaterOptions(it.room, { enhanceDialog: it.on }),
  ),
  volume_limit: deed(inRoom.extend({ limit: z.number().min(1).max(100) }), (world, it) =>
    world.setUp(it.room, { volumeScalingFactor: it.limit / 100 }),
  ),
  fixed_volume: deed(inRoom.extend({ on }), (world, it) =>
    world.setUp(it.room, { volumeMode: it.on ? 'FIXED' : 'VARIABLE' }),
  ),
  line_in: deed(inRoom.extend({ from: z.string().optional() }), (world, it) =>
    world.lineIn(it.room, it.from),
  ),
  unplug_line_in: deed(inRoom, (world, it) => world.unplugLineIn(it.room)),
  airplay: deed(inRoom, (world, it) => world.load(it.room, airplay(PHONE_MUSIC[0] ?? { name: 'A Song' }))),
  spotify_connect: deed(inRoom, (world, it) =>
    world.load(it.room, spotifyConnect('On the Phone', PHONE_MUSIC)),
  ),
  alarm: deed(inRoom, (world, it) => world.load(it.room, alarm())),
  station_says: deed(inRoom.extend({ text: z.string() }), (world, it) =>
    world.stationSays(it.room, { streamInfo: it.text }),
  ),
  take_over: deed(inRoom, (world, it) => {
    world.evictSession(it.room);
    world.load(it.room, otherApp());
  }),
  fail: deed(inRoom.extend({ code: z.string().optional() }), (world, it) =>
    world.failPlayback(it.room, it.code),
  ),
  ...CLIP_DEEDS,
  add_favorite: deed(named, (world, it) =>
    world.addFavorite({ name: it.name, resourceType: 'STREAM', source: station(it.name, [it.name]) }),
  ),
  remove_favorite: deed(named, (world, it) => world.removeFavorite(it.name)),
  add_playlist: deed(named, (world, it) =>
    world.addPlaylist({ name: it.name, tracks: list(it.name, 'playlist', PHONE_MUSIC).tracks }),
  ),
  remove_playlist: deed(named, (world, it) => world.removePlaylist(it.name)),
};
