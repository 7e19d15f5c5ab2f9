import { Field } from '../setup/field.tsx';
import { t } from '../words.ts';
import { isLanguage, type SayForm } from './announcement.ts';

interface OptionsProps {
  readonly form: SayForm;
  readonly change: (part: Partial<SayForm>) => void;
}

const TAGS = ['de-DE', 'en-GB', 'en-US', 'es-ES', 'fr-FR', 'it-IT', 'nl-NL', 'pl-PL', 'pt-PT', 'sv-SE'];
const FIRST_VOLUME = 30;

function Check({ label, hint, isOn, onTurn }: CheckProps) {
  return (
    <label class="check">
      <input type="checkbox" checked={isOn} onChange={(event) => onTurn(event.currentTarget.checked)} />
      <span>
        {label}
        {hint !== undefined && <small>{hint}</small>}
      </span>
    </label>
  );
}

interface CheckProps {
  readonly label: string;
  readonly hint?: string;
  readonly isOn: boolean;
  readonly onTurn: (isOn: boolean) => void;
}

/** How loud: a level, or as the settings say. */
export function Volume({ form, change }: OptionsProps) {
  const { volume } = form;
  return (
    <fieldset class="field">
      <legend>{t('say.volume')}</legend>
      <div class="say-volume">
        <Check
          label={t('say.volume.own')}
          isOn={volume === null}
          onTurn={(isOn) => change({ volume: isOn ? null : FIRST_VOLUME })}
        />
        {volume !== null && (
          <div class="row level">
            <input
              type="range"
              min="0"
              max="100"
              aria-label={t('say.volume')}
              value={volume}
              onInput={(event) => change({ volume: Number(event.currentTarget.value) })}
            />
            <output>{volume}</output>
          </div>
        )}
      </div>
    </fieldset>
  );
}

/** What is seldom changed. */
export function Options({ form, change }: OptionsProps) {
  return (
    <details class="more">
      <summary>{t('say.options')}</summary>
      <div class="stack">
        <Check
          label={t('say.before')}
          isOn={form.chimeBefore}
          onTurn={(chimeBefore) => change({ chimeBefore })}
        />
        <Check
          label={t('say.urgent')}
          hint={t('say.urgent.hint')}
          isOn={form.isUrgent}
          onTurn={(isUrgent) => change({ isUrgent })}
        />
        <div class="pair">
          <Field
            id="say-language"
            label={t('say.language')}
            value={form.language}
            onValue={(language) => change({ language })}
            placeholder={t('say.as-set')}
            list="say-languages"
            error={isLanguage(form.language) ? undefined : t('say.language.wrong')}
          />
          <Field
            id="say-voice"
            label={t('say.voice')}
            value={form.voice}
            onValue={(voice) => change({ voice })}
            placeholder={t('say.as-set')}
          />
        </div>
        <datalist id="say-languages">
          {TAGS.map((tag) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
      </div>
    </details>
  );
}
