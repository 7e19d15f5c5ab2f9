/** The `device_class` values that Home Assistant knows, by platform; others are refused with the whole entity. */
export const DEVICE_CLASSES = {
  binary_sensor: [
    ...['battery', 'battery_charging', 'carbon_monoxide', 'cold', 'connectivity', 'door', 'garage_door'],
    ...['gas', 'heat', 'light', 'lock', 'moisture', 'motion', 'moving', 'occupancy', 'opening', 'plug'],
    ...['power', 'presence', 'problem', 'running', 'safety', 'smoke', 'sound', 'tamper', 'update'],
    ...['vibration', 'window'],
  ],
  button: ['identify', 'restart', 'update'],
  event: ['button', 'doorbell', 'motion'],
  /** Numbers and sensors share those of measurements. */
  number: [
    ...['battery', 'data_rate', 'data_size', 'duration', 'frequency', 'humidity', 'illuminance', 'power'],
    ...['power_factor', 'signal_strength', 'sound_pressure', 'speed', 'temperature', 'voltage'],
  ],
  sensor: [
    ...[
      'battery',
      'data_rate',
      'data_size',
      'date',
      'duration',
      'enum',
      'frequency',
      'humidity',
      'illuminance',
    ],
    ...['power', 'power_factor', 'signal_strength', 'sound_pressure', 'speed', 'temperature', 'timestamp'],
    'voltage',
  ],
  switch: ['outlet', 'switch'],
} as const;

/** What a sensor measures in; of other classes it is not checked. */
export const UNITS: Readonly<Record<string, readonly string[]>> = {
  battery: ['%'],
  duration: ['d', 'h', 'min', 's', 'ms', 'µs', 'μs'],
  signal_strength: ['dB', 'dBm'],
  sound_pressure: ['dB', 'dBA'],
};

/** Sensors of these classes say something that is no measurement. */
export const NOT_MEASURED = ['date', 'enum', 'timestamp'];

/** The platforms that MQTT discovery has. There is no media player among them. */
export const SUPPORTED = [
  ...['alarm_control_panel', 'binary_sensor', 'button', 'camera', 'climate', 'cover', 'date', 'datetime'],
  ...['device_automation', 'device_tracker', 'event', 'fan', 'humidifier', 'image', 'infrared', 'lawn_mower'],
  ...['light', 'lock', 'notify', 'number', 'scene', 'select', 'sensor', 'siren', 'switch', 'tag', 'text'],
  ...['time', 'update', 'vacuum', 'valve', 'water_heater'],
];
