import { Icon, type IconName } from '../icons.tsx';
import { t } from '../words.ts';
import { doingOf, doings } from './act.ts';
import { Chips } from './chips.tsx';
import { dragged } from './dragging.ts';
import { type Group, isHeard, isLoaded, type Room } from './groups.ts';
import { kindOf, stateWords } from './kind.ts';
import { TheaterSwitches } from './more-sheet.tsx';
import { Picture } from './picture.tsx';
import { Progress } from './progress.tsx';
import { sheet } from './sheet.tsx';
import { PlayButton, Transport } from './transport.tsx';
import { GroupVolume } from './volume.tsx';
import { originOf, whatPlays } from './what-plays.ts';

const nameOf = ({ lead }: Group): string => lead.view.group?.name ?? lead.view.name;

function Opener({ group, kind, icon, label }: OpenerView) {
  return (
    <button
      type="button"
      class="tool"
      aria-haspopup="dialog"
      aria-label={label}
      title={label}
      onClick={() => {
        sheet.value = { kind, room: group.lead.address };
      }}
    >
      <Icon name={icon} />
    </button>
  );
}

interface OpenerView {
  readonly group: Group;
  readonly kind: 'music' | 'more';
  readonly icon: IconName;
  readonly label: string;
}

const MusicOpener = ({ group }: { readonly group: Group }) => (
  <Opener {...{ group, kind: 'music', icon: 'music' }} label={t('favorite.title', { room: nameOf(group) })} />
);

const MoreOpener = ({ group }: { readonly group: Group }) => (
  <Opener {...{ group, kind: 'more', icon: 'more' }} label={t('room.more', { room: nameOf(group) })} />
);

/** What a person should know of the state before they trust it. */
function Signs({ members }: { readonly members: readonly Room[] }) {
  const announcing = members.filter(({ view }) => view.announcing !== null);
  const isStale = members.some(({ view }) => view.stale);
  if (announcing.length === 0 && !isStale) return null;
  return (
    <p class="signs">
      {announcing.length > 0 && (
        <span class="sign">
          <Icon name="say" />
          <bdi class="clip">
            {announcing.length < members.length
              ? `${t('room.announcing')}: ${announcing.map(({ view }) => view.name).join(', ')}`
              : t('room.announcing')}
          </bdi>
        </span>
      )}
      {isStale && (
        <span class="sign doubt" title={t('house.stale')}>
          <Icon name="warning" />
          {t('house.stale_short')}
        </span>
      )}
    </p>
  );
}

function Story({ lead }: { readonly lead: Room }) {
  const { view } = lead;
  const kind = kindOf(view);
  const { title, lines, next } = whatPlays(view);
  const origin = [kind.words, ...originOf(view)].filter((part) => part !== (title ?? kind.words));
  return (
    <div class="story">
      <p class="title" dir="auto">
        {title ?? kind.words}
      </p>
      {lines.length > 0 && (
        <p class="lines" dir="auto">
          {lines.join(' — ')}
        </p>
      )}
      <p class="origin">
        <Icon name={kind.icon} />
        <bdi class="clip">{[...new Set(origin)].join(' · ') || stateWords(view)}</bdi>
        {!isHeard(view) && origin.length > 0 && <span class="state">{stateWords(view)}</span>}
        {view.state === 'buffering' && <span class="state">{stateWords(view)}</span>}
      </p>
      {next !== null && (
        <p class="next clip faint" dir="auto">
          {t('play.up_next', { title: next })}
        </p>
      )}
    </div>
  );
}

const dropProps = ({ lead, members }: Group) => {
  const { room, over } = dragged.value ?? {};
  const isOwn = room !== undefined && members.some(({ address }) => address === room.address);
  const going = members.map(({ address }) => doings.value[doingOf(address, 'join')]);
  return {
    'data-drop': isOwn ? undefined : lead.address,
    'data-over': !isOwn && over === lead.address,
    'data-moving': going.includes('sending'),
    'data-target': room !== undefined && !isOwn,
  };
};

/** A group that plays, with its picture large. */
export function LargeCard({ group }: { readonly group: Group }) {
  const { lead, members } = group;
  const { image, title } = whatPlays(lead.view);
  const theater = members.find(({ view }) => view.home_theater !== null);
  const isTv = lead.view.source?.kind === 'tv';
  return (
    <li class="card large" {...dropProps(group)}>
      {image !== null && <img class="ambient" src={image} alt="" aria-hidden="true" loading="lazy" />}
      <div class="face">
        <h2 class="unseen">
          <bdi>{nameOf(group)}</bdi>
        </h2>
        <div class="top">
          <Chips group={group} />
          <div class="openers">
            <MusicOpener group={group} />
            <MoreOpener group={group} />
          </div>
        </div>
        <Picture image={image} name={title ?? lead.view.name} icon={kindOf(lead.view).icon} />
        <div class="talk">
          <Signs members={members} />
          <Story lead={lead} />
          {isTv ? (
            theater !== undefined && (
              <div class="theater">
                <TheaterSwitches room={theater} isNamed={false} />
              </div>
            )
          ) : (
            <>
              <Progress lead={lead} />
              <Transport lead={lead} />
            </>
          )}
          <GroupVolume group={group} />
        </div>
      </div>
    </li>
  );
}

/** A group that is quiet. */
export function SmallCard({ group }: { readonly group: Group }) {
  const { lead, members } = group;
  const { view } = lead;
  const { image, title, lines } = whatPlays(view);
  const loaded = isLoaded(view);
  return (
    <li class="card small" {...dropProps(group)}>
      <h3 class="unseen">
        <bdi>{nameOf(group)}</bdi>
      </h3>
      <Picture
        image={loaded ? image : null}
        name={loaded ? (title ?? view.name) : view.name}
        icon={loaded ? kindOf(view).icon : 'speaker'}
      />
      <div class="words">
        <Chips group={group} />
        <p class="clip faint" dir="auto">
          {loaded ? [title ?? kindOf(view).words, ...lines.slice(0, 1)].join(' · ') : t('room.idle')}
        </p>
        <Signs members={members} />
      </div>
      <div class="openers">
        {loaded && view.actions?.includes('play') === true ? (
          <PlayButton lead={lead} look="filled" />
        ) : (
          <MusicOpener group={group} />
        )}
        <MoreOpener group={group} />
      </div>
    </li>
  );
}
