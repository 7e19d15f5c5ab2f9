import type { RoomView } from '../../api/messages.ts';

type Playing = Pick<RoomView, 'state' | 'position' | 'track'>;

/** Where a track is now, seconds: never before its beginning or behind its end; null when nobody said. `now` by the bridge's clock. */
export function positionAt({ state, position, track }: Playing, now: number): number | null {
  if (position === null) return null;
  const passed = state === 'playing' ? Math.max(0, now - Date.parse(position.at)) / 1000 : 0;
  const reached = Math.max(0, position.seconds + (Number.isFinite(passed) ? passed : 0));
  const end = track?.duration ?? null;
  return end !== null && end > 0 ? Math.min(end, reached) : reached;
}

/** Seconds as people write them: `3:07`, `1:02:45`. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${tail}` : `${minutes}:${tail}`;
}
