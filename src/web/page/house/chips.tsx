import { t } from '../words.ts';
import { dragged, take, wasDrag } from './dragging.ts';
import type { Group, Room } from './groups.ts';
import { sheet } from './sheet.tsx';

const MOST_CHIPS = 4;

function Chip({ room, lead }: { readonly room: Room; readonly lead: Room }) {
  const isDragged = dragged.value?.room.address === room.address;
  return (
    <button
      type="button"
      class="chip"
      data-dragged={isDragged}
      aria-haspopup="dialog"
      aria-label={t('group.change', { room: room.view.name })}
      title={t('group.drag')}
      onPointerDown={(event) => take(room, event)}
      onClick={() => {
        if (!wasDrag()) sheet.value = { kind: 'rooms', room: lead.address };
      }}
    >
      <bdi class="clip">{room.view.name}</bdi>
    </button>
  );
}

/** The rooms of a group: to be dragged to another one, or pressed to choose from a list. */
export function Chips({ group }: { readonly group: Group }) {
  const { lead, members } = group;
  const rest = members.length - MOST_CHIPS;
  return (
    <div class="chips">
      {members.slice(0, MOST_CHIPS).map((room) => (
        <Chip key={room.address} room={room} lead={lead} />
      ))}
      {rest > 0 && (
        <button
          type="button"
          class="chip"
          aria-haspopup="dialog"
          aria-label={t('group.more', { count: rest })}
          onClick={() => {
            sheet.value = { kind: 'rooms', room: lead.address };
          }}
        >
          +{rest}
        </button>
      )}
    </div>
  );
}
