/** A version of MQTT: 4 is what 3.1.1 calls itself on the wire. */
export type MqttVersion = 4 | 5;

/**
 * What a failed attempt says about the version it used. `version`: the broker refused it by name. `suspect`: it
 * hung up on the CONNECT, as some brokers do that do not know the version. `answered`: it understood and refused
 * for another reason. `none`: nothing.
 */
export type VersionEvidence = 'version' | 'suspect' | 'answered' | 'none';

/** Every so many failures in a row, a broker known for 3.1.1 is asked for 5 again: it may have been replaced. */
const ASK_AGAIN_EVERY = 10;

/** So many failures in a row make a hang-up suspicious, even from a broker that has spoken 5 before. */
const SUSPICIOUS_FROM = 3;

/** Chooses the version of the next attempt from how the ones before it went. */
export class ProtocolChoice {
  readonly #setting: 'auto' | MqttVersion;
  #older: 'no' | 'suspected' | 'known' = 'no';
  #fiveWorked = false;
  #failures = 0;
  #current: MqttVersion = 5;

  constructor(setting: 'auto' | MqttVersion) {
    this.#setting = setting;
  }

  /** The version for the attempt that starts now. */
  next(): MqttVersion {
    const askAgain = this.#failures > 0 && this.#failures % ASK_AGAIN_EVERY === 0;
    if (this.#setting !== 'auto') this.#current = this.#setting;
    else if (this.#older === 'suspected' || (this.#older === 'known' && !askAgain)) this.#current = 4;
    else this.#current = 5;
    return this.#current;
  }

  /** The broker took the attempt. */
  accepted(): void {
    this.#failures = 0;
    if (this.#current === 5) this.#fiveWorked = true;
    // What was only suspected is asked anew after the next loss.
    if (this.#current === 5 || this.#older === 'suspected') this.#older = 'no';
  }

  /** The attempt failed. Answers whether the other version is worth trying at once, without a pause. */
  failed(evidence: VersionEvidence): boolean {
    this.#failures += 1;
    if (this.#setting !== 'auto') return false;
    return this.#current === 5 ? this.#fiveFailed(evidence) : this.#fourFailed(evidence);
  }

  #fiveFailed(evidence: VersionEvidence): boolean {
    if (evidence === 'version') {
      this.#older = 'known';
      return true;
    }
    if (this.#older === 'known' || evidence !== 'suspect') return false;
    if (this.#fiveWorked && this.#failures < SUSPICIOUS_FROM) return false;
    this.#older = 'suspected';
    return true;
  }

  #fourFailed(evidence: VersionEvidence): boolean {
    if (evidence === 'version') this.#older = 'no';
    else if (this.#older === 'suspected') this.#older = evidence === 'answered' ? 'known' : 'no';
    return false;
  }
}
