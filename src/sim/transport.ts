import { Deck } from './deck.ts';
import type { QueueSource } from './model.ts';
import type { PlayModes } from './playback-types.ts';
import { commandFailed, invalidObjectId, playbackRefusal, type Refusal } from './refusal.ts';

/** How a list goes into the queue (`action` of loadFavorite). INSERT and INSERT_NEXT both go after the current track. */
export type QueueAction = 'APPEND' | 'INSERT' | 'INSERT_NEXT' | 'REPLACE';

const RESTART_AFTER_MS = 3000;

const noContent = (): Refusal => playbackRefusal('ERROR_PLAYBACK_NO_CONTENT', 'ERROR_NO_CONTENT');

/**
 * The music of one group and what it can be told (documentation namespaces "playback" and "playbackMetadata");
 * null means done. It changes hands when its group does.
 */
export class Transport extends Deck {
  /** True when a skip forward has somewhere to go and is allowed. */
  canSkip(): boolean {
    return this.#skipRefusal() === null && this.nextTrack() !== null;
  }

  canGoBack(): boolean {
    return this.#skipRefusal() === null && this.track() !== null;
  }

  play(): Refusal | null {
    if (this.source === null) return noContent();
    if (!this.isRunning) this.start();
    return null;
  }

  /** What cannot be resumed ends in IDLE. */
  pause(): Refusal | null {
    if (this.source === null) return noContent();
    if (!this.isRunning) return null;
    if (this.live === null) {
      this.rest();
    } else {
      this.leaveTrack();
      this.stop();
    }
    return null;
  }

  toggle(): Refusal | null {
    if (this.source === null) return playbackRefusal('ERROR_NO_CONTENT');
    return this.isRunning ? this.pause() : this.play();
  }

  next(): Refusal | null {
    const refusal = this.#skipRefusal();
    if (refusal !== null) return refusal;
    if (this.nextTrack() === null) return playbackRefusal('ERROR_PLAYBACK_FAILED', 'There is no next track.');
    this.#skip('forward');
    return null;
  }

  previousTrack(): Refusal | null {
    const refusal = this.#skipRefusal();
    if (refusal === null) this.#skip('back');
    return refusal;
  }

  /** Restarts the track when it has run for a while, else goes to the one before. */
  skipBack(): Refusal | null {
    if (this.playingQueue !== null && this.position() > RESTART_AFTER_MS) return this.seek(0);
    return this.previousTrack();
  }

  /** Beyond the end jumps to the next track. */
  seek(positionMillis: number, itemId?: string): Refusal | null {
    if (this.source === null) return noContent();
    if (itemId !== undefined && itemId !== this.itemId()) {
      return invalidObjectId(`${itemId} is not the current item.`);
    }
    const queue = this.playingQueue;
    if (queue === null || queue.source.forbids?.includes('seek')) {
      return playbackRefusal('ERROR_DISALLOWED_BY_POLICY');
    }
    if (positionMillis >= (this.track()?.durationMillis ?? Number.POSITIVE_INFINITY)) this.endTrack();
    else this.jump(positionMillis);
    return null;
  }

  /** Stations and inputs have no play modes; Spotify Connect has no crossfade. */
  setModes(change: Partial<PlayModes>): Refusal | null {
    const isOn = change.repeat || change.repeatOne || change.shuffle || change.crossfade;
    const isConnect = this.playingQueue?.source.connect === true;
    if ((isOn && this.live !== null) || (isConnect && change.crossfade)) {
      return commandFailed('The source does not allow this play mode.');
    }
    const before = this.modes;
    this.modes = { ...before, ...change };
    if (this.modes.shuffle !== before.shuffle) {
      for (const queue of new Set([this.queue, this.playingQueue])) queue?.shuffle(this.modes.shuffle);
    }
    this.announce();
    return null;
  }

  /** Puts tracks into the queue without touching what plays, unless `play` asks for the queue. */
  enqueue(source: QueueSource, action: Exclude<QueueAction, 'REPLACE'>, play: boolean): void {
    const { queue } = this;
    if (queue === null) {
      if (play || this.source === null) this.load(source, play);
      else this.fill(source);
      return;
    }
    queue.insert(source.tracks, action === 'APPEND' ? 'end' : 'next');
    if (this.playingQueue === queue) {
      this.announce();
      if (play) this.play();
    } else if (play) {
      this.returnToQueue();
    }
  }

  #skip(direction: 'forward' | 'back'): void {
    const queue = this.playingQueue;
    if (queue === null) return;
    queue.skipsLeft -= 1;
    this.leaveTrack();
    queue[direction](this.modes.repeat);
    if (this.isRunning) this.start();
    else this.announce();
  }

  #skipRefusal(): Refusal | null {
    if (this.source === null) return noContent();
    const queue = this.playingQueue;
    if (queue === null) return playbackRefusal('ERROR_PLAYBACK_FAILED', 'The source is a single item.');
    if (queue.source.forbids?.includes('skip')) return playbackRefusal('ERROR_DISALLOWED_BY_POLICY');
    return queue.skipsLeft <= 0 ? playbackRefusal('ERROR_SKIP_LIMIT_REACHED') : null;
  }
}
