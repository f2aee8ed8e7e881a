/** What the process owner does to a running server, and what user code does to the process. */
export interface ProcessEvents {
  /** The first SIGINT or SIGTERM: finish what is in flight, then resolve. */
  stop(signal: NodeJS.Signals): Promise<void>
  /** An exception or a rejection that nobody caught. */
  report(error: unknown, origin: 'uncaughtException' | 'unhandledRejection'): void
}

const SIGNAL_NUMBERS = { SIGINT: 2, SIGTERM: 15 } as const

/**
 * The first signal ends the server with grace and exit code 0; a second one ends the process at
 * once, with 128 and the signal's number as shells have it.
 *
 * An exception that nobody caught is reported and the process lives on. It comes from code that a
 * `--use` module left running (a timer, a forgotten promise): the server's own state is not part
 * of it, and ending would cut every other client off.
 */
export function watchProcess({ stop, report }: ProcessEvents): void {
  let isStopping = false
  const onSignal = (signal: 'SIGINT' | 'SIGTERM'): void => {
    if (isStopping) process.exit(128 + SIGNAL_NUMBERS[signal])
    isStopping = true
    stop(signal).then(
      () => process.exit(0),
      (error: unknown) => {
        report(error, 'unhandledRejection')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  process.on('uncaughtException', (error) => report(error, 'uncaughtException'))
  process.on('unhandledRejection', (reason) => report(reason, 'unhandledRejection'))
}
