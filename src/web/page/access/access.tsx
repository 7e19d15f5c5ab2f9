import '../words/further.ts';
import '../setup/pieces.css';
import { useEffect, useState } from 'preact/hooks';
import type { Refusal, SessionView } from '../../api/messages.ts';
import './access.css';
import { ask } from '../api.ts';
import { rooms } from '../live.ts';
import { Copy } from '../setup/copy.tsx';
import { Problem } from '../setup/problem.tsx';
import { t } from '../words.ts';
import { curlLine } from './curl.ts';
import { Session } from './session.tsx';
import { fresh, Tokens } from './tokens.tsx';

/** What a script says, ready to run. */
function Lines() {
  const page = location.href;
  const names = Object.entries(rooms.value);
  const anybody = names[0]?.[0] ?? 'kitchen';
  const speaker = names.find(([, room]) => room.capabilities.includes('audio_clip'))?.[0] ?? anybody;
  const token = fresh.value ?? t('access.token.placeholder');
  const text = { text: t('access.line.text') };
  return (
    <section class="card stack" aria-labelledby="lines-title">
      <h2 id="lines-title">{t('access.lines')}</h2>
      <p class="faint">{t('access.lines.text')}</p>
      <Copy label={t('access.line.announce')} value={curlLine(page, speaker, 'announce', text, token)} />
      <Copy label={t('access.line.volume')} value={curlLine(page, anybody, 'volume', '+5', token)} />
    </section>
  );
}

/** Who may do what: sessions of people, tokens of scripts. */
export function Access() {
  const [session, setSession] = useState<SessionView | null>(null);
  const [error, setError] = useState<Refusal['error'] | null>(null);
  useEffect(() => {
    void ask<SessionView>('GET', 'api/session').then((answer) => {
      if (answer.ok) setSession(answer.value);
      else setError(answer.error);
    });
  }, []);
  return (
    <div class="stack access">
      <h1>{t('access.title')}</h1>
      <Problem error={error} />
      {session !== null && <Session session={session} />}
      <Tokens />
      <Lines />
    </div>
  );
}
