import { useRef } from 'preact/hooks';
import '../house/house.css';
import { ALONE, dragged } from '../house/dragging.ts';
import { Empty, Notices } from '../house/empty.tsx';
import { LargeCard, SmallCard } from '../house/group-card.tsx';
import { awayIn, type Group, groupsOf, isHeard, lotsOf, type Room } from '../house/groups.ts';
import { MoreSheet } from '../house/more-sheet.tsx';
import { MusicSheet } from '../house/music-sheet.tsx';
import { Picture } from '../house/picture.tsx';
import { RoomsSheet } from '../house/rooms-sheet.tsx';
import { Sayings } from '../house/sayings.tsx';
import { sheet } from '../house/sheet.tsx';
import { house, rooms } from '../live.ts';
import { t } from '../words.ts';

function Sheets({ groups }: { readonly groups: readonly Group[] }) {
  const { kind, room } = sheet.value ?? {};
  const group = groups.find(({ members }) => members.some(({ address }) => address === room));
  if (group === undefined) return null;
  if (kind === 'music') return <MusicSheet group={group} />;
  return kind === 'rooms' ? <RoomsSheet group={group} /> : <MoreSheet group={group} />;
}

/** What follows the finger, and the place where a room is dropped to be alone. */
function Dragging({ groups }: { readonly groups: readonly Group[] }) {
  const drag = dragged.value;
  if (drag === null) return null;
  const own = groups.find(({ members }) => members.some(({ address }) => address === drag.room.address));
  return (
    <>
      <div class="chip ghost" style={{ '--x': `${drag.x}px`, '--y': `${drag.y}px` }} aria-hidden="true">
        <bdi class="clip">{drag.room.view.name}</bdi>
      </div>
      {own !== undefined && own.members.length > 1 && (
        <div class="alone-here" data-drop={ALONE} data-over={drag.over === ALONE}>
          {t('group.alone')}
        </div>
      )}
    </>
  );
}

function Away({ away }: { readonly away: readonly Room[] }) {
  if (away.length === 0) return null;
  return (
    <section class="stack">
      <h2>{t('house.away')}</h2>
      <ul class="small-cards">
        {away.map(({ address, view }) => (
          <li key={address} class="card small away">
            <Picture image={null} name={view.name} icon="away" />
            <div class="words">
              <bdi class="name clip">{view.name}</bdi>
              <p class="faint">{t('room.offline')}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function summary(groups: readonly Group[]): string {
  const count = groups.filter(({ lead }) => isHeard(lead.view)).length;
  if (count === 0) return t('house.all_quiet');
  return count === 1 ? t('house.one_plays') : t('house.some_play', { count });
}

/** The rooms and groups of the household, as they are, to be looked at and steered. */
export function House() {
  const heard = useRef<ReadonlyMap<string, number>>(new Map());
  const groups = groupsOf(rooms.value);
  const lots = lotsOf(groups, heard.current, Date.now());
  heard.current = lots.heard;
  if (Object.keys(rooms.value).length === 0) return <Empty />;
  return (
    <div class="house" data-dragging={dragged.value !== null}>
      <header class="heading">
        <h1>
          <bdi>{house.value?.name ?? t('nav.house')}</bdi>
        </h1>
        <p class="faint">{summary(groups)}</p>
      </header>
      <Notices />
      {lots.large.length > 0 && (
        <ul class="large-cards" aria-label={t('house.playing')}>
          {lots.large.map((group) => (
            <LargeCard key={group.lead.address} group={group} />
          ))}
        </ul>
      )}
      {lots.small.length > 0 && (
        <section class="stack">
          <h2>{t('house.rooms')}</h2>
          <ul class="small-cards">
            {lots.small.map((group) => (
              <SmallCard key={group.lead.address} group={group} />
            ))}
          </ul>
        </section>
      )}
      <Away away={awayIn(rooms.value)} />
      <Sheets groups={groups} />
      <Dragging groups={groups} />
      {sheet.value === null && <Sayings />}
    </div>
  );
}
