import type { BondedSpec, PlayerModel } from './model.ts';

const BASE = ['PLAYBACK', 'CLOUD', 'AIRPLAY', 'AUDIO_CLIP'];
const THEATER = [
  'PLAYBACK',
  'CLOUD',
  'HT_PLAYBACK',
  'HT_POWER_STATE',
  'AIRPLAY',
  'AUDIO_CLIP',
  'VOICE',
  'HDMI',
  'IR_CONTROL',
];

/** The speakers the simulated house knows, with the capabilities that recordings of such players show. */
export const PLAYER_MODELS: ReadonlyMap<string, PlayerModel> = new Map([
  ['one', { model: 'S13', displayName: 'One', capabilities: [...BASE, 'VOICE'] }],
  ['one-sl', { model: 'S22', displayName: 'One SL', capabilities: BASE }],
  ['move', { model: 'S17', displayName: 'Move', capabilities: [...BASE, 'VOICE', 'SVC'] }],
  ['arc', { model: 'S19', displayName: 'Arc', capabilities: THEATER }],
  ['beam', { model: 'S14', displayName: 'Beam', capabilities: THEATER }],
  [
    'amp',
    {
      model: 'S16',
      displayName: 'Amp',
      capabilities: [
        ...BASE,
        'HT_PLAYBACK',
        'HT_POWER_STATE',
        'LINE_IN',
        'FIXED_VOLUME',
        'HDMI',
        'IR_CONTROL',
      ],
    },
  ],
  ['port', { model: 'S23', displayName: 'Port', capabilities: [...BASE, 'LINE_IN', 'FIXED_VOLUME'] }],
  ['five', { model: 'S24', displayName: 'Five', capabilities: [...BASE, 'LINE_IN'] }],
  ['sub', { model: 'S36', displayName: 'Sub', capabilities: BASE }],
  [
    'play-1-s1',
    { model: 'S12', displayName: 'Play:1', capabilities: ['PLAYBACK', 'CLOUD'], lacks: ['settings'] },
  ],
]);

/** What makes a soundbar a home theatre. */
export const SURROUNDS_AND_SUB: readonly BondedSpec[] = [
  { model: 'one-sl', channels: ['LR'] },
  { model: 'one-sl', channels: ['RR'] },
  { model: 'sub', channels: ['SW'] },
];
