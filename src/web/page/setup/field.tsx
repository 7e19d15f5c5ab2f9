import type { ComponentChildren } from 'preact';
import { t } from '../words.ts';

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly onValue: (value: string) => void;
  readonly hint?: ComponentChildren;
  /** What is wrong with the value. */
  readonly error?: string | undefined;
  readonly type?: 'text' | 'password' | 'url';
  readonly placeholder?: string;
  readonly list?: string;
}

/** Each by itself, since what else a field may have depends on its type. */
const KINDS = {
  text: { type: 'text', autocomplete: 'off' },
  url: { type: 'url', autocomplete: 'off' },
  password: { type: 'password', autocomplete: 'new-password' },
} as const;

/** A field for one line, with its name, what it is for, and what is wrong with it. */
export function Field({ id, label, value, onValue, hint, error, type, placeholder, list }: FieldProps) {
  const about = [hint === undefined ? '' : `${id}-hint`, error === undefined ? '' : `${id}-error`];
  const kind = list === undefined ? KINDS[type ?? 'text'] : { ...KINDS.text, list };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        {...kind}
        value={value}
        placeholder={placeholder}
        autocapitalize="off"
        spellcheck={false}
        aria-describedby={about.join(' ').trim() || undefined}
        aria-invalid={error !== undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {error !== undefined && (
        <p id={`${id}-error`} class="bad">
          {error}
        </p>
      )}
    </div>
  );
}

/** A value that stands in the settings, where alone it can be changed. */
export function Given({ label, value, setting }: { label: string; value: string; setting: string }) {
  return (
    <div class="field">
      <span>{label}</span>
      <p class="given">
        <code>{value}</code>
      </p>
      <p class="hint">{t('setup.given', { setting })}</p>
    </div>
  );
}
