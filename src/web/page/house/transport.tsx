import { t } from '../words.ts';
import { ActButton } from './act-button.tsx';
import { isHeard, type Room } from './groups.ts';

const NEXT_REPEAT = { off: 'all', all: 'one', one: 'off' } as const;

/** Which of the modes come after another when the button is pressed; only those that the source allows. */
export function repeatAfter(view: Room['view']): 'off' | 'all' | 'one' {
  const allows = (word: string): boolean => view.actions?.includes(word) === true;
  const after = NEXT_REPEAT[view.play_modes?.repeat ?? 'off'];
  if (after === 'all' && !allows('repeat')) return 'one';
  return after === 'one' && !allows('repeat_one') ? 'off' : after;
}

/** The large button, alone or in the midst of the others. */
export function PlayButton({ lead, look }: { readonly lead: Room; readonly look: string }) {
  const { view } = lead;
  const plays = isHeard(view);
  const name = plays ? 'pause' : 'play';
  const words = t(plays ? 'play.pause' : 'play.play');
  return (
    <ActButton
      key="toggle"
      room={lead}
      name={name}
      icon={name}
      label={t('play.in', { what: words, room: view.name })}
      isAllowed={view.actions === null || view.actions.includes(name)}
      look={look}
    />
  );
}

/** Previous, play or pause, next, and the play modes at the sides, as the source allows. */
export function Transport({ lead }: { readonly lead: Room }) {
  const { view } = lead;
  const allows = (word: string): boolean => view.actions?.includes(word) === true;
  const { shuffle, repeat } = view.play_modes ?? { shuffle: null, repeat: null };
  const named = (what: string): string => t('play.in', { what, room: view.name });
  const skips = allows('next') || allows('previous');
  const modes = allows('shuffle') || allows('repeat') || allows('repeat_one');
  return (
    <div class="transport">
      {modes && (
        <ActButton
          room={lead}
          name="shuffle"
          value={shuffle !== true}
          icon="shuffle"
          label={named(t('play.shuffle'))}
          isOn={shuffle}
          isAllowed={allows('shuffle')}
        />
      )}
      {skips && (
        <ActButton
          room={lead}
          name="previous"
          icon="previous"
          label={named(t('play.previous'))}
          isAllowed={allows('previous')}
        />
      )}
      <PlayButton lead={lead} look="large" />
      {skips && (
        <ActButton
          room={lead}
          name="next"
          icon="next"
          label={named(t('play.next'))}
          isAllowed={allows('next')}
        />
      )}
      {modes && (
        <ActButton
          room={lead}
          name="repeat"
          value={repeatAfter(view)}
          icon={repeat === 'one' ? 'once' : 'repeat'}
          label={named(t(`play.repeat_${repeat ?? 'off'}`))}
          isOn={repeat === 'all' || repeat === 'one'}
          isAllowed={allows('repeat') || allows('repeat_one')}
        />
      )}
    </div>
  );
}
