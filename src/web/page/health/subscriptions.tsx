import type { SubscriptionView } from '../../api/messages.ts';
import { households } from '../live.ts';
import { t } from '../words.ts';
import { locale } from './locale.ts';
import { now, useTicking } from './ticking.ts';
import { since } from './times.ts';
import { byAge } from './verdicts.ts';

function Rows({ each }: { readonly each: readonly SubscriptionView[] }) {
  useTicking();
  const when = (at: string | null, otherwise: 'health.not-held' | 'health.never') =>
    at === null ? t(otherwise) : since(at, now.value, locale.value);
  const isOne = households.value.length < 2;
  return (
    <tbody>
      {byAge(each).map((one) => (
        <tr key={`${one.household} ${one.namespace} ${one.target}`}>
          <th scope="row">
            <code>{one.namespace}</code>
          </th>
          <td>
            {one.target}
            {!isOne && <small> {one.household}</small>}
          </td>
          <td class={one.renewed_at === null ? 'bad' : ''}>{when(one.renewed_at, 'health.not-held')}</td>
          <td>{when(one.event_at, 'health.never')}</td>
        </tr>
      ))}
    </tbody>
  );
}

/** Every subscription that Sonos should hold, folded until somebody wants to know. */
export function Subscriptions({ each, isOpen, onToggle }: SubscriptionsProps) {
  return (
    <details class="card" open={isOpen} onToggle={(event) => onToggle(event.currentTarget.open)}>
      <summary>
        <h2>{t('health.each')}</h2>
      </summary>
      {/* Scrollable, so it has to be reachable by keyboard. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <section class="scroll" tabIndex={0} aria-label={t('health.each')}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{t('health.namespace')}</th>
              <th scope="col">{t('health.target')}</th>
              <th scope="col">{t('health.renewed')}</th>
              <th scope="col">{t('health.event')}</th>
            </tr>
          </thead>
          {isOpen && <Rows each={each} />}
        </table>
      </section>
    </details>
  );
}

interface SubscriptionsProps {
  readonly each: readonly SubscriptionView[];
  readonly isOpen: boolean;
  readonly onToggle: (isOpen: boolean) => void;
}
