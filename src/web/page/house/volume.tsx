import { useState } from 'preact/hooks';
import { Icon } from '../icons.tsx';
import { t } from '../words.ts';
import { act, doingOf, doings } from './act.ts';
import { ActButton, Mark } from './act-button.tsx';
import type { Group, Room } from './groups.ts';
import { useSlide } from './use-slide.ts';

interface Loudness {
  readonly room: Room;
  /** `volume` and `mute`, or those of the group. */
  readonly commands: readonly [string, string];
  readonly volume: number | null;
  readonly muted: boolean | null;
  readonly name: string;
}

function VolumeSlider({ room, commands, volume, muted, name }: Loudness) {
  const [command, muting] = commands;
  const { value, handlers } = useSlide({
    actual: volume,
    give: (wished) => act(room.address, room.view.name, command, wished),
  });
  return (
    <div class="volume" data-muted={muted === true}>
      <ActButton
        room={room}
        name={muting}
        value={muted !== true}
        icon={muted === true ? 'muted' : 'volume'}
        label={t('room.mute', { room: name })}
        isOn={muted}
        isAllowed={volume !== null}
      />
      <input
        type="range"
        class="slider"
        min={0}
        max={100}
        value={value ?? 0}
        disabled={value === null}
        aria-label={t('room.volume', { room: name })}
        aria-valuetext={value === null ? t('room.unknown') : `${value} %`}
        data-doing={doings.value[doingOf(room.address, command)]}
        style={{ '--part': String((value ?? 0) / 100) }}
        {...handlers}
      />
      <span class="amount" aria-hidden="true">
        {value ?? '–'}
      </span>
      <Mark room={room.address} name={command} />
    </div>
  );
}

/** The volume of one room; said instead of offered when it cannot be set. */
export function RoomVolume({ room, isNamed = false }: { readonly room: Room; readonly isNamed?: boolean }) {
  const { name, volume, muted, fixed, volume_limit: limit } = room.view;
  return (
    <div class="room-volume">
      {isNamed && (
        <span class="whose">
          <bdi class="clip">{name}</bdi>
          {limit !== null && limit < 100 && <small>{t('room.limit', { limit })}</small>}
        </span>
      )}
      {fixed === true ? (
        <p class="fixed faint">
          <Icon name="volume" /> {t('room.fixed')}
        </p>
      ) : (
        <VolumeSlider {...{ room, volume, muted, name }} commands={['volume', 'mute']} />
      )}
    </div>
  );
}

/** The volume of all that plays together, and on demand of every room of it. */
export function GroupVolume({ group }: { readonly group: Group }) {
  const [isOpen, setOpen] = useState(false);
  const { lead, members } = group;
  if (members.length === 1) return <RoomVolume room={lead} />;
  const { volume = null, muted = null, name = lead.view.name } = lead.view.group ?? {};
  return (
    <div class="volumes">
      <div class="together">
        <VolumeSlider room={lead} commands={['group_volume', 'group_mute']} {...{ volume, muted, name }} />
        <button
          type="button"
          class="tool small"
          aria-expanded={isOpen}
          aria-label={t('room.each_volume')}
          title={t('room.each_volume')}
          onClick={() => setOpen(!isOpen)}
        >
          <Icon name="down" />
        </button>
      </div>
      {isOpen && (
        <div class="each">
          {members.map((room) => (
            <RoomVolume key={room.address} room={room} isNamed />
          ))}
        </div>
      )}
    </div>
  );
}
