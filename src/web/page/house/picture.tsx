import { useState } from 'preact/hooks';
import { Icon, type IconName } from '../icons.tsx';
import { hueOf } from './what-plays.ts';

interface Shown {
  /** Where the picture is; null when there is none. */
  readonly image: string | null;
  /** What gives a missing picture its colour. */
  readonly name: string;
  readonly icon: IconName;
}

/** The picture of what plays, or a quiet one of our own. It says nothing that is not in words beside it. */
export function Picture({ image, name, icon }: Shown) {
  const [missing, setMissing] = useState<string | null>(null);
  if (image !== null && image !== missing) {
    return (
      <span class="picture">
        <img src={image} alt="" decoding="async" draggable={false} onError={() => setMissing(image)} />
      </span>
    );
  }
  return (
    <span class="picture painted" style={{ '--hue': String(hueOf(name)) }}>
      <Icon name={icon} />
    </span>
  );
}
