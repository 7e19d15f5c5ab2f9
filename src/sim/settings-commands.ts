import type { Household } from './household.ts';
import { isCapable, type Player, type PlayerSettings } from './player.ts';
import { invalidParameter, type Refusal } from './refusal.ts';

/** Some of a home theatre's options; what is missing stays as it is. */
export interface TheaterOptions {
  readonly nightMode?: boolean | undefined;
  readonly enhanceDialog?: boolean | undefined;
}

/** Changes a home theatre's options. No event tells of it. */
export function setTheaterOptions({ theater }: Player, wanted: TheaterOptions): void {
  theater.nightMode = wanted.nightMode ?? theater.nightMode;
  theater.enhanceDialog = wanted.enhanceDialog ?? theater.enhanceDialog;
}

/** What is wanted of a player's settings; what is missing stays as it is. */
export type WantedSettings = { readonly [Key in keyof PlayerSettings]?: PlayerSettings[Key] | undefined };

/** Changes a player's settings. No event tells of it but that of the volume, when that becomes fixed or is no longer. */
export function setPlayerSettings(home: Household, player: Player, wanted: WantedSettings): Refusal | null {
  const { settings } = player;
  const mode = wanted.volumeMode ?? settings.volumeMode;
  if (mode !== 'VARIABLE' && !isCapable(player, 'FIXED_VOLUME'))
    return invalidParameter('Invalid value:[1].volumeMode');
  settings.volumeMode = mode;
  settings.volumeScalingFactor = wanted.volumeScalingFactor ?? settings.volumeScalingFactor;
  settings.monoMode = wanted.monoMode ?? settings.monoMode;
  settings.wifiDisable = wanted.wifiDisable ?? settings.wifiDisable;
  // What passes through has volumes as before, for an amplifier to follow.
  if (player.fixed === (mode === 'FIXED')) return null;
  player.fixed = mode === 'FIXED';
  if (player.fixed) player.volume = 100;
  home.voice.volume(player);
  return null;
}
