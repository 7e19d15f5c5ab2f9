import { signal } from '@preact/signals';
import { useState } from 'preact/hooks';
import type { RoomView } from '../../api/messages.ts';
import { alias, rooms } from '../live.ts';
import { t } from '../words.ts';
import { destinationOf, EMPTY, isLanguage, LONGEST_TEXT, type SayForm } from './announcement.ts';
import { keepText, keptTexts } from './kept.ts';
import { Options, Volume } from './options.tsx';
import { RoomChips } from './rooms.tsx';
import { say } from './said.ts';

/** Kept while another part of the page is shown. */
const form = signal<SayForm>(EMPTY);
const chosen = signal<ReadonlySet<string>>(new Set());

const change = (part: Partial<SayForm>): void => {
  form.value = { ...form.value, ...part };
};

type Missing = { readonly text: boolean; readonly rooms: boolean };
const NOTHING: Missing = { text: false, rooms: false };

function Text({ isMissing, onSend }: { readonly isMissing: boolean; readonly onSend: () => void }) {
  const { text } = form.value;
  return (
    <div class="field">
      <label for="say-text">{t('say.text')}</label>
      <textarea
        id="say-text"
        rows={3}
        maxLength={LONGEST_TEXT}
        value={text}
        placeholder={t('say.text.example')}
        aria-invalid={isMissing}
        aria-describedby={isMissing ? 'say-text-error say-text-count' : 'say-text-count'}
        onInput={(event) => change({ text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) onSend();
        }}
      />
      <p class="row spread hint">
        <span id="say-text-error" class="bad">
          {isMissing && t('say.text.missing')}
        </span>
        <span id="say-text-count">{t('say.text.count', { count: text.length, most: LONGEST_TEXT })}</span>
      </p>
    </div>
  );
}

function Again({ texts }: { readonly texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <section aria-labelledby="again-title" class="field">
      <h2 id="again-title" class="again-title">
        {t('say.again')}
      </h2>
      <ul class="again">
        {texts.map((text) => (
          <li key={text}>
            <button type="button" class="button small clip" onClick={() => change({ text })}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What is to be said, where, and how. */
export function Form({ able }: { readonly able: readonly (readonly [string, RoomView])[] }) {
  const [missing, setMissing] = useState(NOTHING);
  const [texts, setTexts] = useState(() => keptTexts(localStorage));
  const there = able.flatMap(([room, { online }]) => (online && chosen.value.has(room) ? [room] : []));
  const send = (what: 'text' | 'chime') => {
    const destination = destinationOf(there, Object.keys(rooms.value));
    const noText = what === 'text' && form.value.text.trim() === '';
    setMissing({ text: noText, rooms: destination === null });
    if (noText) document.getElementById('say-text')?.focus();
    if (noText || destination === null || !isLanguage(form.value.language)) return;
    if (what === 'text') setTexts(keepText(localStorage, form.value.text.trim()));
    void say({ household: alias.value, rooms: there, destination, form: form.value, what });
    if (what === 'text') change({ text: '' });
  };
  return (
    <form
      class="card stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        send('text');
      }}
    >
      <Text isMissing={missing.text} onSend={() => send('text')} />
      <RoomChips
        able={able}
        chosen={chosen.value}
        onChosen={(next) => {
          chosen.value = next;
          setMissing({ ...missing, rooms: false });
        }}
        error={missing.rooms ? t('say.where.missing') : null}
      />
      <Volume form={form.value} change={change} />
      <Options form={form.value} change={change} />
      <div class="row say-it">
        <button type="submit" class="button primary">
          {t('say.do')}
        </button>
        <button type="button" class="button" onClick={() => send('chime')}>
          {t('say.chime')}
        </button>
      </div>
      <Again texts={texts} />
    </form>
  );
}
