import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from '../api.ts';
import { BrandSign } from '../icons.tsx';
import { t } from '../words.ts';

interface Way {
  readonly needsPassword: boolean;
  readonly onOpen: () => void;
}

/** Seconds that go down to 0, and a way to begin anew. */
function useCountdown(): readonly [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1_000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}

function PasswordForm({ onOpen }: { readonly onOpen: () => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);
  const [left, setLeft] = useCountdown();
  useEffect(() => field.current?.focus(), []);
  async function enter(): Promise<void> {
    const password = field.current?.value ?? '';
    if (isBusy || left > 0) return;
    if (password === '') setError(t('signin.empty'));
    else {
      setBusy(true);
      const answer = await ask('POST', 'api/session', { password });
      setBusy(false);
      if (answer.ok) return onOpen();
      setError([answer.error.message, answer.error.advice].filter(Boolean).join(' '));
      setLeft(answer.retryAfter ?? 0);
    }
    field.current?.focus();
    field.current?.select();
  }
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void enter();
      }}
    >
      <div class="field">
        <label for="password">{t('signin.password')}</label>
        <input
          ref={field}
          id="password"
          type="password"
          autocomplete="current-password"
          aria-invalid={error !== null}
          aria-describedby="signin-error"
          onInput={() => setError(null)}
        />
      </div>
      <p id="signin-error" class="bad" role="alert">
        {error}
      </p>
      <button type="submit" class="button primary" aria-disabled={isBusy || left > 0}>
        {isBusy ? t('signin.entering') : left > 0 ? t('signin.wait', { seconds: left }) : t('signin.enter')}
      </button>
    </form>
  );
}

/** Where the password is asked for, or it is said that no password opens the page. */
export function SignIn({ needsPassword, onOpen }: Way) {
  return (
    <main class="sign-in">
      <div class="card stack">
        <BrandSign />
        <div>
          <h1>{t(needsPassword ? 'signin.title' : 'signin.closed')}</h1>
          <p class="faint">{t(needsPassword ? 'signin.lead' : 'signin.closed_why')}</p>
        </div>
        {needsPassword && <PasswordForm onOpen={onOpen} />}
      </div>
    </main>
  );
}
