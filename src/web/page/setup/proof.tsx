import { useEffect, useRef, useState } from 'preact/hooks';
import type { BridgeView } from '../../api/messages.ts';
import { locale } from '../health/locale.ts';
import { now, useTicking } from '../health/ticking.ts';
import { dayOf, numberOf, since } from '../health/times.ts';
import { households } from '../live.ts';
import { t } from '../words.ts';
import { Checks } from './checks.tsx';

/** One thing that must be so, and how it is at this moment. */
function Fact({
  name,
  isGood,
  value,
}: {
  readonly name: string;
  readonly isGood: boolean;
  readonly value: string;
}) {
  return (
    <div class={isGood ? 'fact good-fact' : 'fact'}>
      <dt>{name}</dt>
      <dd>
        <span class="judged" aria-hidden="true">
          {isGood ? '✓' : '…'}
        </span>
        {value}
      </dd>
    </div>
  );
}

/** Lights up whenever an event comes in. */
function Arriving({ bridge, isExpected }: { readonly bridge: BridgeView; readonly isExpected: boolean }) {
  useTicking();
  const { accepted, last_event_at } = bridge.callback;
  const first = useRef(accepted);
  const come = accepted - first.current;
  const last =
    last_event_at === null
      ? t(isExpected ? 'setup.event.none' : 'setup.event.polling')
      : t('setup.event.last', { ago: since(last_event_at, now.value, locale.value) });
  return (
    <div class="arriving">
      {/* A new one each time, so that its light begins anew. */}
      <span key={accepted} class={come > 0 ? 'pulse lit' : 'pulse'} aria-hidden="true" />
      <div>
        <p>
          <strong role="status">{t(come > 0 ? 'setup.event.come' : 'setup.event.try')}</strong>
        </p>
        <p class="hint">{last}</p>
      </div>
    </div>
  );
}

const PATIENCE_MS = 8_000;

/** Whether this has been shown for so long that what is missing will not come by itself. */
function useIsLate(): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLate;
}

/** The third step: what is true at this moment, and what the checks find. */
export function Proof({ bridge, isExpected, isNow }: ProofProps) {
  const tag = locale.value;
  const { account, subscriptions, broker } = bridge;
  const names = households.value.map(({ alias, name }) => name ?? alias);
  const { held, wanted } = subscriptions;
  const isHeld = wanted > 0 && held >= wanted;
  const isLate = useIsLate();
  const until = account.token_expires_at;
  return (
    <div class="stack">
      <dl class="facts">
        <Fact
          name={t('setup.fact.token')}
          isGood={account.status === 'linked'}
          value={until === null ? t('setup.fact.none') : t('setup.fact.until', { time: dayOf(until, tag) })}
        />
        <Fact
          name={t('setup.fact.households')}
          isGood={names.length > 0}
          value={names.length === 0 ? t('setup.fact.none') : names.join(', ')}
        />
        <Fact
          name={t('setup.fact.broker')}
          isGood={broker.connected}
          value={t(broker.connected ? 'setup.fact.connected' : 'setup.fact.unconnected')}
        />
        <Fact
          name={t('setup.fact.subscriptions')}
          isGood={isHeld}
          value={t('setup.fact.held', { held: numberOf(held, tag), wanted: numberOf(wanted, tag) })}
        />
      </dl>
      <Arriving bridge={bridge} isExpected={isExpected} />
      {/* Looked at any earlier, they would find what is only on its way. */}
      <Checks atOnce={isNow && (isHeld || isLate)} />
    </div>
  );
}

interface ProofProps {
  readonly bridge: BridgeView;
  readonly isExpected: boolean;
  readonly isNow: boolean;
}
