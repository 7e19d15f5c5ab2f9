import { useState } from 'preact/hooks';
import type { BridgeView, Refusal } from '../../api/messages.ts';
import { ask } from '../api.ts';
import { t } from '../words.ts';
import { Confirm } from './confirm.tsx';
import { Field } from './field.tsx';
import { Problem } from './problem.tsx';

function Paste() {
  const [address, setAddress] = useState('');
  const [error, setError] = useState<Refusal['error'] | null>(null);
  const [told, setTold] = useState('');
  const [isBusy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    setTold('');
    const answer = await ask('POST', 'api/login/paste', { address: address.trim() });
    setBusy(false);
    setError(answer.ok ? null : answer.error);
    if (answer.ok) {
      setAddress('');
      setTold(t('setup.linked.now'));
    }
  };
  return (
    <details class="more">
      <summary>{t('setup.paste.title')}</summary>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void send();
        }}
      >
        <Field
          id="paste"
          label={t('setup.paste')}
          value={address}
          onValue={setAddress}
          hint={t('setup.paste.hint')}
          placeholder="https://…?state=…&code=…"
        />
        <Problem error={error} />
        <div class="row">
          <button type="submit" class="button" disabled={isBusy || address.trim() === ''}>
            {t('setup.paste.send')}
          </button>
          <span role="status" class="good">
            {told}
          </span>
        </div>
      </form>
    </details>
  );
}

type Account = BridgeView['accounts'][number];

function Linked({ account, onUnlink }: { readonly account: Account; readonly onUnlink: () => void }) {
  const names = account.households.join(', ');
  return (
    <li class="row spread line">
      <div>
        <strong>{names === '' ? t('setup.account') : names}</strong>
        <p class={account.status === 'linked' ? 'good' : 'bad'}>{statusOf(account.status)}</p>
      </div>
      <button type="button" class="button danger" onClick={onUnlink}>
        {t('setup.unlink')}
        {names !== '' && <span class="unseen"> {names}</span>}
      </button>
    </li>
  );
}

/** How an account stands, in words; one that we do not know is shown as it is called. */
export function statusOf(status: string): string {
  const known = (['unlinked', 'linked', 'needs_login', 'unreachable'] as const).find(
    (each) => each === status,
  );
  return known === undefined ? status : t(`setup.status.${known}`);
}

/** The second step: the Sonos account whose speakers are shown. */
export function Link({ bridge }: { readonly bridge: BridgeView }) {
  const [asked, setAsked] = useState<Account | null>(null);
  const [error, setError] = useState<Refusal['error'] | null>(null);
  const isLinked = bridge.account.status === 'linked';
  const unlink = async (id: string) => {
    const answer = await ask('POST', `api/accounts/${encodeURIComponent(id)}/unlink`, {});
    setError(answer.ok ? null : answer.error);
  };
  return (
    <div class="stack">
      {bridge.accounts.length > 0 && (
        <ul class="rows">
          {bridge.accounts.map((account) => (
            <Linked key={account.id} account={account} onUnlink={() => setAsked(account)} />
          ))}
        </ul>
      )}
      {!isLinked && <p>{t('setup.link.text')}</p>}
      <p>
        <a class={isLinked ? 'button' : 'button primary'} href="./login">
          {t(isLinked ? 'setup.link.another' : 'setup.link')}
        </a>
      </p>
      <Paste />
      <Problem error={error} />
      {asked !== null && (
        <Confirm
          title={t('setup.unlink.ask')}
          detail={t('setup.unlink.detail')}
          action={t('setup.unlink')}
          onYes={() => void unlink(asked.id)}
          onOver={() => setAsked(null)}
        />
      )}
    </div>
  );
}
