import { useState } from 'preact/hooks';
import type { Refusal, SetupView } from '../../api/messages.ts';
import { ask } from '../api.ts';
import { t } from '../words.ts';
import { Copy } from './copy.tsx';
import { Field, Given } from './field.tsx';
import { Problem } from './problem.tsx';
import { Returning } from './returning.tsx';
import {
  callbackUrl,
  completed,
  formOf,
  problemsOf,
  type SetupField,
  type SetupForm,
  wishOf,
} from './wish.ts';

interface Editing {
  readonly setup: SetupView;
  readonly form: SetupForm;
  /** Empty until somebody tried to save. */
  readonly problems: ReturnType<typeof problemsOf>;
  readonly change: (field: SetupField, value: string) => void;
}

const LABELS = {
  client_id: 'setup.key',
  client_secret: 'setup.secret',
  redirect_uri: 'setup.redirect',
  public_url: 'setup.public',
} as const;

function Value({ edit, name, hint, placeholder }: ValueProps) {
  const { setup, form, problems, change } = edit;
  const label = t(LABELS[name]);
  const isSecret = name === 'client_secret';
  const value = isSecret ? '••••••••' : form[name];
  if (setup[name].from === 'settings') return <Given label={label} value={value} setting={SETTINGS[name]} />;
  const problem = problems[name];
  return (
    <Field
      id={name}
      label={label}
      value={form[name]}
      onValue={(text) => change(name, text)}
      type={isSecret ? 'password' : name === 'client_id' ? 'text' : 'url'}
      {...(hint === undefined ? {} : { hint })}
      {...(placeholder === undefined ? {} : { placeholder })}
      error={problem === undefined ? undefined : t(`setup.${problem}`)}
    />
  );
}

interface ValueProps {
  readonly edit: Editing;
  readonly name: SetupField;
  readonly hint?: string;
  readonly placeholder?: string;
}

const SETTINGS: Readonly<Record<SetupField, string>> = {
  client_id: 'sonos.client_id',
  client_secret: 'sonos.client_secret',
  redirect_uri: 'sonos.redirect_uri',
  public_url: 'callback.public_url',
};

/** What the portal wants to know of the bridge. */
function ToPortal({ edit }: { readonly edit: Editing }) {
  const { setup, form, problems } = edit;
  const callback = callbackUrl(form.public_url, setup.callback_path);
  return (
    <>
      {form.redirect_uri !== '' && <Copy label={t('setup.redirect')} value={form.redirect_uri} />}
      {callback !== null && <Copy label={t('setup.callback')} value={callback} />}
      {callback === null && <p class="hint">{t('setup.callback.none')}</p>}
      {callback !== null && <p class="hint">{t('setup.callback.secret')}</p>}
      {setup.redirect_uri.from !== 'settings' && (
        <details class="more" open={form.redirect_uri === '' || problems.redirect_uri !== undefined}>
          <summary>{t('setup.redirect.other')}</summary>
          <Value edit={edit} name="redirect_uri" hint={t('setup.redirect.hint')} />
        </details>
      )}
    </>
  );
}

function Portal() {
  return (
    <li>
      <h3>{t('setup.portal.title')}</h3>
      <p>{t('setup.portal.text')}</p>
      <p>
        <a class="button" href="https://developer.sonos.com" target="_blank" rel="noreferrer">
          developer.sonos.com
          <span class="unseen">{t('setup.new-tab')}</span>
          <span aria-hidden="true">↗</span>
        </a>
      </p>
    </li>
  );
}

function Parts({ edit }: { readonly edit: Editing }) {
  const { setup } = edit;
  const port = String(setup.callback_port);
  return (
    <ol class="parts">
      <Portal />
      <li>
        <h3>{t('setup.public.title')}</h3>
        <Value
          edit={edit}
          name="public_url"
          hint={t('setup.public.hint', { port })}
          placeholder="https://sonos.example.org"
        />
      </li>
      <li>
        <h3>{t('setup.to-portal')}</h3>
        <ToPortal edit={edit} />
      </li>
      <li>
        <h3>{t('setup.from-portal')}</h3>
        <Value edit={edit} name="client_id" />
        <Value
          edit={edit}
          name="client_secret"
          hint={t(setup.client_secret.is_set ? 'setup.secret.kept' : 'setup.secret.hint')}
        />
      </li>
    </ol>
  );
}

/** The first step: an integration at Sonos' portal, known to both sides. */
export function Integration({
  setup,
  mode,
}: {
  readonly setup: SetupView;
  readonly mode: 'setup' | 'house';
}) {
  const [written, setWritten] = useState(() => formOf(setup));
  const form = completed(written, setup);
  const [tried, setTried] = useState(false);
  const [error, setError] = useState<Refusal['error'] | null>(null);
  const [phase, setPhase] = useState<'open' | 'sending' | 'returning'>('open');
  const found = problemsOf(form, setup);
  const wish = wishOf(form, setup);
  const change = (field: SetupField, value: string) => setWritten({ ...written, [field]: value });
  const save = async () => {
    setTried(true);
    setError(null);
    const first = Object.keys(found)[0];
    if (first !== undefined) return document.getElementById(first)?.focus();
    setPhase('sending');
    const answer = await ask<{ readonly restarting?: boolean }>('POST', 'api/setup', wish);
    if (!answer.ok) setError(answer.error);
    if (answer.ok && answer.value?.restarting !== true) return location.reload();
    setPhase(answer.ok ? 'returning' : 'open');
  };
  if (phase === 'returning') return <Returning was={mode} />;
  return (
    <form
      class="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {setup.is_addon && <p class="hint">{t('setup.addon')}</p>}
      <Parts edit={{ setup, form, problems: tried ? found : {}, change }} />
      <Problem error={error} />
      <div class="row">
        <button
          type="submit"
          class="button primary"
          disabled={phase === 'sending' || (mode === 'house' && Object.keys(wish).length === 0)}
        >
          {t(mode === 'setup' ? 'setup.save' : 'setup.save.again')}
        </button>
      </div>
    </form>
  );
}
