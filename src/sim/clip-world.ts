import type { ClipOrder } from './clip.ts';
import { Homes } from './homes.ts';

const DOORBELL: ClipOrder = {
  name: 'Doorbell',
  appId: 'com.example.doorbell',
  priority: 'HIGH',
  clipType: 'CHIME',
};

/** What people, other apps and bad luck do to the clips of a room, in all its boxes. */
export class ClipWorld extends Homes {
  /** Another app plays a clip on the primary box; answers its id. */
  clip(room: string, order: Partial<ClipOrder> = {}): string {
    const result = this.find(room).player.clips.load({ ...DOORBELL, ...order });
    if ('refusal' in result) throw new Error(`The speaker refuses: ${JSON.stringify(result.refusal.body)}`);
    return result.clip.id;
  }

  /** Someone presses the button on the speaker while a clip plays. */
  dismissClip(room: string): void {
    for (const { clips } of this.find(room).player.boxes) clips.dismissPlaying();
  }

  /** What plays, or is fetched, ends as something went wrong. */
  failClip(room: string, errorCode = 'ERROR_AUDIO_CLIP_MEDIA_ERROR'): void {
    for (const { clips } of this.find(room).player.boxes) clips.failPlaying(errorCode);
  }

  /** Clips are accepted, and nothing more is heard of them (or again). */
  jamClips(room: string, jammed = true): void {
    this.find(room).player.clipTrouble.jammed = jammed;
  }

  /** Clips are refused with this code; null accepts them again. */
  refuseClips(room: string, errorCode: string | null = 'ERROR_COMMAND_FAILED'): void {
    this.find(room).player.clipTrouble.refuses = errorCode;
  }

  /** A clip that is done vanishes without a word (or is told again). */
  loseDone(room: string, lost = true): void {
    this.find(room).player.clipTrouble.losesDone = lost;
  }
}
