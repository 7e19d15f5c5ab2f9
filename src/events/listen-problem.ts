/** Why the public listener cannot start. */
export interface ListenProblem {
  readonly reason: 'port_in_use' | 'port_not_allowed' | 'no_such_address' | 'failed';
  /** What was seen and what to do, for people. */
  readonly message: string;
}

/** What an error of `listen` means. */
export function listenProblemOf(error: NodeJS.ErrnoException, host: string, port: number): ListenProblem {
  const where = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        reason: 'port_in_use',
        message: `Another program listens at ${where} already. Stop it, or set callback.port to a free port and tell your reverse proxy.`,
      };
    case 'EACCES':
      return {
        reason: 'port_not_allowed',
        message: `This user may not listen at ${where}; ports below 1024 often need more rights. Set callback.port to a higher one, such as 8787, and let your reverse proxy forward to it.`,
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        reason: 'no_such_address',
        message: `This machine has no address ${host}. Set callback.host to one that it has, or to 0.0.0.0 for all of them.`,
      };
    default:
      return {
        reason: 'failed',
        message: `The public listener could not start at ${where} (${error.code ?? error.message}). Look at callback.host and callback.port.`,
      };
  }
}
