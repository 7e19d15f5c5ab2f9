import type { ComponentChildren } from 'preact';
import type { BridgeView } from '../../api/messages.ts';
import { statusOf } from '../setup/account.tsx';
import { t } from '../words.ts';
import { locale } from './locale.ts';
import { now, useTicking } from './ticking.ts';
import { dayOf, numberOf, since } from './times.ts';
import { type Light, lightsOf } from './verdicts.ts';

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly light: Light;
  readonly children?: ComponentChildren;
}

function Fact({ name, value, light, children }: FactProps) {
  return (
    <li class={`card tile ${light}-light`}>
      <h3>{name}</h3>
      <p class="value">{value}</p>
      {children}
    </li>
  );
}

/** The only part that ticks, so that nothing else is drawn each second. */
function LastEvent({ at }: { readonly at: string | null }) {
  useTicking();
  return <>{at === null ? t('health.never') : since(at, now.value, locale.value)}</>;
}

function Events({ bridge, light }: { readonly bridge: BridgeView; readonly light: Light }) {
  const { last_event_at, accepted, rejected } = bridge.callback;
  const tag = locale.value;
  return (
    <li class={`card tile ${light}-light`}>
      <h3>{t('health.event')}</h3>
      <p class="value">
        <LastEvent at={last_event_at} />
      </p>
      <small>
        {t('health.event.counts', { accepted: numberOf(accepted, tag), rejected: numberOf(rejected, tag) })}
      </small>
    </li>
  );
}

function Requests({ bridge, light }: { readonly bridge: BridgeView; readonly light: Light }) {
  const { used_last_minute: used, budget_per_minute: budget } = bridge.requests;
  const tag = locale.value;
  const value = t('health.requests.value', { used: numberOf(used, tag), budget: numberOf(budget, tag) });
  return (
    <Fact name={t('health.requests')} value={value} light={light}>
      <meter min="0" max={budget} value={used} aria-label={t('health.requests')}>
        {value}
      </meter>
      <small>{t('health.requests.hint')}</small>
    </Fact>
  );
}

/** Each part of the bridge at a glance. */
export function Facts({ bridge }: { readonly bridge: BridgeView }) {
  const tag = locale.value;
  const { account, broker, subscriptions, reconcile } = bridge;
  const lights = lightsOf(bridge);
  const until = account.token_expires_at;
  const { held, wanted } = subscriptions;
  return (
    <ul class="tiles">
      <Fact name={t('health.account')} value={statusOf(account.status)} light={lights.account}>
        <small>
          {until === null ? t('health.token.none') : t('health.token', { time: dayOf(until, tag) })}
        </small>
      </Fact>
      <Fact
        name={t('health.broker')}
        value={t(broker.connected ? 'health.connected' : 'health.unconnected')}
        light={lights.broker}
      >
        <small>
          {broker.address === 'embedded' ? t('health.embedded') : broker.address}
          {broker.protocol !== null && ` · MQTT ${broker.protocol === 5 ? '5' : '3.1.1'}`}
        </small>
      </Fact>
      <Events bridge={bridge} light={lights.events} />
      <Fact
        name={t('health.subscriptions')}
        value={t('health.held', { held: numberOf(held, tag), wanted: numberOf(wanted, tag) })}
        light={lights.subscriptions}
      >
        <small>{t('health.subscriptions.hint')}</small>
      </Fact>
      <Fact name={t('health.corrections')} value={numberOf(reconcile.corrections, tag)} light="good">
        <small>
          {reconcile.last_at === null
            ? t('health.corrections.never')
            : t('health.corrections.last', { ago: since(reconcile.last_at, now.peek(), tag) })}
        </small>
      </Fact>
      <Requests bridge={bridge} light={lights.requests} />
    </ul>
  );
}
