import type { Bridge } from '../bridge/bridge.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import type { Config } from '../config/schema.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import type { Speech } from '../speech/speech.ts';
import type { Store } from '../store/store.ts';
import type { AccessMemory } from '../web/access/access.ts';
import type { WebSetupDesk } from '../web/api/setup.ts';
import type { Asked } from './asked.ts';
import type { BridgeState } from './bridge-state.ts';
import type { Doors } from './doors.ts';
import type { SourcedSettings } from './integration.ts';
import type { MqttSide } from './mqtt-side.ts';
import type { PageSide } from './page-side.ts';
import type { QueueSide } from './queue-side.ts';
import type { Recording } from './recording.ts';
import type { Key, SonosSide } from './sonos-side.ts';

/** The parts of the house that the listeners show or serve. */
export interface Parts {
  readonly config: Config;
  readonly key: Key;
  readonly log: LogOutput;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly doors: Doors;
  readonly callbackPath: string;
  readonly asked: Asked;
  readonly bridge: Bridge;
  readonly sonos: SonosSide;
  readonly mqtt: MqttSide;
  readonly page: PageSide;
  readonly recording: Recording;
  readonly speech: Speech;
  readonly queues: QueueSide;
  readonly store: Store;
  readonly access: AccessMemory;
  /** Where the settings in force came from. */
  readonly sources: SourcedSettings['sources'];
  readonly setup: WebSetupDesk;
  readonly state: () => BridgeState;
  /** Something happened that the state may show. */
  readonly nudge: () => void;
}
