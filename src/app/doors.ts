import { createPublicListener } from '../events/listener.ts';
import { openConnection } from '../mqtt/client.ts';
import { createHttp } from '../sonos/http.ts';
import { createOAuth } from '../sonos/oauth.ts';
import { openSpeech } from '../speech/speech.ts';
import { systemDisk } from '../store/disk.ts';
import { systemProcesses } from '../store/processes.ts';
import { createPrivateListener } from '../web/listener.ts';

/** Every way out of the process but time and chance: a simulation hands in its own, and the whole house runs in it. */
export const systemDoors = {
  createHttp,
  createOAuth,
  openConnection,
  openSpeech,
  createPublicListener,
  createPrivateListener,
  disk: systemDisk,
  processes: systemProcesses,
};

/** See `systemDoors`. */
export type Doors = typeof systemDoors;
