import { Icon, type IconName } from '../icons.tsx';
import { bridge, house } from '../live.ts';
import { t, type Word } from '../words.ts';

interface Blank {
  readonly title: Word;
  readonly why: Word;
  readonly icon: IconName;
  readonly leadsToSetup: boolean;
}

function blank(): Blank | null {
  const status = bridge.value?.account.status;
  if (status === undefined) return null;
  if (status === 'unlinked')
    return { title: 'house.unlinked', why: 'house.unlinked_why', icon: 'music', leadsToSetup: true };
  if (house.value === null)
    return { title: 'house.no_house', why: 'house.no_house_why', icon: 'house', leadsToSetup: true };
  return { title: 'house.no_rooms', why: 'house.no_rooms_why', icon: 'speaker', leadsToSetup: false };
}

/** What is said while there are no rooms to show, and what to do about it. */
export function Empty() {
  const said = blank();
  if (said === null) {
    return (
      <div class="empty" role="status">
        <span class="unseen">{t('live.waiting')}</span>
        <span class="waiting" aria-hidden="true" />
      </div>
    );
  }
  return (
    <div class="empty">
      <span class="emblem">
        <Icon name={said.icon} />
      </span>
      <h1>{t(said.title)}</h1>
      <p class="faint">{t(said.why)}</p>
      {said.leadsToSetup && (
        <a class="button primary" href="#/setup">
          {t('house.to_setup')}
        </a>
      )}
    </div>
  );
}

/** What concerns all rooms: Sonos that cannot be reached, or that asks for a login. */
export function Notices() {
  const status = bridge.value?.account.status;
  if (status !== 'needs_login' && status !== 'unreachable') return null;
  return (
    <p class="notice" role="status">
      <Icon name="warning" />
      <span>{t(status === 'needs_login' ? 'house.needs_login' : 'house.unreachable')}</span>
      {status === 'needs_login' && (
        <a class="button" href="#/setup">
          {t('house.to_setup')}
        </a>
      )}
    </p>
  );
}
