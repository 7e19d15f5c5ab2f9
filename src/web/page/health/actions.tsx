import { useState } from 'preact/hooks';
import type { CommandAnswer } from '../../api/messages.ts';
import { type Asked, ask, repliesIn } from '../api.ts';
import { t } from '../words.ts';
import { locale } from './locale.ts';
import { numberOf } from './times.ts';

const ACTIONS = ['refresh', 'resubscribe'] as const;
type Action = (typeof ACTIONS)[number];

/** What the bridge said, as a sentence. */
function wordsOf(answer: Asked<CommandAnswer>): { readonly text: string; readonly isGood: boolean } {
  const [reply] = answer.ok ? repliesIn(answer.value) : [];
  const error = answer.ok ? reply?.error : answer.error;
  if (error != null) return { text: [error.message, error.advice].join(' ').trim(), isGood: false };
  const ms = numberOf(reply?.elapsed_ms ?? 0, locale.value);
  return {
    text: t(reply?.status === 'unconfirmed' ? 'health.done.unsure' : 'health.done', { ms }),
    isGood: true,
  };
}

/** What a person can have the bridge do when something looks wrong. */
export function Actions() {
  const [busy, setBusy] = useState<Action | null>(null);
  const [told, setTold] = useState<ReturnType<typeof wordsOf> | null>(null);
  const act = async (action: Action) => {
    setBusy(action);
    setTold(null);
    const answer = await ask<CommandAnswer>('POST', `api/bridge/${action}`, {});
    setTold(wordsOf(answer));
    setBusy(null);
  };
  return (
    <div class="row">
      {ACTIONS.map((action) => (
        <button
          key={action}
          type="button"
          class="button"
          disabled={busy !== null}
          title={t(`health.${action}.hint`)}
          onClick={() => void act(action)}
        >
          {t(`health.${action}`)}
        </button>
      ))}
      <span role="status" class={told === null || told.isGood ? 'faint' : 'bad'}>
        {busy === null ? told?.text : t('live.waiting')}
      </span>
    </div>
  );
}
