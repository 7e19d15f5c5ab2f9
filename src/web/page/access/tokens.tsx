import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { ApiTokenView, Refusal } from '../../api/messages.ts';
import { ask } from '../api.ts';
import { locale } from '../health/locale.ts';
import { dayOf } from '../health/times.ts';
import { Confirm } from '../setup/confirm.tsx';
import { Copy } from '../setup/copy.tsx';
import { Field } from '../setup/field.tsx';
import { Problem } from '../setup/problem.tsx';
import { t } from '../words.ts';

/** The token that was made just now; it is shown once, and forgotten with this part of the page. */
export const fresh = signal<string | null>(null);

function Row({ token, onRevoke }: { readonly token: ApiTokenView; readonly onRevoke: () => void }) {
  const tag = locale.value;
  return (
    <li class="row spread line">
      <div>
        <strong>{token.name}</strong>
        <p class="hint">
          {t('access.token.made', { time: dayOf(token.created_at, tag) })} ·{' '}
          {token.used_at === null
            ? t('access.token.unused')
            : t('access.token.used', { time: dayOf(token.used_at, tag) })}
        </p>
      </div>
      <button type="button" class="button small danger" onClick={onRevoke}>
        {t('access.token.revoke')}
        <span class="unseen"> {token.name}</span>
      </button>
    </li>
  );
}

interface Made {
  readonly token: string;
  readonly view: ApiTokenView;
}

function Make({ onMade }: { readonly onMade: (view: ApiTokenView) => void }) {
  const [name, setName] = useState('');
  const [isMissing, setMissing] = useState(false);
  const [error, setError] = useState<Refusal['error'] | null>(null);
  const make = async () => {
    setMissing(name.trim() === '');
    if (name.trim() === '') return document.getElementById('token-name')?.focus();
    const answer = await ask<Made>('POST', 'api/tokens', { name: name.trim() });
    setError(answer.ok ? null : answer.error);
    if (!answer.ok) return;
    fresh.value = answer.value.token;
    setName('');
    onMade(answer.value.view);
  };
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void make();
      }}
    >
      <div class="make">
        <Field
          id="token-name"
          label={t('access.token.name')}
          value={name}
          onValue={setName}
          placeholder={t('access.token.example')}
          error={isMissing ? t('access.token.missing') : undefined}
        />
        <button type="submit" class="button">
          {t('access.token.make')}
        </button>
      </div>
      <Problem error={error} />
      <div role="status">
        {fresh.value !== null && (
          <div class="fresh stack">
            <Copy label={t('access.token.fresh')} value={fresh.value} />
            <p class="hint">{t('access.token.once')}</p>
          </div>
        )}
      </div>
    </form>
  );
}

/** The tokens of scripts: made, seen once, revoked. */
export function Tokens() {
  const [tokens, setTokens] = useState<readonly ApiTokenView[]>([]);
  const [error, setError] = useState<Refusal['error'] | null>(null);
  const [asked, setAsked] = useState<ApiTokenView | null>(null);
  useEffect(() => {
    void ask<readonly ApiTokenView[]>('GET', 'api/tokens').then((answer) => {
      if (answer.ok) setTokens(answer.value);
      else setError(answer.error);
    });
    return () => {
      fresh.value = null;
    };
  }, []);
  const revoke = async ({ id }: ApiTokenView) => {
    const answer = await ask('DELETE', `api/tokens/${encodeURIComponent(id)}`);
    setError(answer.ok ? null : answer.error);
    if (answer.ok) setTokens((all) => all.filter((each) => each.id !== id));
  };
  return (
    <section class="card stack" aria-labelledby="tokens-title">
      <h2 id="tokens-title">{t('access.tokens')}</h2>
      <p class="faint">{t('access.tokens.text')}</p>
      {tokens.length > 0 && (
        <ul class="rows">
          {tokens.map((token) => (
            <Row key={token.id} token={token} onRevoke={() => setAsked(token)} />
          ))}
        </ul>
      )}
      <Problem error={error} />
      <Make onMade={(view) => setTokens((all) => [...all, view])} />
      {asked !== null && (
        <Confirm
          title={t('access.token.ask', { name: asked.name })}
          detail={t('access.token.ask.detail')}
          action={t('access.token.revoke')}
          onYes={() => void revoke(asked)}
          onOver={() => setAsked(null)}
        />
      )}
    </section>
  );
}
