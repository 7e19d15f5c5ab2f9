import { Icon, type IconName } from '../icons.tsx';
import { act, doingOf, doings, lastUsed } from './act.ts';
import type { Room } from './groups.ts';

interface Given {
  readonly room: Room;
  readonly name: string;
  readonly value?: unknown;
  readonly icon: IconName;
  readonly label: string;
  /** Whether what it switches is on; absent when it switches nothing. */
  readonly isOn?: boolean | null;
  readonly isAllowed?: boolean;
  readonly look?: string;
}

/** How the last command of a control went: a tick, a sign of warning, or nothing. */
export function Mark({ room, name }: { readonly room: string; readonly name: string }) {
  const doing = doings.value[doingOf(room, name)];
  if (doing === undefined || doing === 'sending') return null;
  return (
    <span class={`mark ${doing}`}>
      <Icon name={doing === 'confirmed' ? 'tick' : 'warning'} />
    </span>
  );
}

/** The focus goes on with a control whose card has moved, and which was made anew there. */
const keepFocus = (key: string) => (button: HTMLButtonElement | null) => {
  if (button !== null && lastUsed === key && document.activeElement === document.body) button.focus();
};

/** A round button that gives a command. What it shows is what the house says, never what was wished. */
export function ActButton({ room, name, value, icon, label, isOn, isAllowed = true, look = '' }: Given) {
  const key = doingOf(room.address, name);
  return (
    <button
      type="button"
      ref={keepFocus(key)}
      class={`tool ${look}`}
      aria-label={label}
      title={label}
      aria-pressed={isOn === undefined ? undefined : isOn === true}
      aria-disabled={isAllowed ? undefined : true}
      data-doing={doings.value[key]}
      onClick={() => isAllowed && void act(room.address, room.view.name, name, value)}
    >
      <Icon name={icon} />
      <Mark room={room.address} name={name} />
    </button>
  );
}

/** A row that switches something on and off. */
export function Switch({ room, name, value, icon, label, isOn, isAllowed = true }: Given) {
  const key = doingOf(room.address, name);
  return (
    <button
      type="button"
      role="switch"
      class="switch"
      aria-checked={isOn === true}
      aria-disabled={isAllowed ? undefined : true}
      data-doing={doings.value[key]}
      onClick={() => isAllowed && void act(room.address, room.view.name, name, value)}
    >
      <Icon name={icon} />
      <span class="words">
        <bdi>{label}</bdi>
      </span>
      <Mark room={room.address} name={name} />
      <span class="knob" />
    </button>
  );
}

/** A row that gives a command, with its name in words. */
export function ActRow({ room, name, value, icon, label, isOn }: Given) {
  return (
    <button
      type="button"
      class="switch"
      aria-pressed={isOn === undefined ? undefined : isOn === true}
      data-doing={doings.value[doingOf(room.address, name)]}
      onClick={() => void act(room.address, room.view.name, name, value)}
    >
      <Icon name={icon} />
      <span class="words">
        <bdi>{label}</bdi>
      </span>
      <Mark room={room.address} name={name} />
    </button>
  );
}
