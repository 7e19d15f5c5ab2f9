import type { RoomView } from '../../api/messages.ts';
import { t } from '../words.ts';

interface RoomsProps {
  /** Address and state of those that can play clips. */
  readonly able: readonly (readonly [string, RoomView])[];
  readonly chosen: ReadonlySet<string>;
  readonly onChosen: (chosen: ReadonlySet<string>) => void;
  readonly error: string | null;
}

function Chip({ name, isOn, onTurn, note }: ChipProps) {
  return (
    <label class="say-chip">
      <input type="checkbox" checked={isOn} disabled={note !== undefined} onChange={onTurn} />
      <span>
        {name}
        {note !== undefined && <small> {note}</small>}
      </span>
    </label>
  );
}

interface ChipProps {
  readonly name: string;
  readonly isOn: boolean;
  readonly onTurn: () => void;
  readonly note?: string;
}

/** The rooms that are meant. */
export function RoomChips({ able, chosen, onChosen, error }: RoomsProps) {
  const there = able.filter(([, { online }]) => online);
  const isAll = there.length > 0 && there.every(([room]) => chosen.has(room));
  const turn = (room: string) => {
    const next = new Set(chosen);
    if (!next.delete(room)) next.add(room);
    onChosen(next);
  };
  return (
    <fieldset class="field" aria-describedby={error === null ? undefined : 'rooms-error'}>
      <legend>{t('say.where')}</legend>
      <div class="say-chips">
        {there.length > 1 && (
          <Chip
            name={t('say.all')}
            isOn={isAll}
            onTurn={() => onChosen(new Set(isAll ? [] : there.map(([room]) => room)))}
          />
        )}
        {able.map(([room, { name, online }]) => (
          <Chip
            key={room}
            name={name}
            isOn={online && chosen.has(room)}
            onTurn={() => turn(room)}
            {...(online ? {} : { note: t('say.offline') })}
          />
        ))}
      </div>
      {error !== null && (
        <p id="rooms-error" class="bad">
          {error}
        </p>
      )}
    </fieldset>
  );
}
