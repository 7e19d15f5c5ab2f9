import { useEffect, useState } from 'preact/hooks';
import type { SessionView } from '../../api/messages.ts';
import { ask } from '../api.ts';
import { t } from '../words.ts';
import { isBack } from './wish.ts';

const LOOK_MS = 700;
const LATE_MS = 45_000;

/** Waits until the bridge has started again with what was saved, and then begins the page anew. */
export function Returning({ was }: { readonly was: 'setup' | 'house' }) {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const began = performance.now();
    let wasAway = false;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const answer = await ask<SessionView>('GET', 'api/session');
      wasAway ||= !answer.ok;
      const waitedMs = performance.now() - began;
      const now = answer.ok ? answer.value.mode : null;
      if (isBack({ was, now, wasAway, waitedMs })) {
        // Where there was only the set-up, the address may not say so.
        location.hash = '#/setup';
        return location.reload();
      }
      setLate(waitedMs > LATE_MS);
      timer = setTimeout(() => void look(), LOOK_MS);
    };
    timer = setTimeout(() => void look(), LOOK_MS);
    return () => clearTimeout(timer);
  }, [was]);
  return (
    <div role="status" class="returning">
      <span class="spinner" aria-hidden="true" />
      <p>{t(isLate ? 'setup.late' : 'setup.returning')}</p>
    </div>
  );
}
