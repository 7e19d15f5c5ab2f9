import { describe, expect, it } from 'vitest';
import type { VersionEvidence } from '../../src/mqtt/protocol-choice.ts';
import { ProtocolChoice } from '../../src/mqtt/protocol-choice.ts';

/** Plays one attempt after the other; each answers with the version that was used. */
function play(choice: ProtocolChoice, outcomes: readonly (VersionEvidence | 'accepted')[]): string {
  return outcomes
    .map((outcome) => {
      const version = choice.next();
      if (outcome === 'accepted') choice.accepted();
      else if (choice.failed(outcome)) return `${version}!`;
      return String(version);
    })
    .join(' ');
}

describe('the protocol version', () => {
  it('is 5 with a broker that takes it', () => {
    expect(play(new ProtocolChoice('auto'), ['accepted', 'none', 'none', 'accepted'])).toBe('5 5 5 5');
  });

  it('falls back at once when the broker refuses 5 by name, and that is remembered', () => {
    expect(play(new ProtocolChoice('auto'), ['version', 'accepted', 'none', 'accepted'])).toBe('5! 4 4 4');
  });

  it('falls back at once when the broker hangs up on 5, and is asked for 5 anew after a loss', () => {
    expect(play(new ProtocolChoice('auto'), ['suspect', 'accepted', 'suspect', 'accepted'])).toBe(
      '5! 4 5! 4',
    );
  });

  it('returns to 5 when 3.1.1 is hung up on as well', () => {
    expect(play(new ProtocolChoice('auto'), ['suspect', 'suspect', 'suspect', 'none', 'accepted'])).toBe(
      '5! 4 5! 4 5',
    );
  });

  it('is 3.1.1 for good once the broker answers it, if only with bad credentials', () => {
    expect(play(new ProtocolChoice('auto'), ['suspect', 'answered', 'answered', 'accepted'])).toBe(
      '5! 4 4 4',
    );
  });

  it('does not blame the version when a broker that speaks 5 hangs up', () => {
    expect(play(new ProtocolChoice('auto'), ['accepted', 'suspect', 'none', 'accepted'])).toBe('5 5 5 5');
  });

  it('blames the version after all when such a broker keeps hanging up: it may have been replaced', () => {
    expect(play(new ProtocolChoice('auto'), ['accepted', 'suspect', 'suspect', 'suspect', 'accepted'])).toBe(
      '5 5 5 5! 4',
    );
  });

  it('is asked for 5 again at every tenth failure, and the broker that was updated gets it', () => {
    const ten = Array.from({ length: 9 }, () => 'none' as const);
    const choice = new ProtocolChoice('auto');
    expect(play(choice, ['version', ...ten])).toBe('5! 4 4 4 4 4 4 4 4 4');
    expect(play(choice, ['suspect', 'accepted'])).toBe('5 4');
    expect(
      play(
        choice,
        Array.from({ length: 10 }, () => 'none' as const),
      ),
    ).toBe('4 4 4 4 4 4 4 4 4 4');
    expect(play(choice, ['accepted', 'none'])).toBe('5 5');
  });

  it('goes back to 5 when a broker refuses 3.1.1 by name', () => {
    expect(play(new ProtocolChoice('auto'), ['version', 'version', 'accepted'])).toBe('5! 4 5');
  });

  it('is what the settings force', () => {
    expect(play(new ProtocolChoice(4), ['accepted', 'version', 'suspect'])).toBe('4 4 4');
    expect(play(new ProtocolChoice(5), ['version', 'suspect', 'answered'])).toBe('5 5 5');
  });
});
