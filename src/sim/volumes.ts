/** Volume arithmetic of groups (documentation page "Volume"). All volumes are whole numbers from 0 to 100. */

const clamp = (volume: number): number => Math.min(100, Math.max(0, volume));

/** The group's volume: the rounded average of its members. */
export function average(volumes: readonly number[]): number {
  if (volumes.length === 0) return 0;
  return Math.round(volumes.reduce((sum, volume) => sum + volume, 0) / volumes.length);
}

function nudge(volumes: number[], by: 1 | -1): void {
  const room = volumes.map((volume) => (by === 1 ? 100 - volume : volume));
  const index = room.indexOf(Math.max(...room));
  volumes[index] = (volumes[index] ?? 0) + by;
}

/**
 * Moves all members in proportion until their average is the target. Setting 0 destroys the balance between
 * the rooms: from 0 they rise as one.
 */
export function spread(target: number, volumes: readonly number[]): number[] {
  if (volumes.length === 0) return [];
  const sum = volumes.reduce((total, volume) => total + volume, 0);
  const factor = sum === 0 ? 0 : (target * volumes.length) / sum;
  const moved = volumes.map((volume) => (sum === 0 ? target : clamp(Math.round(volume * factor))));
  while (average(moved) < target) nudge(moved, 1);
  while (average(moved) > target) nudge(moved, -1);
  return moved;
}

/** A relative change, clamped at both ends. */
export const shifted = (volume: number, delta: number): number => clamp(volume + delta);
