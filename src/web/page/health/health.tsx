import '../words/further.ts';
import '../setup/pieces.css';
import { useState } from 'preact/hooks';
import type { BridgeView } from '../../api/messages.ts';
import { Actions } from './actions.tsx';
import { Facts } from './facts.tsx';
import { locale } from './locale.ts';
import './health.css';
import { bridge } from '../live.ts';
import { t } from '../words.ts';
import { Pictures } from './pictures.tsx';
import { Subscriptions } from './subscriptions.tsx';
import { dayOf } from './times.ts';
import { Trace } from './trace.tsx';

/** Ready, or why not. */
function Verdict({ state }: { readonly state: BridgeView }) {
  const isReady = state.not_ready.length === 0;
  return (
    <div class={isReady ? 'card verdict-card' : 'card verdict-card not-ready'}>
      <span class="judged" aria-hidden="true">
        {isReady ? '✓' : '!'}
      </span>
      <div class="stack tight">
        <div role="status">
          <h2>{t(isReady ? 'health.ready' : 'health.not-ready')}</h2>
        </div>
        {!isReady && (
          <ul lang="en">
            {state.not_ready.map((why) => (
              <li key={why}>{why}</li>
            ))}
          </ul>
        )}
        <p class="hint">
          {t('health.version', { version: state.version, time: dayOf(state.started_at, locale.value) })}
        </p>
      </div>
      <Actions />
    </div>
  );
}

/** How the bridge is, and what it did. */
export function Health() {
  const [isOpen, setOpen] = useState(false);
  const state = bridge.value;
  return (
    <div class="stack health">
      <h1>{t('health.title')}</h1>
      {state === null ? (
        <p class="faint">{t('live.waiting')}</p>
      ) : (
        <>
          <Verdict state={state} />
          <Facts bridge={state} />
          <Pictures />
          <Subscriptions each={state.subscriptions.each} isOpen={isOpen} onToggle={setOpen} />
          <Trace />
        </>
      )}
    </div>
  );
}
