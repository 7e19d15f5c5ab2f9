import { useState } from 'preact/hooks';
import { rooms } from '../live.ts';
import { t } from '../words.ts';
import { act } from './act.ts';
import { type Group, groupsOf, isHeard, type Room } from './groups.ts';
import { movesTo } from './regroup.ts';
import { closeSheet, Sheet } from './sheet.tsx';
import { whatPlays } from './what-plays.ts';

/** What a room does now, so that nobody is silenced by mistake. */
function doingNow({ address, view }: Room, groups: readonly Group[]): string {
  if (!isHeard(view)) return '';
  const others = groups
    .find(({ members }) => members.some((each) => each.address === address))
    ?.members.filter((each) => each.address !== address);
  const title = whatPlays(view).title ?? t('room.playing');
  if (others === undefined || others.length === 0) return title;
  return `${title} · ${t('group.with', { rooms: others.map((each) => each.view.name).join(', ') })}`;
}

/** Who hears it: a list with a tick for every room. */
export function RoomsSheet({ group }: { readonly group: Group }) {
  const [wished, setWished] = useState<readonly string[]>(group.members.map(({ address }) => address));
  const [isBusy, setBusy] = useState(false);
  const groups = groupsOf(rooms.value);
  const all = groups
    .flatMap(({ members }) => members)
    .sort((one, other) => one.view.name.localeCompare(other.view.name, undefined, { numeric: true }));
  const turn = (address: string, isIn: boolean) =>
    setWished(isIn ? [...wished, address] : wished.filter((each) => each !== address));
  async function apply(): Promise<void> {
    setBusy(true);
    for (const { room, name, value } of movesTo(group, wished)) {
      const doing = await act(room, rooms.value[room]?.name ?? room, name, value);
      if (doing === 'failed') return setBusy(false);
    }
    closeSheet();
  }
  return (
    <Sheet title={t('group.title')} lead={t('group.lead')}>
      <fieldset class="choices">
        <legend class="unseen">{t('group.title')}</legend>
        {all.map((room) => (
          <label key={room.address} class="choice">
            <input
              type="checkbox"
              checked={wished.includes(room.address)}
              onChange={(event) => turn(room.address, event.currentTarget.checked)}
            />
            <span class="words">
              <bdi class="clip">{room.view.name}</bdi>
              <small class="clip" dir="auto">
                {doingNow(room, groups)}
              </small>
            </span>
          </label>
        ))}
      </fieldset>
      <footer>
        <button type="button" class="button" onClick={() => setWished(all.map(({ address }) => address))}>
          {t('group.everywhere')}
        </button>
        {wished.length === 0 && <small role="status">{t('group.none')}</small>}
        <button
          type="button"
          class="button primary"
          disabled={wished.length === 0 || isBusy}
          onClick={() => void apply()}
        >
          {t(isBusy ? 'group.applying' : 'group.apply')}
        </button>
      </footer>
    </Sheet>
  );
}
