import { useState } from 'preact/hooks';
import type { Refusal, SessionView } from '../../api/messages.ts';
import { ask } from '../api.ts';
import { Confirm } from '../setup/confirm.tsx';
import { Copy } from '../setup/copy.tsx';
import { Problem } from '../setup/problem.tsx';
import { t } from '../words.ts';

const OPEN_TO_THE_HOUSE = 'web:\n  host: 0.0.0.0\n  password: …';

/** Nothing to sign out of: what that means, and how to change it. */
function NoPassword() {
  return (
    <>
      <p>{t('access.open')}</p>
      <p class="faint">{t('access.open.how')}</p>
      <Copy label={t('access.open.settings')} value={OPEN_TO_THE_HOUSE} />
    </>
  );
}

/** Who is in, and the way out. */
export function Session({ session }: { readonly session: SessionView }) {
  const [isAsking, setAsking] = useState(false);
  const [error, setError] = useState<Refusal['error'] | null>(null);
  const leave = async (everywhere: boolean) => {
    const answer = await ask('DELETE', everywhere ? 'api/session?all=1' : 'api/session');
    if (answer.ok) location.reload();
    else setError(answer.error);
  };
  return (
    <section class="card stack" aria-labelledby="session-title">
      <h2 id="session-title">{t('access.session')}</h2>
      {session.ingress && <p>{t('access.ingress')}</p>}
      {!session.ingress && !session.needs_password && <NoPassword />}
      {!session.ingress && session.needs_password && (
        <>
          <p class="faint">{t('access.session.text')}</p>
          <div class="row">
            <button type="button" class="button" onClick={() => void leave(false)}>
              {t('access.out')}
            </button>
            <button type="button" class="button danger" onClick={() => setAsking(true)}>
              {t('access.out.all')}
            </button>
          </div>
        </>
      )}
      <Problem error={error} />
      {isAsking && (
        <Confirm
          title={t('access.out.ask')}
          detail={t('access.out.detail')}
          action={t('access.out.all')}
          onYes={() => void leave(true)}
          onOver={() => setAsking(false)}
        />
      )}
    </section>
  );
}
