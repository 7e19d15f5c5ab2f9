import { Icon, type IconName } from '../icons.tsx';
import { rooms } from '../live.ts';
import { t } from '../words.ts';
import { ActRow, Switch } from './act-button.tsx';
import { type Group, groupsOf, type Room } from './groups.ts';
import { Sheet, sheet } from './sheet.tsx';
import { repeatAfter } from './transport.tsx';
import { RoomVolume } from './volume.tsx';

/** What a soundbar makes of the sound of its TV. */
export function TheaterSwitches({ room, isNamed }: { readonly room: Room; readonly isNamed: boolean }) {
  const { home_theater: theater, name } = room.view;
  if (theater === null) return null;
  const { night_mode: night, dialog } = theater;
  return (
    <>
      <Switch
        room={room}
        name="night_mode"
        value={night !== true}
        icon="night"
        label={isNamed ? t('room.night_of', { room: name }) : t('room.night')}
        isOn={night}
      />
      <Switch
        room={room}
        name="dialog"
        value={dialog !== true}
        icon="dialog"
        label={isNamed ? t('room.dialog_of', { room: name }) : t('room.dialog')}
        isOn={dialog}
      />
    </>
  );
}

function Modes({ lead }: { readonly lead: Room }) {
  const { actions, play_modes: modes } = lead.view;
  const allows = (word: string): boolean => actions?.includes(word) === true;
  if (modes === null || !['shuffle', 'repeat', 'repeat_one', 'crossfade'].some(allows)) return null;
  const { shuffle, repeat, crossfade } = modes;
  const allowsRepeat = allows('repeat') || allows('repeat_one');
  return (
    <section class="switches">
      <h3>{t('play.modes')}</h3>
      <Switch
        {...{ room: lead, name: 'shuffle', icon: 'shuffle', label: t('play.shuffle'), isOn: shuffle }}
        value={shuffle !== true}
        isAllowed={allows('shuffle')}
      />
      <Switch
        {...{ room: lead, name: 'repeat', icon: repeat === 'one' ? 'once' : 'repeat' }}
        label={t(`play.repeat_${repeat ?? 'off'}`)}
        isOn={repeat === 'all' || repeat === 'one'}
        value={repeatAfter(lead.view)}
        isAllowed={allowsRepeat}
      />
      <Switch
        {...{ room: lead, name: 'crossfade', icon: 'crossfade', label: t('play.crossfade') }}
        isOn={crossfade}
        value={crossfade !== true}
        isAllowed={allows('crossfade')}
      />
    </section>
  );
}

/** The TVs of a group, and every line-in of the house. */
function Sources({ group }: { readonly group: Group }) {
  const { lead, members } = group;
  const kind = lead.view.source?.kind;
  const everywhere = groupsOf(rooms.value).flatMap((each) => each.members);
  const tvs = members.filter(({ view }) => view.capabilities.includes('tv'));
  const inputs = everywhere.filter(({ view }) => view.capabilities.includes('line_in'));
  if (tvs.length + inputs.length === 0) return null;
  return (
    <section class="switches">
      <h3>{t('room.sources')}</h3>
      {tvs.map((room) => (
        <ActRow
          key={room.address}
          {...{ room, name: 'tv', icon: 'tv', label: t('room.tv', { room: room.view.name }) }}
          isOn={kind === 'tv'}
        />
      ))}
      {inputs.map((of) => (
        <ActRow
          key={of.address}
          {...{ room: lead, name: 'line_in', value: of.address, icon: 'line_in' }}
          label={t('room.line_in', { room: of.view.name })}
        />
      ))}
    </section>
  );
}

interface WayView {
  readonly kind: 'music' | 'rooms';
  readonly room: string;
  readonly icon: IconName;
  readonly label: string;
}

const Way = ({ kind, room, icon, label }: WayView) => (
  <button
    type="button"
    class="button"
    onClick={() => {
      sheet.value = { kind, room };
    }}
  >
    <Icon name={icon} />
    {label}
  </button>
);

/** Volume, play modes, sound and sources of a group: what is not needed every day. */
export function MoreSheet({ group }: { readonly group: Group }) {
  const { lead, members } = group;
  return (
    <Sheet title={lead.view.group?.name ?? lead.view.name}>
      <div class="found">
        <div class="ways">
          <Way kind="music" room={lead.address} icon="music" label={t('favorite.open')} />
          <Way kind="rooms" room={lead.address} icon="rooms" label={t('group.rooms')} />
        </div>
        <section class="switches">
          <h3>{t('room.volumes')}</h3>
          {members.map((room) => (
            <RoomVolume key={room.address} room={room} isNamed />
          ))}
        </section>
        <Modes lead={lead} />
        <Theaters members={members} />
        <Sources group={group} />
      </div>
    </Sheet>
  );
}

function Theaters({ members }: { readonly members: readonly Room[] }) {
  const theaters = members.filter(({ view }) => view.home_theater !== null);
  if (theaters.length === 0) return null;
  return (
    <section class="switches">
      <h3>{t('room.sound')}</h3>
      {theaters.map((room) => (
        <TheaterSwitches key={room.address} room={room} isNamed={members.length > 1} />
      ))}
    </section>
  );
}
