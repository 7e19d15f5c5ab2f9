import { useState } from 'preact/hooks';
import type { HouseView } from '../../api/messages.ts';
import { Icon } from '../icons.tsx';
import { house } from '../live.ts';
import { t, type Word } from '../words.ts';
import { act, doingOf, doings } from './act.ts';
import { Mark } from './act-button.tsx';
import type { Group } from './groups.ts';
import { type Choice, choicesOf } from './music.ts';
import { Picture } from './picture.tsx';
import { closeSheet, Sheet } from './sheet.tsx';

const KINDS: Readonly<Record<string, Word>> = {
  playlist: 'favorite.kind_playlist',
  album: 'favorite.kind_album',
  track: 'favorite.kind_track',
  artist: 'favorite.kind_artist',
  station: 'favorite.kind_station',
  program: 'favorite.kind_program',
  show: 'favorite.kind_show',
};

function about({ kind, service, trackCount }: Choice): string {
  const word = kind !== null && Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  const tracks = trackCount === null ? null : t('favorite.tracks', { count: trackCount });
  return [word && t(word), service, tracks].filter(Boolean).join(' · ');
}

function ChoiceButton({ choice, group }: { readonly choice: Choice; readonly group: Group }) {
  const { address, view } = group.lead;
  const { command, id, name, image, kind } = choice;
  const [isMine, setMine] = useState(false);
  const doing = isMine ? doings.value[doingOf(address, command)] : undefined;
  async function load(): Promise<void> {
    setMine(true);
    const went = await act(address, view.name, command, id);
    if (went !== 'failed') setTimeout(closeSheet, 500);
  }
  return (
    <li>
      <button type="button" class="choice" data-doing={doing} onClick={() => void load()}>
        <Picture image={image} name={name} icon={kind === 'station' ? 'radio' : 'music'} />
        <span class="words">
          <bdi class="clamp">{name}</bdi>
          <small class="clip" dir="auto">
            {about(choice)}
          </small>
        </span>
        {isMine && <Mark room={address} name={command} />}
      </button>
    </li>
  );
}

function Listed({ found, group, title }: { found: readonly Choice[]; group: Group; title: string }) {
  if (found.length === 0) return null;
  return (
    <section class="listed">
      <h3>{title}</h3>
      <ul>
        {found.map((choice) => (
          <ChoiceButton key={choice.id} choice={choice} group={group} />
        ))}
      </ul>
    </section>
  );
}

function Found({ shown, search, group }: { shown: HouseView; search: string; group: Group }) {
  const found = choicesOf(shown, search);
  const unread = shown.favorites === null && shown.playlists === null;
  if (found.length === 0) {
    const word = unread ? 'favorite.unread' : search === '' ? 'favorite.empty' : 'favorite.none';
    return <p class="hollow">{t(word)}</p>;
  }
  const of = (command: Choice['command']) => found.filter((each) => each.command === command);
  return (
    <div class="found">
      <Listed title={t('favorite.favorites')} found={of('favorite')} group={group} />
      <Listed title={t('favorite.playlists')} found={of('playlist')} group={group} />
    </div>
  );
}

/** Favorites and playlists, to be heard in a group. */
export function MusicSheet({ group }: { readonly group: Group }) {
  const [search, setSearch] = useState('');
  return (
    <Sheet title={t('favorite.title', { room: group.lead.view.group?.name ?? group.lead.view.name })}>
      <label class="search">
        <Icon name="search" />
        <span class="unseen">{t('favorite.search')}</span>
        <input
          type="search"
          autocomplete="off"
          spellcheck={false}
          placeholder={t('favorite.search')}
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      {house.value !== null && <Found shown={house.value} search={search} group={group} />}
    </Sheet>
  );
}
