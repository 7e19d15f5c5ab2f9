/** What can become of an announcement in a room, as the contract names it (§6), in the order of its life. */
export const ANNOUNCEMENT_STATUSES = [
  'queued',
  'sent',
  'playing',
  'done',
  'interrupted',
  'dismissed',
  'failed',
  'expired',
  'cancelled',
] as const;
