import { Bridge, type Memory } from '../../bridge/bridge.ts';
import type { BridgeRequest } from '../../bridge/bridge-commands.ts';
import type { BridgePorts } from '../../bridge/bridge-ports.ts';
import type { CommandRequest } from '../../bridge/intake.ts';
import type { Tape } from './tape.ts';

/** The middle of the house, with everything that it is told written down before it hears it. */
export class RecordedBridge extends Bridge {
  readonly #tape: Tape;

  constructor(tape: Tape, ports: BridgePorts, memory: Memory) {
    super(
      {
        ...ports,
        random: tape.random(ports.random),
        sounds: tape.sounds(ports.sounds),
        answer: (ask, reply) => {
          tape.replied(reply);
          ports.answer(ask, reply);
        },
      },
      memory,
    );
    this.#tape = tape;
  }

  override take(request: CommandRequest): void {
    this.#tape.command(request);
    super.take(request);
  }

  override takeForBridge(request: BridgeRequest): void {
    this.#tape.bridgeCommand(request);
    super.takeForBridge(request);
  }

  override lostEvents(): void {
    this.#tape.lost();
    super.lostEvents();
  }
}
